"""Intervals of proportions, of counts in a finite population, and of differences of proportions.

It knows nothing of classifiers; it never draws without the generator that it is handed.

Wilson's interval stands in ``cultivar.core.review.accuracy``. The intervals here are exact or
conservative at small counts, where Wilson's dips below its level.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from cultivar.core.review.accuracy import wilson_interval

Draws = npt.NDArray[np.float64]
Side = Literal["lower", "upper"]
DECIMALS = 6
# twice the standard error of the 2.5 % quantile's place among 4,000 draws
DRAWING_ERROR = 0.005
SIDES: tuple[Side, Side] = ("lower", "upper")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with the bounds of its 95 % interval; a share from 0 to 1, or a count."""

    estimate: float
    lower: float
    upper: float

    def contains(self, value: float) -> bool:
        """Whether a value lies within the bounds, to rounding."""
        return self.lower - 1e-9 <= value <= self.upper + 1e-9

    @property
    def rounded(self) -> "Figure":
        """The same figure to as many decimals as reports state."""
        return Figure(*(round(each, DECIMALS) for each in (self.estimate, self.lower, self.upper)))


def share_of(successes: int, trials: int) -> Figure | None:
    """Return a share with its Wilson interval; None without trials, where there is no share."""
    if trials == 0:
        return None
    return Figure(successes / trials, *wilson_interval(successes, trials))


def difference_interval(first: tuple[int, int], second: tuple[int, int]) -> Figure:
    """Return the difference of two independent proportions, first minus second.

    Each is (successes, trials > 0). Newcombe 1998, "Interval estimation for the difference between
    independent proportions", method 10: the two Wilson intervals, squared and added.
    """
    shares = [successes / trials for successes, trials in (first, second)]
    (lower_1, upper_1), (lower_2, upper_2) = (wilson_interval(*first), wilson_interval(*second))
    estimate = shares[0] - shares[1]
    down = sqrt((shares[0] - lower_1) ** 2 + (upper_2 - shares[1]) ** 2)
    up = sqrt((upper_1 - shares[0]) ** 2 + (shares[1] - lower_2) ** 2)
    return Figure(estimate, estimate - down, estimate + up)


def rate_draws(
    generator: np.random.Generator, successes: int, trials: int, side: Side, size: int
) -> Draws:
    """Draw from the lower or the upper confidence distribution of a proportion (float64 [size]).

    The 2.5 % quantile of the lower and the 97.5 % quantile of the upper one are Clopper and
    Pearson's bounds. Without trials every draw is the bound itself: 0 or 1.
    """
    _require_possible(successes, trials)
    failures = trials - successes
    if side == "lower":
        return generator.beta(successes, failures + 1, size) if successes else np.zeros(size)
    return generator.beta(successes + 1, failures, size) if failures else np.ones(size)


def count_draws(
    generator: np.random.Generator,
    sample: tuple[int, int],
    population: int | npt.NDArray[np.int64],
    side: Side,
    size: int,
) -> npt.NDArray[np.int64]:
    """Draw how many of a finite population are as the successes of a sample drawn from it.

    ``sample`` is (successes, trials), drawn without replacement; the population is at least as
    large and may differ from draw to draw. The quantiles are the exact hypergeometric bounds.
    """
    successes, trials = sample
    rates = rate_draws(generator, successes, trials, side, size)
    unseen = np.maximum(np.asarray(population) - trials, 0)
    return successes + generator.binomial(unseen, rates)


def quantile_interval(
    estimate: float, lower: npt.NDArray[Any], upper: npt.NDArray[Any], level: float = 0.95
) -> Figure:
    """Return the figure whose bounds are quantiles of two sets of draws, and hold the estimate.

    Each bound lies half a point of probability further out than the level asks for: with some
    thousand draws, a quantile can be off by as much.
    """
    tail = (1 - level) / 2 - DRAWING_ERROR
    low = float(np.quantile(lower, tail, method="lower"))
    high = float(np.quantile(upper, 1 - tail, method="higher"))
    return Figure(estimate, min(low, estimate), max(high, estimate))


def _require_possible(part: int, whole: int) -> None:
    if not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole} is impossible")
