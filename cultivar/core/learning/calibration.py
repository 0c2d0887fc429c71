"""From decision values to a prior, a threshold and probabilities.

It fits no weights and sees no text: everything comes from out-of-fold decision values of seeds,
of unlabelled items and of reviewed ones.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cultivar.core.learning import arithmetic

Vector = npt.NDArray[np.float64]

_STEPS = 50
_RIDGE = 1e-3


def fit_logistic(positive: Vector, unlabelled: Vector, prior: float) -> tuple[float, float]:
    """Return (slope, intercept) of the probability of relevance at a decision value.

    The unbiased risk of positive and unlabelled data under the logistic loss, which is convex:
    ``E_u[ln(1 + e^z)] - prior * E_p[z]`` with z = slope * value + intercept (du Plessis, Niu,
    Sugiyama, "Convex formulation for learning from positive and unlabeled data", ICML 2015), plus
    a small ridge on the slope, which is kept at 0 or above. Newton steps.
    """
    slope, intercept = 1.0, float(arithmetic.logarithm(prior / (1.0 - prior)))
    ones = np.ones(len(unlabelled))
    count = float(len(unlabelled))
    mean = arithmetic.dot(positive, np.ones(len(positive))) / len(positive)
    for _ in range(_STEPS):
        found = arithmetic.logistics(slope * unlabelled + intercept)
        curve = found * (1.0 - found)
        by_slope = arithmetic.dot(found, unlabelled) / count - prior * mean + _RIDGE * slope
        by_intercept = arithmetic.dot(found, ones) / count - prior
        a = arithmetic.dot(curve * unlabelled, unlabelled) / count + _RIDGE
        b = arithmetic.dot(curve, unlabelled) / count
        c = arithmetic.dot(curve, ones) / count + 1e-9
        determinant = a * c - b * b
        slope -= _bounded((c * by_slope - b * by_intercept) / determinant)
        intercept -= _bounded((a * by_intercept - b * by_slope) / determinant)
    return max(slope, 0.0), intercept


def _bounded(step: float) -> float:
    return max(-2.0, min(2.0, step))


@dataclass(frozen=True)
class Rates:
    """At each candidate threshold: the share of positives and of unlabelled at or above it."""

    thresholds: Vector
    recall: Vector
    flagged: Vector


def rates(positive: Vector, unlabelled: Vector) -> Rates:
    """Return the rates at each distinct decision value of the positives, ascending."""
    thresholds = np.unique(positive)
    return Rates(thresholds, share_above(positive, thresholds), share_above(unlabelled, thresholds))


def share_above(values: Vector, thresholds: Vector) -> Vector:
    """Return the share of ``values`` at or above each threshold."""
    below = np.searchsorted(np.sort(values), thresholds, side="left")
    return 1.0 - below / max(1, len(values))


def estimate_prior(positive: Vector, unlabelled: Vector) -> float:
    """Return the share of positives hidden among the unlabelled, by the smallest flagged / recall.

    Every threshold bounds it from above (Scott and Blanchard, "Novelty detection", 2009); both
    rates are corrected by one standard error so that a few items do not decide.
    """
    found = rates(positive, unlabelled)
    kept = found.recall >= 0.2
    recall, flagged = found.recall[kept], found.flagged[kept]
    spread = np.sqrt((flagged * (1 - flagged) + 1.0 / len(unlabelled)) / len(unlabelled))
    bound = float(np.min((flagged + spread) / recall))
    return min(0.9, max(1.0 / (len(unlabelled) + 1.0), bound))


def choose_threshold(positive: Vector, unlabelled: Vector, prior: float) -> float:
    """Return the decision value with the largest estimated F1 at ``prior``."""
    found = rates(positive, unlabelled)
    f1 = 2.0 * prior * found.recall / (prior + found.flagged)
    return float(found.thresholds[int(np.argmax(f1))])
