"""How near a figure comes to what bounds it, over categories, with an interval.

``benchmarks.natural_mix --shares`` prints it. A ratio is that of the means; its 95 % interval is
what drawing the categories anew makes of it (percentile bootstrap). The lowest is the category that
comes least near.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

_DRAWS = 4_000


@dataclass(frozen=True)
class Pair:
    """A figure of one draw beside its bound, under the name of both."""

    category: str
    prevalence: float
    verdicts: int
    what: str
    figure: float
    bound: float


@dataclass(frozen=True)
class Ratio:
    """The ratio of the means, its interval, and the category that comes least near."""

    ratio: float
    low: float
    high: float
    lowest: float
    category: str


def ratio(rows: Sequence[Pair]) -> Ratio:
    """Return what pairs come to: means of a category's draws, then over categories."""
    names = sorted({each.category for each in rows})
    means = np.array([
        np.mean([(e.figure, e.bound) for e in rows if e.category == name], axis=0)
        for name in names
    ])  # fmt: skip
    drawn = np.random.default_rng(0).integers(len(names), size=(_DRAWS, len(names)))
    sums = means[drawn].sum(axis=1)
    low, high = np.quantile(sums[:, 0] / sums[:, 1], [0.025, 0.975])
    each = means[:, 0] / np.maximum(means[:, 1], 1e-12)
    worst = int(np.argmin(each))
    whole = float(means[:, 0].sum() / means[:, 1].sum())
    return Ratio(whole, float(low), float(high), float(each[worst]), names[worst])


def report(found: Sequence[Pair]) -> None:
    """Print a line a figure, prevalence and number of verdicts."""
    print("\nratio to the bound, over categories (95 % interval), and the lowest")
    keys = dict.fromkeys((each.what, each.prevalence, each.verdicts) for each in found)
    for what, prevalence, verdicts in sorted(keys):
        rows = [e for e in found if (e.what, e.prevalence, e.verdicts)
                == (what, prevalence, verdicts)]  # fmt: skip
        came = ratio(rows)
        print(
            f"{what:<34}{prevalence:>6.1%} relevant, {verdicts} verdicts "
            f"{came.ratio:.3f} ({came.low:.3f} to {came.high:.3f}) "
            f"lowest {came.lowest:.2f} {came.category}",
            flush=True,
        )
