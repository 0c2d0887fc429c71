"""Turn the verdicts of closed batches into artifacts, and judge whether accuracy is stable.

The rule is the core's; people's verdicts come from the registry alone.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from cultivar.core.figures import accuracy_stated, percent
from cultivar.core.gates import Check
from cultivar.core.limits import Thresholds
from cultivar.core.reference import ArtifactReference
from cultivar.core.review.accuracy import (
    AccuracyPoint,
    BatchCounts,
    Stability,
    accuracy_by_batch,
    stability,
)
from cultivar.core.vocabulary import how_many
from cultivar.operations.review.items import write_reviews
from cultivar.store.workspace import Workspace
from tasks import Told, step


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The artifacts of the closed batches: verdicts, and accuracy after each batch."""

    reviews: ArtifactReference
    accuracy: ArtifactReference


@dataclass(frozen=True, slots=True)
class Judged:
    """Accuracy after each batch as plain rows, and the stability rule as checks of a gate."""

    batches: tuple[dict[str, Any], ...]
    stability: Stability
    checks: tuple[Check, ...]
    last: AccuracyPoint
    target: float

    @property
    def sentence(self) -> str:
        """Accuracy with its figures, and whether it is stable."""
        reasons = " ".join(reason.sentence for reason in self.stability.reasons)
        last = self.last
        said = accuracy_stated(last.accuracy, last.assured, last.decided)
        return f"{said}; target {percent(self.target)}. {reasons or _STABLE}"


@partial(step, named="collect the reviews")
def collect_reviews(workspace: Workspace, classifier: str) -> Told[Reviewed]:
    """Return the reviews of all closed batches as artifacts.

    Raises:
        NotReady: code ``nothing-reviewed``.
    """
    found = Reviewed(*write_reviews(workspace, classifier))
    batches = how_many(found.accuracy.rows, "closed batch", "closed batches")
    return Told(found, f"{how_many(found.reviews.rows, 'review')} of {batches}")


@partial(step, named="judge the accuracy")
def judge(workspace: Workspace, accuracy: ArtifactReference) -> Told[Judged]:
    """Apply the stability rule to the batches, by the active thresholds."""
    asked = workspace.settings.thresholds
    rows = workspace.artifacts.read(accuracy).to_pylist()
    counts = [BatchCounts(row["presented"], row["decided"], row["agreed"]) for row in rows]
    found = stability(counts, asked)
    points = accuracy_by_batch(counts)
    known = [row | {"assured": point.assured} for row, point in zip(rows, points, strict=True)]
    checks = _checks(found, known[-1], asked)
    judged = Judged(tuple(known), found, checks, points[-1], asked.accuracy_target)
    return Told(judged, judged.sentence)


def _checks(found: Stability, last: dict[str, Any], asked: Thresholds) -> tuple[Check, ...]:
    observed = (
        f"{last['accuracy']:.3f}, interval {last['lower']:.3f} to {last['upper']:.3f}, "
        f"assured {last['assured']:.3f}"
    )
    failed = tuple(
        Check(_NAME, reason.code, "fail", observed, _expected(asked), reason.sentence)
        for reason in found.reasons
    )
    return failed or (
        Check(_NAME, "accuracy-not-stable", "pass", observed, _expected(asked), _STABLE),
    )


_NAME = "accuracy is stable"
_STABLE = "Accuracy is stable."


def _expected(asked: Thresholds) -> str:
    return (
        f"stable, assured at least {asked.accuracy_target:.2f}, of at least "
        f"{asked.reviews_at_least:,} decided, moved by at most {asked.movement_at_most:.2f}"
    )
