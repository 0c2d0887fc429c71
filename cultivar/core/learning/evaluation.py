"""Figures of quality from counts, with their uncertainty.

It decides nothing: gates and thresholds are judged elsewhere.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Interval:
    """A proportion with the bounds of its confidence interval, all within 0 to 1."""

    estimate: float
    lower: float
    upper: float


def wilson_interval(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Return the Wilson score interval of a proportion; 0 to 1 where ``n`` is 0.

    Source: Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
    Raises ``ValueError`` unless 0 <= successes <= n and 0 < confidence < 1.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n} are impossible")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"a confidence lies between 0 and 1, not at {confidence}")
    if n == 0:
        return Interval(math.nan, 0.0, 1.0)
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    lower = 0.0 if successes == 0 else max(0.0, centre - half)
    upper = 1.0 if successes == n else min(1.0, centre + half)
    return Interval(share, lower, upper)


@dataclass(frozen=True, slots=True)
class Counts:
    """How predictions and truth agree."""

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int

    @property
    def precision(self) -> float:
        """Share of matches that are relevant; not a number where nothing matched."""
        return _ratio(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float:
        """Share of relevant items that matched; not a number where none is relevant."""
        return _ratio(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; not a number where nothing is relevant or found.

        Computed as 2 TP / (2 TP + FP + FN), which needs neither.
        """
        found = 2 * self.true_positives
        return _ratio(found, found + self.false_positives + self.false_negatives)

    @property
    def accuracy(self) -> float:
        """Share of items judged rightly."""
        return _ratio(self.true_positives + self.true_negatives, self.total)

    @property
    def total(self) -> int:
        """Number of items."""
        agreed = self.true_positives + self.true_negatives
        return agreed + self.false_positives + self.false_negatives


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else math.nan


def counts(relevant: list[bool], matched: list[bool]) -> Counts:
    """Return the counts of two parallel lists; raises ``ValueError`` where lengths differ."""
    pairs = list(zip(relevant, matched, strict=True))
    return Counts(*(pairs.count(cell) for cell in _CELLS))


_CELLS = ((True, True), (False, True), (True, False), (False, False))
