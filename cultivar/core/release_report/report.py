"""The release report as a whole: both grades of evidence, and what is not evaluated yet.

It decides nothing about publishing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cultivar.core.intervals import Figure
from cultivar.core.release_report.inferred import InferredEvidence, inferred_figures, unlike
from cultivar.core.release_report.measured import Stratum, measured_figures
from cultivar.core.release_report.planning import Plan

INFERRED = "inferred"
MEASURED = "measured"
NOT_EVALUATED = "not evaluated"
FIGURES = ("precision", "recall", "labelled", "mislabelled", "missed", "relevant", "elusion")
_NEED_ABOVE = ("precision", "recall", "mislabelled", "relevant")
_NEED_BELOW = ("recall", "missed", "relevant", "elusion")
# An interval of this width says nearly nothing of a share.
_TOO_WIDE = 0.5
ASSUMPTION = (
    "Inferred from the test items: it assumes that their negatives are like the tenant's other "
    "documents, and their positives like the tenant's relevant ones."
)


@dataclass(frozen=True, slots=True)
class Missing:
    """Why figures are not evaluated; ``reviews`` decided reviews would settle it, None if none."""

    figures: tuple[str, ...]
    reviews: int | None
    sentence: str


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

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for the registry and for JSON, rounded to six decimals."""
        return {
            "documents": self.documents,
            "grade": self.grade,
            "figures": {
                stated.name: {"grade": stated.grade} | _plain(stated.figure)
                for stated in self.stated
            },
            "inferred": {name: _plain(figure) for name, figure in self.inferred.items()},
            "elusion_bound": self.elusion_bound and round(self.elusion_bound, 6),
            "missing": [
                {"figures": list(gap.figures), "reviews": gap.reviews, "sentence": gap.sentence}
                for gap in self.missing
            ],
        }


def _plain(figure: Figure | None) -> dict[str, float]:
    values = figure.as_dict() if figure else {}
    return {name: round(value, 6) for name, value in values.items()}


def poorly_known(classifier: str, precision: Mapping[str, Any]) -> str | None:
    """Return a sentence where an inferred precision is known too poorly to decide on, else None."""
    if precision["grade"] != INFERRED or precision["upper"] - precision["lower"] < _TOO_WIDE:
        return None
    low, high = (round(100 * precision[name]) for name in ("lower", "upper"))
    return (
        f"The precision is known too poorly to decide on: it lies between {low} % and {high} %. A "
        f"release sample measures it: `cultivar release sample {classifier}`."
    )


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
    figures = _NEED_ABOVE if labelled else _NEED_BELOW
    listed = ", ".join(f"{count} of {name}" for name, count in left.items())
    reviews = sum(left.values())
    return Missing(
        figures,
        reviews,
        f"Not measured: {', '.join(figures)}. {reviews} more decided reviews of the release "
        f"sample settle it ({listed}).",
    )
