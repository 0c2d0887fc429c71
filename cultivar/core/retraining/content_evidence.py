"""Two versions on items of the content that only one of them labels: which one labels better.

It counts verdicts and recommends; it draws no item.

Where both versions say the same, no verdict can tell them apart, so people judge a random sample of
the items on which they differ. Of the N items that only one version labels, k are judged and r of
them relevant; with the reference prior Beta(1/2, 1/2) the number relevant of all N is r plus a
beta-binomial number of the N - k (Ericson 1969, "Subjective Bayesian models in sampling finite
populations"), and is known exactly once all are judged. The sample is one of both kinds together,
so each kind is weighed by how often it occurs.

Better means a higher F1 in the content: 2 TP / (L + P) with L labels and P relevant items. A
version that labels more is better when a larger share of what it adds is relevant than half the
F1 that the other has (Lipton, Elkan and Naryanaswamy 2014, "Optimal thresholding of classifiers to
maximize F1 measure"). That F1 is not known, so it is taken as high as what is counted allows where
the retrained version labels more, and as low as its training expects where it labels less: both
speak against the retrained version. A plain sign test asks for half instead, and keeps versions
that find many more items with two in five of the new labels right.

The chances that decide were chosen on draws of their own (``python -m benchmarks.retraining``): at
0.9, looked at after 30 and after 60 verdicts, few of the worse versions are recommended.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from cultivar.core.operating_points import OperatingPoints
from cultivar.core.vocabulary import how_many

BATCHES_AT_MOST = 2
REPUBLISH_FROM = 0.9
KEEP_UP_TO = 0.1
_PRIOR = 0.5
_EXACT_UP_TO = 512  # items that nobody judged; of more, as many quantiles stand for the number
_ROUNDING = 1e-9
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Differing:
    """The items of the content that only one version labels, and what the published one labels.

    ``half_f1`` is half the F1 in content that the published version is expected to have at least.
    """

    only_retrained: int
    only_published: int
    labelled: int
    half_f1: float

    @property
    def items(self) -> int:
        """Items on which the versions differ."""
        return self.only_retrained + self.only_published


@dataclass(frozen=True, slots=True)
class ContentEvidence:
    """What people said of a sample of the differing items.

    Of those that only the retrained version labels, ``found`` are relevant and ``spoiled`` are not;
    of those that only the published one labels, ``lost`` are relevant and ``cleared`` are not.
    """

    differing: Differing
    found: int = 0
    spoiled: int = 0
    lost: int = 0
    cleared: int = 0
    unsure: int = 0
    batches: int = 1

    @property
    def judged(self) -> int:
        """How many items say something."""
        return self.found + self.spoiled + self.lost + self.cleared

    @property
    def is_exhausted(self) -> bool:
        """Whether no further batch can be drawn."""
        asked = self.judged + self.unsure
        return self.batches >= BATCHES_AT_MOST or asked >= self.differing.items

    @property
    def chance(self) -> float:
        """How likely the retrained version has the higher F1 in this content (0 to 1)."""
        differing = self.differing
        found, likely = _totals(differing.only_retrained, self.found, self.spoiled)
        lost, as_likely = _totals(differing.only_published, self.lost, self.cleared)
        more = differing.only_retrained - differing.only_published
        gained = found[:, None] - lost[None, :]
        right = differing.labelled - differing.only_published + lost[None, :]
        most = right / np.maximum(1.0, differing.labelled + right + found[:, None])
        worth = most if more >= 0 else np.minimum(most, differing.half_f1)
        better = gained - worth * more > _ROUNDING
        return float((likely[:, None] * as_likely[None, :])[better].sum())

    @property
    def sentence(self) -> str:
        """What was judged, and what follows from it."""
        differing = self.differing
        parts = []
        if self.found + self.spoiled:
            parts.append(
                f"of {how_many(self.found + self.spoiled, 'item')} that only the retrained version "
                f"labels, {self.found:,} {'is' if self.found == 1 else 'are'} relevant"
            )
        if self.lost + self.cleared:
            parts.append(
                f"of {how_many(self.lost + self.cleared, 'item')} that only the published version "
                f"labels, {self.lost:,} {'is' if self.lost == 1 else 'are'} relevant"
            )
        said = "; ".join(parts) or "nothing was decided"
        differ = how_many(differing.items, "item")
        return (
            f"The versions differ on {differ} of the content that nobody had judged. Judged at "
            f"random: {said}. The retrained version labels this content better with a chance of "
            f"{_percent(self.chance)}."
        )

    @property
    def stored(self) -> dict[str, Any]:
        """What the registry keeps beside the other figures of a retraining."""
        return asdict(self) | {
            "chance": self.chance, "judged": self.judged, "is_exhausted": self.is_exhausted,
        }  # fmt: skip


def half_f1(points: OperatingPoints, point: str, prior: float) -> float:
    """Return half the F1 in content that training expects of a version at a point."""
    return points.expected_f1(point, prior) / 2.0


def _totals(whole: int, relevant: int, others: int) -> tuple[Numbers, Numbers]:
    """Return how many of all may be relevant, and how likely each number is."""
    left = max(0, whole - relevant - others)
    shape = _PRIOR + relevant, _PRIOR + others
    if left <= _EXACT_UP_TO:
        further = np.arange(left + 1, dtype=np.float64)
        return relevant + further, np.asarray(stats.betabinom.pmf(further, left, *shape))
    middles = (np.arange(_EXACT_UP_TO) + 0.5) / _EXACT_UP_TO
    further = left * np.asarray(stats.beta.ppf(middles, *shape))
    return relevant + further, np.full(_EXACT_UP_TO, 1.0 / _EXACT_UP_TO)


def _percent(chance: float) -> str:
    """Return a chance that is never rounded to certainty."""
    return f"{min(99, max(1, round(100 * chance)))} %" if 0.0 < chance < 1.0 else f"{chance:.0%}"
