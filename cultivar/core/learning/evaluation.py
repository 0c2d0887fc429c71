"""Precision, recall, F1 and accuracy from counts.

It decides nothing; intervals stand in ``accuracy`` and ``intervals`` one package up.
"""

import math
from dataclasses import dataclass


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
