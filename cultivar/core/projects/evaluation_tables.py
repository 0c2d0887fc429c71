"""A stored evaluation as rows for a person: measures per class, and who is taken for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cultivar.core.vocabulary import how_many

Stored = Mapping[str, Any]
_MOST_PAIRS = 10


@dataclass(frozen=True)
class ClassMeasures:
    """The measures of one class, or an average over classes, where no count is given.

    ``tested`` counts the documents of the test set that carry the class.
    """

    name: str
    precision: float
    recall: float
    f1: float
    true_positives: int | None = None
    false_positives: int | None = None
    false_negatives: int | None = None

    @property
    def is_average(self) -> bool:
        """Whether this is the micro or the macro average."""
        return self.true_positives is None

    @property
    def tested(self) -> int | None:
        """The documents of the test set that carry the class."""
        if self.true_positives is None or self.false_negatives is None:
            return None
        return self.true_positives + self.false_negatives


def class_measures(evaluation: Stored) -> list[ClassMeasures]:
    """Return one row per class, then the micro and the macro average.

    ``evaluation`` is what ``Evaluation.as_dict`` gives.
    """
    rows = [
        ClassMeasures(
            name,
            found["precision"],
            found["recall"],
            found["f1"],
            found["true_positives"],
            found["false_positives"],
            found["false_negatives"],
        )
        for name, found in evaluation["classes"].items()
    ]
    return rows + [ClassMeasures(name, **evaluation[name]) for name in ("micro", "macro")]


def confusions(counts: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return the pairs of classes that the model confuses most often, at most ten sentences.

    ``counts`` maps predicted to actual to count, zeros left out.
    """
    sums = {name: sum(row.get(name, 0) for row in counts.values()) for name in counts}
    pairs = [
        (count, actual, predicted)
        for predicted, row in counts.items()
        for actual, count in row.items()
        if actual != predicted and count
    ]
    most = sorted(pairs, key=lambda pair: (-pair[0], pair[1:]))[:_MOST_PAIRS]
    return [
        f"{count:,} of {how_many(sums[actual], 'document')} of the class {actual}: predicted as "
        f"{predicted}"
        for count, actual, predicted in most
    ]
