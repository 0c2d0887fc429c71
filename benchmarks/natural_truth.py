"""What tested items say of scores and probabilities when they are weighed as in the natural mix.

It draws nothing and learns nothing.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]

_BINS = 10


@dataclass(frozen=True)
class Truth:
    """Which tested items are relevant, and what each weighs in the natural mix (sum 1)."""

    relevant: Marks
    weights: Numbers

    @classmethod
    def at(cls, relevant: Marks, prevalence: float) -> "Truth":
        """Weigh the items so that the share ``prevalence`` of the whole is relevant."""
        shares = np.where(relevant, prevalence, 1.0 - prevalence)
        return cls(relevant, shares / np.where(relevant, relevant.sum(), (~relevant).sum()))

    def average_precision(self, values: Numbers) -> float:
        """Return the mean of precision over recall; items of one value count together."""
        precision, recall = self._curve(values)
        return float(np.sum(precision * np.diff(recall, prepend=0.0)))

    def best_f1(self, values: Numbers) -> float:
        """Return the largest F1 at any threshold."""
        precision, recall = self._curve(values)
        return float(np.max(2.0 * precision * recall / np.maximum(precision + recall, 1e-12)))

    def f1(self, matched: Marks) -> float:
        """Return F1 of what matched."""
        right = float(self.weights[matched & self.relevant].sum())
        whole = float(self.weights[matched].sum() + self.weights[self.relevant].sum())
        return 2.0 * right / whole

    def _curve(self, values: Numbers) -> tuple[Numbers, Numbers]:
        order = np.argsort(-values, kind="stable")
        ends = np.flatnonzero(np.diff(values[order], append=-np.inf))
        above = np.cumsum(self.weights[order])[ends]
        right = np.cumsum((self.weights * self.relevant)[order])[ends]
        return right / above, right / right[-1]

    def expected_error(self, chances: Numbers) -> float:
        """Return the expected calibration error over ten bins of equal width."""
        places = np.minimum((chances * _BINS).astype(int), _BINS - 1)
        gaps = np.bincount(places, self.weights * (chances - self.relevant), _BINS)
        return float(np.abs(gaps).sum())

    def error_by_chance(self, chances: Numbers) -> float:
        """Return what the calibration error would come to by the tested items' chance alone.

        That is the mean distance of each bin's gap from its expectation, by the normal law.
        """
        places = np.minimum((chances * _BINS).astype(int), _BINS - 1)
        sizes = np.maximum(np.bincount(places, self.weights, _BINS), 1e-12)
        means = np.bincount(places, self.weights * self.relevant, _BINS) / sizes
        spread = (self.weights * (self.relevant - means[places])) ** 2
        return float(np.sqrt(2.0 / np.pi) * np.sqrt(np.bincount(places, spread, _BINS)).sum())

    def brier(self, chances: Numbers) -> float:
        """Return the mean squared error of the chances."""
        return float(np.sum(self.weights * (chances - self.relevant) ** 2))
