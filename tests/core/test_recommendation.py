"""Republish, keep or not enough evidence: golden cases, and what never happens."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivar.core.retraining.actions import ACTIONS, KEEP, NOT_ENOUGH, REPUBLISH
from cultivar.core.retraining.paired import Paired, mcnemar
from cultivar.core.retraining.recommendation import Recommendation, recommended

FEEDBACK, ORIGINAL = "items with feedback", "original items"
Flips = tuple[int, int, int, int]
SAME: Flips = (0, 0, 0, 0)


def a_set(flips: Flips, items: int = 100) -> Paired:
    """Build a set of which two fifths are rightly and a tenth wrongly labelled by both versions."""
    found, lost, spoiled, cleared = flips
    relevant = items // 2 + found + lost
    return Paired(items, relevant, items * 2 // 5, items // 10, found, lost, spoiled, cleared)


def judged(feedback: Paired, original: Paired) -> Recommendation:
    sets = {FEEDBACK: feedback, ORIGINAL: original}
    rights = (
        sum(paired.retrained_right for paired in sets.values()),
        sum(paired.published_right for paired in sets.values()),
    )
    return recommended(sets, mcnemar(*rights))


flips = st.tuples(*[st.integers(0, 12)] * 4)
sizes = st.sampled_from([100, 200, 1000])


@pytest.mark.requirement("RT-29", "RT-37")
def test_no_difference_is_not_enough_evidence() -> None:
    found = judged(a_set(SAME), a_set(SAME))
    assert (found.decision, found.action) == (NOT_ENOUGH, "provide more feedback")
    assert found.reasons == (
        "The retrained version is not better on both sets by more than chance.",
        "The two versions label the same items.",
        "Give at least 30 more items feedback.",
    )


@pytest.mark.requirement("RT-37")
def test_a_gain_counts_where_it_is_more_than_chance_on_both_sets() -> None:
    win, chance = (0, 0, 0, 7), (0, 0, 0, 6)
    assert judged(a_set(win), a_set(chance)).decision == NOT_ENOUGH
    assert judged(a_set(chance), a_set(win)).decision == NOT_ENOUGH
    found = judged(a_set(win, 30), a_set(win))
    assert found.decision == REPUBLISH
    assert found.reasons[0] == (
        "On the items with feedback, the retrained version is right on 7 more of 30 (+23.3 points)."
    )


@pytest.mark.requirement("RT-37")
def test_a_loss_beyond_chance_keeps_and_a_smaller_one_is_a_doubt() -> None:
    better = a_set((0, 0, 0, 12))
    assert judged(better, a_set((0, 0, 7, 0))).decision == KEEP
    found = judged(better, a_set((0, 2, 0, 0)))
    assert found.decision == NOT_ENOUGH
    assert "right on 2 fewer" in found.reasons[0]


@pytest.mark.requirement("RT-37")
def test_one_relevant_item_lost_is_named_and_two_leave_it_open() -> None:
    found = judged(a_set((0, 1, 0, 14)), a_set((0, 0, 0, 7)))
    assert found.decision == REPUBLISH
    said = "recall falls from 80.4% to 78.4% (-2.0 points), no more than one item's worth (p = 0.5)"
    assert said in found.reasons[2]
    found = judged(a_set((0, 2, 0, 14)), a_set((0, 0, 0, 7)))
    assert found.decision == NOT_ENOUGH
    assert "(-3.8 points), more than one item's worth (p = 0.25)" in found.reasons[0]


@pytest.mark.requirement("RT-37")
def test_a_set_without_relevant_items_cannot_show_that_recall_holds() -> None:
    """Whoever labels less wins among items none of which is relevant."""
    found = judged(Paired(30, 0, 0, 23, 0, 0, 0, 7), a_set(SAME, 200))
    assert mcnemar(7, 0).p_value < 0.025
    assert found.decision == NOT_ENOUGH
    assert found.reasons[0] == (
        "None of the 30 items with feedback is relevant: whether recall falls is not known."
    )


@pytest.mark.requirement("RT-37")
@given(flips, flips, sizes)
def test_what_loses_more_than_a_point_is_never_republished(
    one: Flips, other: Flips, size: int
) -> None:
    sets = a_set(one, size), a_set(other, size)
    found = judged(*sets)
    if min(paired.gain for paired in sets) < -0.01 - 1e-6:
        assert found.decision != REPUBLISH
    assert found.action == ACTIONS[found.decision]
    assert found.reasons


@pytest.mark.requirement("RT-37")
@pytest.mark.parametrize("differing", [10, 40])
def test_a_version_that_is_no_better_is_hardly_ever_recommended(differing: int) -> None:
    generator = np.random.default_rng(differing)
    republished = 0
    for _ in range(200):
        drawn = generator.multinomial(differing, [0.25] * 4, 2).tolist()
        sets = [
            a_set((found, lost, spoiled, cleared), 400) for found, lost, spoiled, cleared in drawn
        ]
        republished += judged(*sets).decision == REPUBLISH
    assert republished <= 5
