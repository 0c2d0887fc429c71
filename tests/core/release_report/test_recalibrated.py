"""What probabilities and the verdicts on a release sample say of the labels in content."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.release_samples import (
    FIGURES,
    HELD_AT_LEAST,
    Organisation,
    outcomes,
    simulated,
    truth,
)
from cultivar.core.operating_points import BALANCED
from cultivar.core.release_report.by_score import NAMES, bounds_of, places_of, sizes_of
from cultivar.core.release_report.grades import INFERRED, MEASURED, NOT_EVALUATED
from cultivar.core.release_report.planning import Plan
from cultivar.core.release_report.recalibrated import ScoredSample, recalibrated_figures
from cultivar.core.release_report.report import report_by_score

PLACE = simulated(0.03, np.random.default_rng(1))
THRESHOLD = PLACE.thresholds[BALANCED]


def reviewed(place: Organisation = PLACE, verdicts: bool = True) -> tuple[ScoredSample, Plan]:
    """Return an organisation's scored sample, with the verdicts of the plan or without any."""
    generator = np.random.default_rng(2)
    strata = places_of(place.scores, bounds_of(place.scores, THRESHOLD))
    sizes = sizes_of(np.bincount(strata, minlength=len(NAMES)).tolist())
    judged = np.zeros(len(strata), bool)
    for stratum, size in enumerate(sizes.values()):
        judged[generator.permutation(np.flatnonzero(strata == stratum))[: size * verdicts]] = True
    found = ScoredSample(len(strata), place.scores, strata, judged, judged & place.relevant)
    return found, Plan(sizes, 0.0)


def test_at_most_150_verdicts_go_to_strata_that_follow_the_score() -> None:
    strata = places_of(PLACE.scores, bounds_of(PLACE.scores, THRESHOLD))
    assert ((strata == 0) == (PLACE.scores >= THRESHOLD)).all()
    assert (np.diff(strata[np.argsort(-PLACE.scores)]) >= 0).all()
    below = PLACE.scores * (strata > 0)
    assert below[strata == 1].sum() / below.sum() == pytest.approx(0.6, abs=0.02)
    assert sizes_of([1_000] * 4) == dict(zip(NAMES, (45, 60, 33, 12), strict=True))
    assert list(sizes_of([10, 1_000, 20, 1_000]).values()) == [10, 108, 20, 12]
    assert list(sizes_of([3, 0, 0, 50]).values()) == [3, 0, 0, 50]


def test_where_nothing_is_left_below_the_threshold_there_are_strata_all_the_same() -> None:
    assert bounds_of(np.array([0.9, 0.8]), 0.5) == (0.5, 0.0, 0.0)


def test_verdicts_narrow_what_probabilities_leave_open() -> None:
    known = truth(PLACE, THRESHOLD)
    before, after = (
        recalibrated_figures(reviewed(verdicts=each)[0], THRESHOLD) for each in (False, True)
    )
    for name in ("precision", "recall"):
        assert before.figures[name].contains(known[name])
        assert after.figures[name].contains(known[name])
        widths = [each.figures[name].upper - each.figures[name].lower for each in (before, after)]
        assert widths[1] < 0.7 * widths[0]
    assert recalibrated_figures(reviewed()[0], THRESHOLD) == after


def test_probabilities_that_are_wrong_are_found_out() -> None:
    odds = np.log(PLACE.scores / (1 - PLACE.scores)) + 4.0
    wrong = replace(PLACE, scores=1 / (1 + np.exp(-odds)))
    sample, _ = reviewed()
    right = recalibrated_figures(sample, THRESHOLD)
    off = recalibrated_figures(reviewed(wrong)[0], THRESHOLD)
    assert right.calibration_error.upper < off.calibration_error.lower
    assert right.brier.estimate < right.brier_of_share
    assert right.brier.upper < off.brier.estimate


def test_a_report_is_inferred_until_the_verdicts_of_the_plan_are_in() -> None:
    sample, plan = reviewed()
    open_ones = replace(sample, judged=sample.judged & (sample.stratum == 0))
    before, partly, after = (
        report_by_score(each, THRESHOLD, NAMES, plan)
        for each in (reviewed(verdicts=False)[0], open_ones, sample)
    )
    assert (before.grade, partly.grade, after.grade) == (INFERRED, INFERRED, MEASURED)
    grades = {each.name: each.grade for each in partly.stated}
    assert (grades["precision"], grades["recall"]) == (MEASURED, INFERRED)
    assert grades["elusion"] == NOT_EVALUATED
    assert sum(gap.reviews or 0 for gap in before.missing) == plan.total == 150
    assert (partly.calibration, before.calibration) == (None, None)
    assert after.calibration is not None
    assert after.calibration.sentence.startswith("By 150 judged items the probabilities shown are")
    assert set(after.inferred) >= {"precision", "recall"}


def test_without_a_match_there_is_no_precision_and_without_a_score_nothing() -> None:
    sample, plan = reviewed(verdicts=False)
    none = report_by_score(sample, 1.5, NAMES, plan)
    assert none.figure("precision") is None
    assert none.missing[0].figures == ("precision",)
    empty = np.zeros(0)
    nothing = ScoredSample(10, empty, empty.astype(int), empty.astype(bool), empty.astype(bool))
    assert report_by_score(nothing, 0.5, NAMES, plan).grade == NOT_EVALUATED


@pytest.mark.slow
def test_intervals_hold_the_truth_where_one_in_a_hundred_is_relevant() -> None:
    generator = np.random.default_rng(4)
    places = [simulated(0.01, generator) for _ in range(60)]
    found = [each for place in places for each in outcomes("", place, generator, 10_000)]
    for name in FIGURES:
        assert np.mean([each.held for each in found if each.figure == name]) >= HELD_AT_LEAST


def test_a_small_simulation_holds_most_of_the_truth_within_ten_points() -> None:
    generator = np.random.default_rng(3)
    found = [
        each
        for _ in range(8)
        for each in outcomes("", simulated(0.03, generator), generator, 5_000)
        if each.figure != "mislabelled"
    ]
    assert np.mean([each.held for each in found]) >= 0.85
    assert np.median([each.width for each in found]) <= 0.2
    assert max(each.judged for each in found) <= 150
