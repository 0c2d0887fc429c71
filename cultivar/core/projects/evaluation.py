"""Evaluation: counts, precision, recall and F1 a class, micro, macro, and who is taken for whom.

From tags and predictions alone; it never sees a text, and it keeps no row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Marks = npt.NDArray[np.bool_]
_BY_CLASS = ("true_positives", "true_negatives", "false_positives", "false_negatives")


@dataclass(frozen=True)
class Evaluation:
    """Counts by class (int64 [classes]), and for single-label the confusion matrix.

    ``confusion`` is int64 [predicted, actual], one row and column a class, or None.
    """

    classes: tuple[str, ...]
    true_positives: npt.NDArray[np.int64]
    true_negatives: npt.NDArray[np.int64]
    false_positives: npt.NDArray[np.int64]
    false_negatives: npt.NDArray[np.int64]
    confusion: npt.NDArray[np.int64] | None = None

    @property
    def precision(self) -> npt.NDArray[np.float64]:
        """TP / (TP + FP) a class; 0 where nothing was predicted."""
        return _ratios(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> npt.NDArray[np.float64]:
        """TP / (TP + FN) a class; 0 where nothing is tagged."""
        return _ratios(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1(self) -> npt.NDArray[np.float64]:
        """2 TP / (2 TP + FP + FN) a class; 0 where that is nothing."""
        found = 2 * self.true_positives
        return _ratios(found, found + self.false_positives + self.false_negatives)

    @property
    def present(self) -> Marks:
        """The classes that the test set holds; macro averages are over these."""
        return np.asarray(self.true_positives + self.false_negatives > 0)

    def micro(self) -> dict[str, float]:
        """Return precision, recall and F1 from the sums over classes."""
        hit = np.array([self.true_positives.sum()])
        wrong, missed = self.false_positives.sum(), self.false_negatives.sum()
        return {
            "precision": float(_ratios(hit, hit + wrong)[0]),
            "recall": float(_ratios(hit, hit + missed)[0]),
            "f1": float(_ratios(2 * hit, 2 * hit + wrong + missed)[0]),
        }

    def macro(self) -> dict[str, float]:
        """Return the plain means over the classes present in the test set."""
        return {
            name: float(getattr(self, name)[self.present].mean()) if self.present.any() else 0.0
            for name in ("precision", "recall", "f1")
        }

    def as_dict(self) -> dict[str, Any]:
        """Return the form in which the registry keeps it with a model.

        ``classes`` maps a class to its counts and measures; ``confusion`` maps a predicted class
        to actual class to count, with zeros left out, or is None.
        """
        return {
            "classes": {
                name: {
                    **{each: int(getattr(self, each)[place]) for each in _BY_CLASS},
                    **{
                        each: float(getattr(self, each)[place])
                        for each in ("precision", "recall", "f1")
                    },
                }
                for place, name in enumerate(self.classes)
            },
            "micro": self.micro(),
            "macro": self.macro(),
            "confusion": self._confusion(),
        }

    def _confusion(self) -> dict[str, dict[str, int]] | None:
        if self.confusion is None:
            return None
        return {
            predicted: {
                actual: int(count)
                for actual, count in zip(self.classes, self.confusion[row], strict=True)
                if count
            }
            for row, predicted in enumerate(self.classes)
        }


def evaluate(classes: Sequence[str], tagged: Marks, predicted: Marks, single: bool) -> Evaluation:
    """Return the evaluation of marks, each bool [documents, classes] in the order of ``classes``.

    ``single`` adds the confusion matrix; each row then holds at most one mark.
    """
    hit, wrong, missed = tagged & predicted, ~tagged & predicted, tagged & ~predicted
    return Evaluation(
        classes=tuple(classes),
        true_positives=_sums(hit),
        true_negatives=_sums(~tagged & ~predicted),
        false_positives=_sums(wrong),
        false_negatives=_sums(missed),
        confusion=predicted.T.astype(np.int64) @ tagged.astype(np.int64) if single else None,
    )


def _sums(marks: Marks) -> npt.NDArray[np.int64]:
    return np.asarray(marks.sum(axis=0, dtype=np.int64))


def marks_of(classes: Sequence[str], tags: Sequence[Sequence[str]]) -> Marks:
    """Return bool [documents, classes]: which document carries which class."""
    place = {name: number for number, name in enumerate(classes)}
    marks = np.zeros((len(tags), len(classes)), dtype=bool)
    for row, names in enumerate(tags):
        marks[row, [place[name] for name in names]] = True
    return marks


def _ratios(part: npt.NDArray[np.int64], whole: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
