"""What a store sweep removes, and that whatever could be asked before is answered as before."""

from datetime import timedelta

import pytest

from cultivar.operations.artifacts.needs import Need
from cultivar.operations.artifacts.sweeping import plan_sweep, sweep_store
from cultivar.operations.artifacts.usage import store_usage
from cultivar.operations.audit.audit import Wanted, audit_entries
from cultivar.operations.audit.verification import verify, verify_everything
from cultivar.operations.retraining.candidates import texts_of
from tests.operations.artifacts.nights import DAY, Nights, answers
from tests.operations.mail import later
from tests.operations.organisation import ADMINISTRATOR, Organisation

GRACE = timedelta(days=15)


@pytest.mark.requirement("PRIV-7")
def test_twenty_nights_are_answered_for_after_a_sweep_as_before_it(used: Organisation) -> None:
    nights = Nights(used)
    nights.begin(contracts=80, others=60)
    for night in range(1, 21):
        nights.pass_to_next()
        nights.happens(night)
    nights.organisation = later(nights.organisation, timedelta(hours=2))
    workspace = nights.workspace
    assert sweep_store(workspace, ADMINISTRATOR).total.files == 0
    nights.organisation = later(nights.organisation, GRACE)
    items = sorted(nights.touched)[::4] + sorted(nights.ever - nights.touched)[:2]
    moments = nights.moments[::5]
    before = answers(nights, items, moments)
    assert any(value == "unknown-item" for value in before.values())
    size = _size(nights)

    swept = sweep_store(nights.workspace, ADMINISTRATOR)

    assert swept.removed["items"].files >= 18
    after = answers(nights, items, moments)
    assert [key for key in before if before[key] != after[key]] == []
    verify_everything(nights.workspace, ADMINISTRATOR).require()
    assert verify(nights.workspace, ADMINISTRATOR, "contracts").identical
    usage = store_usage(nights.workspace, ADMINISTRATOR)
    print(size, _size(nights), {need: usage.of(need) for need in Need})
    for kind in usage.kinds: print(kind)


def _size(nights: Nights) -> int:
    return sum(file.size for file in nights.workspace.artifacts.files.listed())
