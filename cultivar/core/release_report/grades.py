"""Figures as a release report states them, each with its grade, and why some are missing.

It computes nothing, so that what only reads a report waits for no statistics.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cultivar.core.serialisation import absent_if_none
from cultivar.core.vocabulary import how_many

INFERRED = "inferred"
MEASURED = "measured"
NOT_EVALUATED = "not evaluated"
NEED_ABOVE = ("precision", "recall", "mislabelled", "relevant")
NEED_BELOW = ("recall", "missed", "relevant", "elusion")
# An interval of this width says nearly nothing of a share.
TOO_WIDE = 0.5


@dataclass(frozen=True, slots=True)
class Missing:
    """Why figures are not evaluated; ``reviews`` decided reviews would settle it, None if none."""

    figures: tuple[str, ...]
    reviews: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class GradedFigure:
    """A figure as a report states it; the number and its 95 % interval where it is evaluated."""

    grade: str
    estimate: float | None = absent_if_none()
    lower: float | None = absent_if_none()
    upper: float | None = absent_if_none()


@dataclass(frozen=True, slots=True)
class Calibration:
    """How right a version's probabilities are here, by ``judged`` items of its release sample.

    ``error`` is the expected calibration error over ten bins, ``brier`` the Brier score, both with
    a 95 % interval, and ``brier_of_share`` that of stating the share of relevant items each time.
    """

    judged: int
    error: GradedFigure
    brier: GradedFigure
    brier_of_share: float

    @property
    def sentence(self) -> str:
        """What the figures say, in words."""
        brier = self.brier.estimate or 0.0
        beside = "below" if brier < self.brier_of_share else "not below"
        return (
            f"By {how_many(self.judged, 'judged item')} the probabilities shown are off by "
            f"{_points(self.error)} points on average (expected calibration error); their Brier "
            f"score is {brier:.3f}, {beside} the {self.brier_of_share:.3f} of "
            "stating the same share of every item."
        )


def _points(error: GradedFigure) -> str:
    shares = (error.estimate or 0.0, error.lower or 0.0, error.upper or 0.0)
    estimate, lower, upper = (100 * each for each in shares)
    return f"{estimate:.1f} ({lower:.1f} to {upper:.1f})"


def graded_from(stored: Mapping[str, Any]) -> GradedFigure:
    """Return the figure whose JSON a publication keeps."""
    return GradedFigure(**stored)


def sample_reviews_left(missing: Sequence[Missing]) -> int:
    """Return how many reviews of the release sample precision and recall still need."""
    return sum(gap.reviews or 0 for gap in missing if gap.figures in (NEED_ABOVE, NEED_BELOW))


def missing_from(stored: Mapping[str, Any]) -> Missing:
    """Return what is missing, whose JSON a publication keeps."""
    return Missing(**{**stored, "figures": tuple(stored["figures"])})


def within_counted(figure: GradedFigure, counted: int) -> GradedFigure:
    """Return a figure of labelled items, estimated over all content, within those counted."""
    if figure.estimate is None or figure.lower is None or figure.upper is None:
        return figure
    return replace(
        figure,
        estimate=min(counted, figure.estimate),
        lower=min(counted, figure.lower),
        upper=min(counted, figure.upper),
    )


def poorly_known(
    classifier: str, precision: GradedFigure, missing: Sequence[Missing]
) -> str | None:
    """Return a sentence where an inferred precision is known too poorly to decide on, else None.

    It says how many verdicts settle it, and never the interval, which says nothing.
    """
    if precision.lower is None or precision.upper is None:
        return None
    if precision.grade != INFERRED or precision.upper - precision.lower < TOO_WIDE:
        return None
    return f"The precision is known too poorly to decide on{settled_by(classifier, missing)}"


def settled_by(classifier: str, missing: Sequence[Missing]) -> str:
    """Return the end of a sentence: how many verdicts settle what is not known, and how."""
    left = sample_reviews_left(missing)
    commands = (
        f"`cultivar release sample {classifier}`, then `cultivar release review {classifier}`"
    )
    if not left:
        return f": {commands} measure it."
    settle = "settles" if left == 1 else "settle"
    return f": {how_many(left, 'verdict')} on a release sample {settle} it ({commands})."
