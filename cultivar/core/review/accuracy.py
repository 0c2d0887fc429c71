"""Accuracy of reviewed predictions: intervals, the value after each batch, and when it is stable.

It counts verdicts that others recorded; it never looks at a document or a score.

Accuracy is the share of decided predictions with which the reviewer agreed. It is prequential: a
batch is judged by the model as it was before that batch was learned from (Dawid 1984, "Present
position and potential developments: the prequential approach"). ``not sure`` fills a batch and
counts neither as agreement nor as a decision.

The interval shown is the 95 % Wilson interval, which is meant for one look. What decides is the
*assured* accuracy: the lower bound that holds however often it is looked at, after every batch and
by a model that learns between them. A version whose accuracy is not above the target is called
stable, at any time of its review, with a probability of at most 5 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from cultivar.core.limits import BATCH_SIZE, STABLE_BATCHES, Thresholds
from cultivar.core.review.sequential import lower_bound, surely_above
from cultivar.core.vocabulary import how_many

Z_95 = 1.959963984540054
FALSELY_STABLE_AT_MOST = 0.05
_MOST_FURTHER_BATCHES = 400  # beyond the 10,000 items that a test set may hold


@dataclass(frozen=True, slots=True)
class BatchCounts:
    """One closed batch: items presented, decided (yes or no), and agreed (yes)."""

    presented: int
    decided: int
    agreed: int


@dataclass(frozen=True, slots=True)
class AccuracyPoint:
    """Accuracy over all closed batches up to and with ``batch`` (numbered from 1).

    ``accuracy``, ``lower`` and ``upper`` are shares from 0 to 1, the bounds those of the 95 %
    Wilson interval; ``decided`` and ``agreed`` are counted over the same batches. ``assured`` is
    the lower bound that holds at every look, and so lies below ``lower``.
    """

    batch: int
    decided: int
    agreed: int
    accuracy: float
    lower: float
    upper: float

    @property
    def assured(self) -> float:
        """The accuracy that is assured, the bound that decides; 0 where nothing is decided."""
        return lower_bound(self.agreed, self.decided, FALSELY_STABLE_AT_MOST)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why accuracy is not stable: a stable code and a sentence."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Stability:
    """The verdict of the stability rule.

    ``reviews_left`` estimates how many more reviews it takes, in whole batches, if the reviewer
    goes on agreeing at the present rate; None means that no number of reviews does at that rate.
    """

    stable: bool
    reasons: tuple[Reason, ...]
    reviews_left: int | None


def wilson_interval(successes: float, trials: float, z: float = Z_95) -> tuple[float, float]:
    """Return lower and upper bound of the Wilson score interval; (0, 1) without trials.

    Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    if trials <= 0:
        return 0.0, 1.0
    share = successes / trials
    spread = z * z / trials
    centre = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / trials + spread / (4 * trials)) / (1 + spread)
    # The bounds are exact at the ends, where rounding would leave a stray 1e-17.
    lower = 0.0 if successes <= 0 else max(0.0, centre - half)
    upper = 1.0 if successes >= trials else min(1.0, centre + half)
    return lower, upper


def accuracy_by_batch(batches: Sequence[BatchCounts]) -> tuple[AccuracyPoint, ...]:
    """Return the accuracy after each closed batch, in the order of the batches."""
    points = []
    decided = agreed = 0
    for number, batch in enumerate(batches, start=1):
        decided, agreed = decided + batch.decided, agreed + batch.agreed
        lower, upper = wilson_interval(agreed, decided)
        share = agreed / decided if decided else 0.0
        points.append(AccuracyPoint(number, decided, agreed, share, lower, upper))
    return tuple(points)


def movement(points: Sequence[AccuracyPoint]) -> float:
    """Return how far the accuracy stated after the last three batches spreads, as a share."""
    last = [point.accuracy for point in points[-STABLE_BATCHES:]]
    return max(last) - min(last) if last else 0.0


