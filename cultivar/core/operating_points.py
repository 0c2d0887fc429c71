"""Operating points: from which score on a version labels content, and what is known of each.

It estimates nothing. The review of a balanced test set keeps a threshold of its own: in content,
where few items are relevant, the same threshold would make many labels wrong.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cultivar.core.vocabulary import CLOSE_MATCH, MATCH, NO_MATCH

FIND_MOST = "find-most"
BALANCED = "balanced"
BE_SURE = "be-sure"
POINTS = (FIND_MOST, BALANCED, BE_SURE)
DEFAULT = BALANCED

# what each aims at in training; what it comes to in the content is estimated or measured apart
MEANINGS = {
    FIND_MOST: "aims to miss at most 5 % of the relevant items; more labels are wrong",
    BALANCED: "aims at the best balance of right labels and found items (the largest expected F1)",
    BE_SURE: "aims at labels most of which are right; more relevant items are missed",
}


@dataclass(frozen=True, slots=True)
class Cut:
    """Scores (float32 values) from which on an item matches, and nearly matches."""

    threshold: float
    close: float

    def prediction(self, score: float) -> str:
        """Return match, close match or no match."""
        if score >= self.threshold:
            return MATCH
        return CLOSE_MATCH if score >= self.close else NO_MATCH


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """One threshold for content (a float32 value), and how many items score at or above it.

    ``found`` of all positives, ``above`` of the unlabelled items, ``reviewed_found`` of the
    reviewed positives and ``reviewed_wrong`` of the reviewed negatives. Each item is scored by a
    model that has not learned from it.
    """

    threshold: float
    found: int
    above: int
    reviewed_found: int
    reviewed_wrong: int


@dataclass(frozen=True, slots=True)
class OperatingPoints:
    """The points of a version by name, and how many items of each kind their counts are out of.

    ``reviewed_positives`` and ``reviewed_negatives`` were drawn, not chosen by their score.
    """

    positives: int
    unlabelled: int
    reviewed_positives: int
    reviewed_negatives: int
    points: Mapping[str, OperatingPoint]

    def cut(self, name: str) -> Cut:
        """Return where matches and close matches begin at a point.

        A close match begins where at most 5 % of the relevant items are missed, or with a match.
        """
        threshold = self.points[name].threshold
        return Cut(threshold, min(threshold, self.points[FIND_MOST].threshold))

    def expected_f1(self, name: str, prior: float) -> float:
        """Return F1 in content at a point, where the share ``prior`` of it is relevant."""
        at = self.points[name]
        recall, flagged = at.found / self.positives, at.above / self.unlabelled
        return 2.0 * prior * recall / (prior + flagged)

    def reviewed(self, name: str) -> tuple[int, int, int, int]:
        """Return reviewed positives and the matches among them at a point, then negatives alike."""
        point = self.points[name]
        return (
            self.reviewed_positives, point.reviewed_found,
            self.reviewed_negatives, point.reviewed_wrong,
        )  # fmt: skip

    @property
    def lowest(self) -> float:
        """The lowest score from which on any point lists an item."""
        return min(each.threshold for each in self.points.values())

    @property
    def stored(self) -> dict[str, Any]:
        """What a model's header and the registry keep."""
        return asdict(self)


def points_from(stored: Mapping[str, Any] | None) -> OperatingPoints | None:
    """Return what ``stored`` holds; None where a version was made before there were points."""
    if stored is None:
        return None
    points = {name: OperatingPoint(**each) for name, each in stored["points"].items()}
    return OperatingPoints(**{**stored, "points": points})
