"""Which gate goes by which threshold, and that a result is good only for what it was judged by."""

from dataclasses import fields, replace

import pytest

import expectations
from cultivar.core.limits import DEFAULTS, Thresholds
from expectations.guarding import GUARDS, asked_of
from tests.expectations.tables import facts_of, good

NAMES = [each.name for each in fields(Thresholds)]
_OTHER = {"movement_at_most": 0.03, "accuracy_target": 0.9}


def _changed(name: str) -> Thresholds:
    value = getattr(DEFAULTS, name)
    return replace(DEFAULTS, **{name: _OTHER.get(name, value / 2)})


def test_every_gate_says_what_it_guards() -> None:
    assert list(GUARDS) == list(expectations.SUITES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("gate", sorted(expectations.SUITES))
def test_a_gate_changes_with_exactly_the_thresholds_that_it_names(gate: str, name: str) -> None:
    if name == "test_items_recommended":
        # it is advice: it stands in a sentence, and decides nothing
        assert asked_of(gate, _changed(name)) == asked_of(gate, DEFAULTS) or gate == "test_set"
        return
    before, after = asked_of(gate, DEFAULTS), asked_of(gate, replace(_changed(name)))
    assert (before != after) == (name in GUARDS[gate].thresholds)


def test_a_threshold_decides_and_stands_in_the_result() -> None:
    table = good("seed_set")
    used = sum(table.column("used").to_pylist())
    wanted = Thresholds(seeds_at_least=used + 1)
    result = expectations.evaluate("seed_set", table, wanted, **facts_of("seed_set"))
    (failed,) = result.blocking()
    assert failed.code == "too-few-seeds"
    assert failed.expected == f"at least {used + 1}"
    assert str(used + 1) in failed.sentence


def test_a_result_is_good_only_for_the_thresholds_that_it_was_judged_by() -> None:
    result = expectations.evaluate("seed_set", good("seed_set"), **facts_of("seed_set"))
    assert expectations.still_asks(result, DEFAULTS)
    assert not expectations.still_asks(result, Thresholds(seeds_at_least=51))
    assert not expectations.still_asks(result, Thresholds(plausible_times_at_least=0.5))
    assert expectations.still_asks(result, Thresholds(reviews_at_least=500))
