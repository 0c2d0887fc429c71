"""Two versions on the same items: where they differ, and whether that is more than chance.

It compares counts; it recommends nothing.

Every test here is exact and of one kind: if neither version were better, each item on which they
differ would be as likely to have come out the other way round, each by itself. For the share of
right answers that is McNemar's test (1947, "Note on the sampling error of the difference between
correlated proportions") with the binomial distribution in place of its approximation; for precision
and recall it is the randomisation test of Yeh (2000, "More accurate tests for the statistical
significance of result differences"), counted out instead of drawn.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

PRECISION = "precision"
RECALL = "recall"
MEASURES = (PRECISION, RECALL)
_ROUNDING = 1e-9
Counts = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Paired:
    """Counts of items, ``relevant`` ones among them, and what both versions label.

    ``both_right`` and ``both_wrong`` are relevant and other items that both label. Only the
    retrained version labels ``found`` relevant and ``spoiled`` other items; only the published one
    labels ``lost`` relevant and ``cleared`` other items.
    """

    items: int
    relevant: int
    both_right: int
    both_wrong: int
    found: int
    lost: int
    spoiled: int
    cleared: int

    @property
    def retrained_right(self) -> int:
        """Items on which only the retrained version is right."""
        return self.found + self.cleared

    @property
    def published_right(self) -> int:
        """Items on which only the published version is right."""
        return self.lost + self.spoiled

    @property
    def gain(self) -> float:
        """By how much the retrained version's share of right answers is higher, -1 to 1."""
        return (self.retrained_right - self.published_right) / self.items if self.items else 0.0

    def change(self, measure: str) -> tuple[float, float] | None:
        """Return a measure of the published and of the retrained version; None if neither has it.

        A version that labels nothing has made no wrong label: its precision compares as 1.
        """
        right, wrong = self.both_right, self.both_wrong
        differing = self.found + self.lost + self.spoiled + self.cleared
        if not (self.relevant if measure == RECALL else right + wrong + differing):
            return None
        before = self._share(measure, np.array(right + self.lost), np.array(wrong + self.cleared))
        after = self._share(measure, np.array(right + self.found), np.array(wrong + self.spoiled))
        return float(before), float(after)

    def chance_of_fall(self, measure: str) -> float:
        """Return how likely a measure falls as far as it did, or farther, by chance (0 to 1)."""
        if self.change(measure) is None:
            return 1.0
        found = np.arange(self.found + self.lost + 1)
        spoiled = np.arange(self.spoiled + self.cleared + 1)
        after = self._share(
            measure, self.both_right + found[:, None], self.both_wrong + spoiled[None, :]
        )
        changes = after - after[::-1, ::-1]  # what one version does not label, the other does
        ways = [stats.binom.pmf(each, each[-1], 0.5) for each in (found, spoiled)]
        likely = ways[0][:, None] * ways[1][None, :]
        return float(likely[changes <= changes[self.found, self.spoiled] + _ROUNDING].sum())

    def _share(self, measure: str, hits: Counts, misses: Counts) -> Shares:
        if measure == RECALL:
            return hits / self.relevant + 0.0 * misses
        labelled = hits + misses
        return np.where(labelled > 0, hits / np.maximum(labelled, 1), 1.0)


@dataclass(frozen=True, slots=True)
class McNemar:
    """The items on which only one version is right, and the exact two-sided p-value."""

    retrained_right: int
    published_right: int
    p_value: float

    def favours_retrained(self, significance: float) -> bool:
        """Whether the retrained version is right more often, beyond chance."""
        return self.retrained_right > self.published_right and self.p_value < significance


def mcnemar(retrained_right: int, published_right: int) -> McNemar:
    """Return the exact test of whether each version is alone in the right as often."""
    differing = retrained_right + published_right
    p_value = stats.binomtest(retrained_right, differing).pvalue if differing else 1.0
    return McNemar(retrained_right, published_right, float(p_value))
