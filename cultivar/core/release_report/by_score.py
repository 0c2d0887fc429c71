"""The strata of a release sample by score, and how its verdicts are spent on them.

It draws nothing and states no figure.

What is labelled is one stratum: its verdicts give the precision. What is not labelled may hide
relevant items, mostly just below the threshold, and rarely in the rest, which is nearly all of the
content: so the strata below are cut by the relevant items that their probabilities promise.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cultivar.core.vocabulary import MATCH

JUST_BELOW, FURTHER_BELOW, REST = "just below", "further below", "rest"
NAMES = (MATCH, JUST_BELOW, FURTHER_BELOW, REST)
# Verdicts on each. On simulated organisations of which 3 % is relevant, they narrow precision and
# recall to ten points at most (benchmarks/release_samples.py).
_VERDICTS = (45, 60, 33, 12)
_PROMISED = (0.6, 0.9)  # of the relevant items below the threshold, down to a bound
Scores = npt.NDArray[np.floating[Any]]


def bounds_of(scores: Scores, threshold: float) -> tuple[float, ...]:
    """Return the scores from which on an item is of each stratum but the last, falling."""
    below = np.sort(scores[scores < np.float32(threshold)])[::-1]
    if not len(below):
        return threshold, 0.0, 0.0
    promised = np.cumsum(below, dtype=np.float64)
    places = np.searchsorted(promised, np.multiply(_PROMISED, promised[-1]))
    return threshold, *(float(below[min(each, len(below) - 1)]) for each in places)


def places_of(scores: Scores, bounds: Sequence[float]) -> npt.NDArray[np.int64]:
    """Return the place of each score's stratum, 0 the highest (int64 [n])."""
    rising = np.array(bounds[::-1], np.float32)
    found = len(bounds) - np.searchsorted(rising, np.asarray(scores, np.float32), side="right")
    return np.asarray(found, np.int64)


def sizes_of(held: Sequence[int]) -> dict[str, int]:
    """Return how many verdicts each stratum gets, by name; ``held`` is how many items it has.

    What a stratum has too few items for goes to the next that has more.
    """
    sizes = [min(wanted, items) for wanted, items in zip(_VERDICTS, held, strict=True)]
    for place, items in enumerate(held):
        sizes[place] += min(items - sizes[place], sum(_VERDICTS) - sum(sizes))
    return dict(zip(NAMES, sizes, strict=True))