def stability(batches: Sequence[BatchCounts], asked: Thresholds) -> Stability:
    """Judge whether accuracy has stabilised at or above the target that is asked for."""
    reasons = _reasons(accuracy_by_batch(batches), asked)
    left = 0 if not reasons else _reviews_left(batches, asked)
    return Stability(not reasons, reasons, left)


def _reasons(points: Sequence[AccuracyPoint], asked: Thresholds) -> tuple[Reason, ...]:
    wanted = asked.reviews_at_least
    if not points:
        return (_too_few(0, wanted),)
    last = points[-1]
    found = []
    if last.decided < wanted:
        found.append(_too_few(last.decided, wanted))
    if not _assured(last.agreed, last.decided, asked.accuracy_target):
        found.append(Reason("accuracy-below-target", _below(last, asked.accuracy_target)))
    if len(points) < STABLE_BATCHES or movement(points) > asked.movement_at_most + 1e-12:
        found.append(Reason("accuracy-moving", _moving(points, asked.movement_at_most)))
    return tuple(found)


def _assured(agreed: float, decided: float, target: float) -> bool:
    return surely_above(agreed, decided, target, FALSELY_STABLE_AT_MOST)


def _too_few(decided: int, wanted: int) -> Reason:
    are = "is" if decided == 1 else "are"
    return Reason(
        "too-few-reviews",
        f"{how_many(decided, 'prediction')} {are} decided; accuracy counts as stable from "
        f"{wanted:,} on.",
    )


def accuracy_in_words(accuracy: float, assured: float) -> str:
    """Return an accuracy and the bound that decides: "97 %, at least 92 %".

    What is assured is rounded down, and only a whole is called 100 %, so that no figure says more
    than is known.
    """
    stated = min(round(100 * accuracy), 99 if accuracy < 1 else 100)
    return f"{stated} %, at least {int(100 * assured + 1e-9)} %"


def _below(last: AccuracyPoint, target: float) -> str:
    return (
        f"Accuracy is {accuracy_in_words(last.accuracy, last.assured)}; at least "
        f"{100 * target:.0f} % is needed."
    )


def _moving(points: Sequence[AccuracyPoint], at_most: float) -> str:
    if len(points) < STABLE_BATCHES:
        are = "is" if len(points) == 1 else "are"
        return (
            f"{how_many(len(points), 'batch', 'batches')} {are} complete; movement is judged over "
            f"{STABLE_BATCHES}."
        )
    return (
        f"Accuracy moved by {100 * movement(points):.1f} points over the last {STABLE_BATCHES} "
        f"batches; at most {100 * at_most:g} are allowed."
    )


def _reviews_left(batches: Sequence[BatchCounts], asked: Thresholds) -> int | None:
    """Continue at the present rate, batch by batch, until the rule holds."""
    presented = sum(batch.presented for batch in batches)
    decided = sum(batch.decided for batch in batches)
    agreed = sum(batch.agreed for batch in batches)
    if not decided:
        return -(-asked.reviews_at_least // BATCH_SIZE) * BATCH_SIZE
    decided_share = decided / presented if presented else 1.0
    rate = agreed / decided
    shares = [point.accuracy for point in accuracy_by_batch(batches)]
    for further in range(1, _MOST_FURTHER_BATCHES):
        count = decided + further * BATCH_SIZE * decided_share
        if _would_hold(count, rate, asked, [*shares, *[rate] * further]):
            return further * BATCH_SIZE
    return None


def _would_hold(count: float, rate: float, asked: Thresholds, shares: Sequence[float]) -> bool:
    last = shares[-STABLE_BATCHES:]
    return (
        count >= asked.reviews_at_least
        and _assured(rate * count, count, asked.accuracy_target)
        and len(last) == STABLE_BATCHES
        and max(last) - min(last) <= asked.movement_at_most + 1e-12
    )
