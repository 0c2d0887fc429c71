"""Publishing at the end of a lifecycle that only operations drive."""

import pytest

from cultivar.operations.publishing import publish
from tests.operations.organisation import ADMINISTRATOR, Organisation


@pytest.mark.requirement("TC-56", "TC-57")
def test_a_stable_classifier_becomes_ready_to_use_and_is_published(
    reviewable: Organisation,
) -> None:
    for _ in range(7):
        reviewable.review_batch("contracts")
        status = reviewable.learn("contracts")
    assert status == "Ready to use"
    done = publish(reviewable.workspace, ADMINISTRATOR, "contracts")
    assert (done.number, done.actor) == (1, ADMINISTRATOR)
    assert done.evidence["decided"] == 210
