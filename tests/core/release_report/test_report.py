"""The report: the best grade of each figure, and what is not evaluated and what settles it."""

import json
from dataclasses import replace

import pytest

from cultivar.core.release_report.expected import expected_in_words, known_figures, wrong_in_words
from cultivar.core.release_report.grades import (
    INFERRED,
    MEASURED,
    NOT_EVALUATED,
    GradedFigure,
    graded_from,
    poorly_known,
)
from cultivar.core.release_report.inferred import InferredEvidence
from cultivar.core.release_report.measured import Stratum
from cultivar.core.release_report.planning import Plan
from cultivar.core.release_report.report import FIGURES, ReleaseReport, release_report
from cultivar.core.serialisation import as_json

EVIDENCE = InferredEvidence(100_000, 20_000, 1_000, 100, 90, 100, 3)
PLAN = Plan({"match": 60, "close match": 40, "no match": 300}, 0.01)


def strata(match: int = 0, close: int = 0, rest: int = 0) -> list[Stratum]:
    return [
        Stratum("match", True, 1_000, match, match),
        Stratum("close match", False, 1_000, close, 0),
        Stratum("no match", False, 18_000, rest, 0),
    ]


def grades(report: ReleaseReport) -> dict[str, str]:
    return {stated.name: stated.grade for stated in report.stated}


def test_before_the_release_sample_all_but_elusion_is_inferred() -> None:
    report = release_report(EVIDENCE, strata(), PLAN)
    assert report.grade == INFERRED
    assert grades(report) == dict.fromkeys(FIGURES, INFERRED) | {"elusion": NOT_EVALUATED}
    assert (report.figure("elusion"), report.elusion_bound) == (None, None)
    assert [gap.reviews for gap in report.missing] == [60, 340]
    assert report.missing[1].sentence == (
        "Not measured: recall, missed, relevant, elusion. 340 more decided reviews of the release "
        "sample settle it (40 of close match, 300 of no match)."
    )


def test_a_reviewed_stratum_is_measured_while_another_is_open() -> None:
    above = release_report(EVIDENCE, strata(match=60), PLAN)
    assert [n for n, g in grades(above).items() if g == MEASURED] == [
        "precision",
        "labelled",
        "mislabelled",
    ]
    below = release_report(EVIDENCE, strata(match=59, close=40, rest=300), PLAN)
    assert {"elusion", "missed"} <= {n for n, g in grades(below).items() if g == MEASURED}
    assert grades(below)["precision"] == INFERRED
    assert below.elusion_bound is not None
    assert below.missing[0].reviews == 1


def test_after_the_release_sample_everything_is_measured() -> None:
    report = release_report(EVIDENCE, strata(60, 40, 300), PLAN)
    assert report.grade == MEASURED
    assert report.missing == ()
    assert report.elusion_bound is not None
    assert report.elusion_bound < 0.013
    # the inferred figures stay beside them
    assert set(report.inferred) == set(FIGURES) - {"elusion"}


@pytest.mark.parametrize(
    ("change", "figures"),
    [
        ({"positives": 0, "true_positives": 0}, set(FIGURES)),
        ({"negatives": 0, "false_positives": 0}, set(FIGURES)),
        ({"sampled": 0, "matched": 0}, set(FIGURES)),
        ({"matched": 0, "false_positives": 0}, {"precision", "elusion"}),
    ],
)
def test_what_cannot_be_inferred_is_not_evaluated(
    change: dict[str, int], figures: set[str]
) -> None:
    report = release_report(replace(EVIDENCE, **change), strata(), PLAN)
    assert {n for n, g in grades(report).items() if g == NOT_EVALUATED} == figures
    assert set(report.missing[0].figures) <= figures
    assert report.missing[0].sentence
    assert (report.grade == NOT_EVALUATED) == (figures == set(FIGURES))


def test_without_any_match_there_is_no_precision_to_measure() -> None:
    found = [replace(strata()[0], scored=0), *strata(0, 40, 300)[1:]]
    plan = Plan({"match": 0, "close match": 40, "no match": 300}, 0.01)
    report = release_report(replace(EVIDENCE, matched=0), found, plan)
    assert grades(report)["precision"] == NOT_EVALUATED
    assert grades(report)["elusion"] == MEASURED


def test_a_graded_figure_is_kept_and_given_back() -> None:
    for found in (strata(), strata(60, 40, 300)):
        for each in release_report(EVIDENCE, found, PLAN).graded.values():
            kept = json.loads(json.dumps(as_json(each)))
            assert graded_from(kept) == each
            assert list(kept)[1:] == ["estimate", "lower", "upper"] or kept == {
                "grade": NOT_EVALUATED
            }


def test_test_items_unlike_the_tenants_documents_leave_only_the_number_labelled() -> None:
    harder = replace(EVIDENCE, matched=2_000, negatives=105, false_positives=22)
    report = release_report(harder, strata(), PLAN)
    inferred = {"labelled": INFERRED}
    assert grades(report) == dict.fromkeys(FIGURES, NOT_EVALUATED) | inferred
    assert "10.0% of the sampled documents match, less than the 21.0%" in report.missing[0].sentence
    measured = release_report(harder, strata(match=60, close=40, rest=300), PLAN)
    assert (measured.grade, measured.missing) == (MEASURED, ())
    easier = replace(EVIDENCE, matched=15_000, true_positives=50)
    report = release_report(easier, strata(), PLAN)
    assert "more than the 50.0% of the relevant test items" in report.missing[0].sentence


def test_an_inferred_precision_that_could_be_anything_is_called_poorly_known() -> None:
    wide = GradedFigure(INFERRED, 0.4, 0.0, 0.77)
    gaps = release_report(EVIDENCE, strata(), PLAN).missing
    assert poorly_known("contracts", wide, gaps) == (
        "The precision is known too poorly to decide on: 400 verdicts on a release sample settle "
        "it (`cultivar release sample contracts`, then `cultivar release review contracts`)."
    )
    assert poorly_known("contracts", replace(wide, lower=0.5), gaps) is None
    assert poorly_known("contracts", replace(wide, grade=MEASURED), gaps) is None


def test_what_an_interval_does_not_say_is_said_as_the_verdicts_that_settle_it() -> None:
    gaps = release_report(EVIDENCE, strata(), PLAN).missing
    figures = {
        "precision": GradedFigure(INFERRED, 0.4, 0.0, 0.77),
        "mislabelled": GradedFigure(INFERRED, 60.0, 20.0, 100.0),
        "recall": GradedFigure(INFERRED, 0.8, 0.7, 0.9),
        "labelled": GradedFigure(INFERRED, 100.0, 90.0, 110.0),
        "elusion": GradedFigure(NOT_EVALUATED),
    }
    assert set(known_figures(figures)) == {"recall", "labelled"}
    assert expected_in_words("contracts", figures, gaps) == (
        "About 80 (70 to 90) of 100 relevant items are found (inferred). How many labels are right "
        "is not known yet: 400 verdicts on a release sample settle it (`cultivar release sample "
        "contracts`, then `cultivar release review contracts`)."
    )
    known = figures | {"precision": GradedFigure(MEASURED, 0.9, 0.8, 0.95)}
    assert expected_in_words("contracts", known, ()) == (
        "About 90 (80 to 95) of 100 labels are right, and about 80 (70 to 90) of 100 relevant "
        "items are found (measured, inferred)."
    )
    assert wrong_in_words(known, 1_200) == "Of 1,200 matches, about 120 (60 to 240) are wrong."
    assert wrong_in_words(figures, 1_200) == ""
