"""Accuracy, its interval, and the stability rule."""

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binomtest

from cultivar.core.limits import Thresholds
from cultivar.core.review.accuracy import (
    BatchCounts,
    accuracy_by_batch,
    accuracy_in_words,
    movement,
    stability,
    wilson_interval,
)


@st.composite
def batch(draw: st.DrawFn) -> BatchCounts:
    presented = draw(st.integers(1, 30))
    decided = draw(st.integers(0, presented))
    return BatchCounts(presented, decided, draw(st.integers(0, decided)))


def asking(target: float) -> Thresholds:
    """The defaults with another target."""
    return Thresholds(accuracy_target=target)


def batches(*agreed: int, presented: int = 30, unsure: int = 0) -> list[BatchCounts]:
    return [BatchCounts(presented, presented - unsure, each) for each in agreed]


@given(st.integers(1, 5000), st.data())
def test_the_interval_is_wilsons_and_holds_the_share(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    lower, upper = wilson_interval(successes, trials)
    expected = binomtest(successes, trials).proportion_ci(0.95, method="wilson")
    assert (lower, upper) == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert 0 <= lower <= successes / trials <= upper <= 1


def test_without_trials_the_interval_says_nothing() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)


@given(st.lists(batch(), max_size=40))
def test_each_point_counts_all_batches_up_to_it(found: list[BatchCounts]) -> None:
    points = accuracy_by_batch(found)
    assert [point.batch for point in points] == list(range(1, len(found) + 1))
    for number, point in enumerate(points, start=1):
        assert point.decided == sum(each.decided for each in found[:number])
        assert point.agreed == sum(each.agreed for each in found[:number])
        assert point.lower <= point.accuracy <= point.upper or not point.decided


@given(st.lists(batch(), max_size=40), st.floats(0.5, 0.99))
def test_stable_means_exactly_the_three_conditions(found: list[BatchCounts], target: float) -> None:
    points = accuracy_by_batch(found)
    expected = (
        len(points) >= 3
        and points[-1].decided >= 200
        and points[-1].assured >= target
        and movement(points) <= 0.02 + 1e-12
    )
    assume(not points or abs(points[-1].assured - target) > 1e-9)
    verdict = stability(found, asking(target))
    assert verdict.stable is expected
    assert verdict.stable is not bool(verdict.reasons)
    assert (verdict.reviews_left == 0) is verdict.stable


@pytest.mark.requirement("TC-55")
def test_199_decided_reviews_are_too_few_and_200_are_enough() -> None:
    most = [*batches(30, 30, 30, 30, 30, 30)]
    too_few = stability([*most, BatchCounts(20, 19, 19)], asking(0.8))
    assert [reason.code for reason in too_few.reasons] == ["too-few-reviews"]
    assert "199" in too_few.reasons[0].sentence
    assert stability([*most, BatchCounts(20, 20, 20)], asking(0.8)).stable


@pytest.mark.requirement("TC-53")
def test_not_sure_fills_a_batch_but_decides_nothing() -> None:
    verdict = stability(batches(*[24] * 8, unsure=6), asking(0.8))
    assert [reason.code for reason in verdict.reasons] == ["too-few-reviews"]
    assert accuracy_by_batch(batches(24, unsure=6))[0].accuracy == 1.0


@pytest.mark.requirement("TC-56")
def test_a_noisy_sequence_is_not_stable_and_a_flat_one_is() -> None:
    noisy = stability(batches(30, 30, 30, 30, 30, 10, 30, 12), asking(0.5))
    assert "accuracy-moving" in [reason.code for reason in noisy.reasons]
    assert stability(batches(*[28] * 8), asking(0.8)).stable


def test_a_lower_bound_under_the_target_is_not_stable() -> None:
    verdict = stability(batches(*[25] * 8), asking(0.80))
    assert [reason.code for reason in verdict.reasons] == ["accuracy-below-target"]
    assert verdict.reasons[0].sentence == (
        "Accuracy is 83 %, at least 76 %; at least 80 % is needed."
    )


@pytest.mark.parametrize(
    ("accuracy", "assured", "said"),
    [
        (0.966, 0.9199, "97 %, at least 91 %"),
        (0.9999, 0.80, "99 %, at least 80 %"),
        (1.0, 0.29, "100 %, at least 29 %"),
        (0.0, 0.0, "0 %, at least 0 %"),
    ],
)
def test_accuracy_in_words_says_no_more_than_is_known(
    accuracy: float, assured: float, said: str
) -> None:
    assert accuracy_in_words(accuracy, assured) == said


def test_one_batch_and_one_verdict_are_worded_as_one() -> None:
    said = " ".join(reason.sentence for reason in stability(batches(1), asking(0.80)).reasons)
    assert "1 batch is complete" in said
    assert "30 predictions are decided" in said
    one = [BatchCounts(presented=30, decided=1, agreed=1)]
    assert stability(one, asking(0.80)).reasons[0].sentence.startswith("1 prediction is decided")


def test_what_decides_lies_below_the_interval_that_is_shown() -> None:
    for agreed in (20, 24, 27, 30):
        for point in accuracy_by_batch(batches(*[agreed] * 40)):
            assert point.assured < point.lower


def test_the_estimate_is_reached_when_the_reviewer_goes_on_at_the_same_rate() -> None:
    found = batches(27, 27, 27)
    left = stability(found, asking(0.8)).reviews_left
    assert left is not None
    further = batches(*[27] * (left // 30))
    assert stability([*found, *further], asking(0.8)).stable
    assert not stability([*found, *further[:-1]], asking(0.8)).stable


def test_no_number_of_reviews_makes_a_bad_classifier_stable() -> None:
    assert stability(batches(*[20] * 8), asking(0.8)).reviews_left is None


@given(st.lists(batch(), max_size=20))
def test_movement_is_the_spread_of_the_last_three_points(found: list[BatchCounts]) -> None:
    points = accuracy_by_batch(found)
    last = [point.accuracy for point in points][-3:]
    steps = [abs(one - other) for one, other in pairwise(last)]
    assert movement(points) >= max(steps, default=0.0) - 1e-12
