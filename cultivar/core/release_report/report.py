"""The release report as a whole: both grades of evidence, and what is not evaluated yet.

It decides nothing about publishing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cultivar.core.intervals import DECIMALS, Figure
from cultivar.core.release_report.grades import (
    INFERRED,
    MEASURED,
    NEED_ABOVE,
    NEED_BELOW,
    NOT_EVALUATED,
    Calibration,
    GradedFigure,
    Missing,
)
from cultivar.core.release_report.inferred import InferredEvidence, inferred_figures, unlike
from cultivar.core.release_report.measured import Stratum, measured_figures
from cultivar.core.release_report.planning import Plan
from cultivar.core.release_report.recalibrated import (
    Recalibrated,
    ScoredSample,
    recalibrated_figures,
)

FIGURES = ("precision", "recall", "labelled", "mislabelled", "missed", "relevant", "elusion")
ASSUMPTION = (
    "Inferred from the test items: it assumes that their negatives are like the tenant's other "
    "documents, and their positives like the tenant's relevant ones."
)


@dataclass(frozen=True, slots=True)
class Stated:
    """One figure of the report with its grade; ``figure`` is None when it is not evaluated."""

    name: str
    grade: str
    figure: Figure | None


@dataclass(frozen=True, slots=True)
class ReleaseReport:
    """What a version labels and mislabels among the tenant's ``documents``.

    ``stated`` holds the best grade there is of each figure; ``inferred`` stays beside it for
    comparison. ``elusion_bound`` is the one-sided 95 % bound of the measured grade, and
    ``calibration`` tells how right the probabilities are, both where the sample is reviewed.
    """

    documents: int
    stated: tuple[Stated, ...]
    inferred: Mapping[str, Figure]
    missing: tuple[Missing, ...]
    elusion_bound: float | None
    calibration: Calibration | None = None

    @property
    def grade(self) -> str:
        """``measured`` when every figure is, else ``inferred`` when there are any."""
        grades = {stated.grade for stated in self.stated}
        if grades == {MEASURED}:
            return MEASURED
        return NOT_EVALUATED if grades == {NOT_EVALUATED} else INFERRED

    def figure(self, name: str) -> Figure | None:
        """Return the best figure of that name, None when it is not evaluated."""
        return next(stated.figure for stated in self.stated if stated.name == name)

    @property
    def graded(self) -> dict[str, GradedFigure]:
        """The best figure of each name, rounded, with its grade."""
        return {
            each.name: GradedFigure(each.grade, *(_bounds(each.figure) if each.figure else ()))
            for each in self.stated
        }


def _bounds(figure: Figure) -> tuple[float, float, float]:
    found = figure.rounded
    return found.estimate, found.lower, found.upper


def release_report(
    evidence: InferredEvidence, strata: Sequence[Stratum], plan: Plan
) -> ReleaseReport:
    """Return the report from reviewed test items and from what is reviewed of the release sample.

    A stratum counts as measured once it holds the plan's number of decided reviews.
    """
    inferred, gaps = _inferred(evidence)
    measured, bound, open_strata = _measured(evidence.documents, strata, plan)
    best = {name: Stated(name, NOT_EVALUATED, None) for name in FIGURES}
    best |= {name: Stated(name, INFERRED, figure) for name, figure in inferred.items()}
    best |= {name: Stated(name, MEASURED, figure) for name, figure in measured.items()}
    unsettled = [gap for gap in gaps if not set(gap.figures) <= set(measured)]
    return ReleaseReport(
        evidence.documents, tuple(best.values()), inferred, (*unsettled, *open_strata), bound
    )


def _inferred(evidence: InferredEvidence) -> tuple[dict[str, Figure], tuple[Missing, ...]]:
    lacking = [
        kind
        for kind, count in (("relevant", evidence.positives), ("other", evidence.negatives))
        if not count
    ]
    if lacking:
        return {}, (_no_test_items(lacking),)
    if not evidence.sampled:
        return {}, (_UNSCORED,)
    figures = inferred_figures(evidence)
    if (kind := unlike(evidence)) is not None:
        return {"labelled": figures["labelled"]}, (_refuted(kind, evidence),)
    if not evidence.matched:
        del figures["precision"]
        return figures, (_no_match(evidence.sampled),)
    return figures, ()


_INFERABLE = tuple(name for name in FIGURES if name != "elusion")
_UNSCORED = Missing(_INFERABLE, None, "No item of the baseline's sample is scored.")


def _no_test_items(lacking: Sequence[str]) -> Missing:
    kinds = " and no ".join(lacking)
    return Missing(
        _INFERABLE,
        30 * len(lacking),
        f"No {kinds} test item is reviewed, so rates of error are unknown; about "
        f"{30 * len(lacking)} reviews give a first estimate.",
    )


def _refuted(kind: str, evidence: InferredEvidence) -> Missing:
    rate = evidence.matched / evidence.sampled
    tested = {
        "other": evidence.false_positives / evidence.negatives,
        "relevant": evidence.true_positives / evidence.positives,
    }[kind]
    side, likely = ("less", "harder") if kind == "other" else ("more", "harder to find")
    return Missing(
        tuple(name for name in _INFERABLE if name != "labelled"),
        None,
        f"{rate:.1%} of the sampled documents match, {side} than the {tested:.1%} of the {kind} "
        f"test items: the test's {kind} items are {likely} than this tenant's, so nothing can be "
        "inferred from them. A reviewed release sample measures it.",
    )


def _no_match(sampled: int) -> Missing:
    return Missing(
        ("precision",),
        None,
        f"None of the {sampled:,} sampled documents matches, so there is no precision to state.",
    )


def _measured(
    documents: int, strata: Sequence[Stratum], plan: Plan
) -> tuple[dict[str, Figure], float | None, tuple[Missing, ...]]:
    gaps = tuple(gap for labelled in (True, False) if (gap := _gap(strata, plan, labelled)))
    blocked = {name for gap in gaps for name in gap.figures}
    if len(gaps) == 2 or not any(stratum.scored for stratum in strata):
        return {}, None, gaps
    found = measured_figures(documents, strata)
    figures = {name: figure for name, figure in found.figures.items() if name not in blocked}
    if not any(stratum.scored for stratum in strata if stratum.labelled):
        figures.pop("precision", None)
    return figures, None if "elusion" in blocked else found.elusion_bound, gaps


def unscored_report(documents: int) -> ReleaseReport:
    """Return the report of a version that has scored nothing of the content."""
    none = tuple(Stated(name, NOT_EVALUATED, None) for name in FIGURES)
    return ReleaseReport(documents, none, {}, (_UNSCORED,), None)


def report_by_score(
    sample: ScoredSample, threshold: float, names: Sequence[str], plan: Plan
) -> ReleaseReport:
    """Return the report of a version from its probabilities and the verdicts on its sample.

    ``names`` are the strata's, the labelled first, as the plan was made. Figures are inferred until
    the verdicts of the plan are in, and measured from then on.
    """
    if not len(sample.scores):
        return unscored_report(sample.documents)
    gaps = tuple(
        gap for labelled in (True, False) if (gap := _gap(_reviewed(sample, names), plan, labelled))
    )
    blocked = {name for gap in gaps for name in gap.figures}
    found = recalibrated_figures(sample, threshold)
    figures = {name: each for name, each in found.figures.items() if name != "elusion"}
    if "elusion" not in blocked:
        figures["elusion"] = found.figures["elusion"]
    alone = replace(sample, judged=np.zeros_like(sample.judged))
    inferred = recalibrated_figures(alone, threshold).figures if sample.judged.any() else figures
    matched = bool((sample.scores >= np.float32(threshold)).any())
    if not matched:
        del figures["precision"]
        gaps = (_no_match(len(sample.scores)), *gaps)
    stated = (
        Stated(name, INFERRED if name in blocked else MEASURED, figures[name])
        if name in figures
        else Stated(name, NOT_EVALUATED, None)
        for name in FIGURES
    )
    kept = {name: inferred[name] for name in _INFERABLE if matched or name != "precision"}
    return ReleaseReport(
        sample.documents, tuple(stated), kept, gaps,
        found.elusion_bound if "elusion" not in blocked else None,
        None if blocked else _calibration(found, int(sample.judged.sum())),
    )  # fmt: skip


def _calibration(found: Recalibrated, judged: int) -> Calibration:
    error, brier = (
        GradedFigure(MEASURED, *_bounds(each)) for each in (found.calibration_error, found.brier)
    )
    return Calibration(judged, error, brier, round(found.brier_of_share, DECIMALS))


def _reviewed(sample: ScoredSample, names: Sequence[str]) -> list[Stratum]:
    counts = [
        (int(here.sum()), int((here & sample.judged).sum()), int((here & sample.relevant).sum()))
        for here in (sample.stratum == place for place in range(len(names)))
    ]
    return [Stratum(name, place == 0, *counts[place]) for place, name in enumerate(names)]


def _gap(strata: Sequence[Stratum], plan: Plan, labelled: bool) -> Missing | None:
    """Say what the strata above, or below, the threshold lack, and which figures wait for it."""
    left = {
        stratum.name: plan.sizes.get(stratum.name, 0) - stratum.reviewed
        for stratum in strata
        if stratum.labelled == labelled and stratum.reviewed < plan.sizes.get(stratum.name, 0)
    }
    if not left:
        return None
    figures = NEED_ABOVE if labelled else NEED_BELOW
    listed = ", ".join(f"{count} of {name}" for name, count in left.items())
    reviews = sum(left.values())
    return Missing(
        figures,
        reviews,
        f"Not measured: {', '.join(figures)}. {reviews} more decided reviews of the release "
        f"sample settle it ({listed}).",
    )
