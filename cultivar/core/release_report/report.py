"""The release report as a whole: both grades of evidence, and what is not evaluated yet.

It decides nothing about publishing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cultivar.core.intervals import Figure
from cultivar.core.release_report.grades import (
    INFERRED,
    MEASURED,
    NEED_ABOVE,
    NEED_BELOW,
    NOT_EVALUATED,
    GradedFigure,
    Missing,
)
from cultivar.core.release_report.inferred import InferredEvidence, inferred_figures, unlike
from cultivar.core.release_report.measured import Stratum, measured_figures
from cultivar.core.release_report.planning import Plan

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
    comparison. ``elusion_bound`` is the one-sided 95 % bound of the measured grade.
    """

    documents: int
    stated: tuple[Stated, ...]
    inferred: Mapping[str, Figure]
    missing: tuple[Missing, ...]
    elusion_bound: float | None

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
        return {}, (Missing(_INFERABLE, None, "No item of the baseline's sample is scored."),)
    figures = inferred_figures(evidence)
    if (kind := unlike(evidence)) is not None:
        return {"labelled": figures["labelled"]}, (_refuted(kind, evidence),)
    if not evidence.matched:
        del figures["precision"]
        return figures, (_no_match(evidence.sampled),)
    return figures, ()


_INFERABLE = tuple(name for name in FIGURES if name != "elusion")


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
