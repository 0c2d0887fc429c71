"""Alternatives to the calibration of the product, for ``benchmarks.natural_mix``.

None of it is part of the product. On the categories for choosing they change the calibration error
by a tenth at most, up or down: most of it is what the test items' chance leaves, and the prior.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from cultivar.core.learning import rounds
from cultivar.core.learning.estimates import calibration
from cultivar.core.learning.estimates.calibration import Evidence, Line, Vector
from cultivar.core.learning.rounds import Learned, Material

_STEPS, _NEWTON = 60, 3


def without_lookalikes(found: Evidence) -> Line:
    """Return the mixture's line as it was before: what looks relevant is."""
    line = calibration.fit_mixture(found)
    low, high = line.intercept - 20.0, line.intercept
    for _ in range(50):
        middle = 0.5 * (low + high)
        mean = calibration.probabilities(found.unlabelled, line.slope, middle).mean()
        low, high = (low, middle) if mean >= line.prior else (middle, high)
    return Line(line.slope, low, line.prior)


def tilted(found: Evidence) -> Line:
    """Return the line of the largest likelihood of positives, negatives and unlabelled together.

    Both kinds differ by a factor e^(slope * value) (Qin, "Empirical likelihood ratio based
    confidence intervals for mixture proportions", 1999): unlabelled items count on both sides.
    """
    values = np.concatenate([found.positive, found.unlabelled, found.negative])
    prior, slope, intercept = calibration.estimate_prior(found), 1.0, 0.0
    chances = np.full(len(found.unlabelled), prior)
    odds = 0.0
    for _ in range(_STEPS):
        ones = np.concatenate([np.ones(len(found.positive)), chances, 0.0 * found.negative])
        zeros = np.concatenate([0.0 * found.positive, 1.0 - chances, np.ones(len(found.negative))])
        slope, intercept = _regressed(values, ones, zeros, (slope, intercept))
        odds = float(np.log(ones.sum() / zeros.sum()))
        for _ in range(3):
            shift = intercept - odds + float(np.log(prior / (1.0 - prior)))
            chances = calibration.probabilities(found.unlabelled, slope, shift)
            prior = min(0.9, max(1.0 / (len(chances) + 1), float(chances.mean())))
    return Line(slope, intercept - odds + float(np.log(prior / (1.0 - prior))), prior)


def _regressed(
    values: Vector, ones: Vector, zeros: Vector, start: tuple[float, float]
) -> tuple[float, float]:
    line = np.array(start)
    columns = np.stack([values, np.ones(len(values))])
    for _ in range(_NEWTON):
        risen = calibration.probabilities(values, line[0], line[1])
        weights = (ones + zeros) * risen * (1.0 - risen)
        slopes = columns @ ((ones + zeros) * risen - ones)
        curve = (columns * weights) @ columns.T + 1e-4 * np.eye(2)
        line = line - np.clip(np.linalg.solve(curve, slopes), -2.0, 2.0)
    return max(float(line[0]), 0.0), float(line[1])


def calibrated(by: Callable[[Evidence], Line]) -> Callable[[Material, int], Learned]:
    """Return the product's rounds with another calibration at their end."""

    def learn(material: Material, seed: int) -> Learned:
        learned = rounds.learn(material, seed)
        return replace(learned, calibration=by(learned.evidence))

    return learn
