"""Operating points from out-of-fold decision values: thresholds for content, not for a review.

It fits no weights. The share of the unlabelled items at or above a threshold, U(t), is observed;
the share of the relevant ones, R(t), is that of the positives. With the prior p, matches at t are
right in a share of p R(t) / U(t), and F1 in content is 2 p R(t) / (p + U(t)). Both are smoothed by
the same kernel: at 1 %, fifteen items of 1,500 are relevant, and which of them lie next to each
other would choose the threshold. For the balanced point the prior is taken between the estimated
one and its bound, and the kernel is narrower: too low a threshold costs less than one too high (F1
is 0.91 of the best at 1 % and 0.95 at 5 % instead of 0.87 and 0.92). Relevant items of the
content that people found take the seeds' place once most are found, as seeds lie higher.
"""

from collections.abc import Callable

import numpy as np

from cultivar.core.learning.estimates import calibration
from cultivar.core.learning.estimates.calibration import Evidence, Vector
from cultivar.core.operating_points import (
    BALANCED,
    BE_SURE,
    FIND_MOST,
    OperatingPoint,
    OperatingPoints,
)

_THRESHOLDS = 200
_FOUND_AT_LEAST = 0.95  # find most
# Be sure is the largest F-0.3 that still finds three in ten: without that floor, a tenth of the
# categories found fewer than one in ten of their relevant items.
_SURE = 0.09
_USEFUL = 0.3
_NARROW = 0.7  # of the kernel's width


def operating_points(
    found: Evidence, prior: float, score: Callable[[float], float], reviewed: int = 0
) -> OperatingPoints:
    """Return the points of a version; ``score`` turns a decision value into a stored threshold.

    The last ``reviewed`` of the positives are those that people reviewed.
    """
    thresholds = np.linspace(found.positive.min(), found.positive.max(), _THRESHOLDS)
    likely = float(np.sqrt(prior * calibration.estimate_prior(found)))
    balanced = _largest_f(*_shares(found, prior, thresholds, _NARROW), likely, 1.0)
    recall, flagged = _shares(found, prior, thresholds, 1.0)
    useful = _last(recall >= _USEFUL) + 1
    places = {
        FIND_MOST: min(balanced, _last(recall >= _FOUND_AT_LEAST)),
        BALANCED: balanced,
        BE_SURE: max(balanced, _largest_f(recall[:useful], flagged[:useful], prior, _SURE)),
    }
    kinds = (
        found.positive, found.unlabelled, found.positive[len(found.positive) - reviewed :],
        found.negative,
    )  # fmt: skip
    points = {}
    for name, place in places.items():
        counts = (int((values >= thresholds[place]).sum()) for values in kinds)
        points[name] = OperatingPoint(score(float(thresholds[place])), *counts)
    positives, unlabelled, right, wrong = map(len, kinds)
    return OperatingPoints(positives, unlabelled, right, wrong, points)


def _shares(
    found: Evidence, prior: float, thresholds: Vector, narrow: float
) -> tuple[Vector, Vector]:
    """Return the shares of relevant and of unlabelled items above each threshold, smoothed."""
    width = narrow * calibration.kernel_width(found.positive)
    recall = calibration.smooth_share_above(found.positive, thresholds, width)
    weight = _found_weight(found, prior)
    if weight > 0.0:
        own = calibration.smooth_share_above(found.sampled_positive, thresholds, width)
        recall = (1.0 - weight) * recall + weight * own
    return recall, calibration.smooth_share_above(found.unlabelled, thresholds, width)


def _found_weight(found: Evidence, prior: float) -> float:
    """Return what relevant items that people found count beside the seeds (0 to 1).

    They are the top of the content: only once more than half of all are found do they stand for
    all.
    """
    share = len(found.sampled_positive) / (prior * len(found.unlabelled))
    return min(1.0, max(0.0, 2.0 * share - 1.0))


def _last(fulfilled: "np.typing.NDArray[np.bool_]") -> int:
    """Return the last place that fulfils a condition, the first place where none does."""
    places = np.flatnonzero(fulfilled)
    return int(places[-1]) if len(places) else 0


def _largest_f(recall: Vector, flagged: Vector, prior: float, weight: float) -> int:
    """Return the place of the largest expected F-beta in content; ``weight`` is beta squared.

    It is (1 + weight) p R / (weight p + U), which leans little on p where few items are relevant.
    """
    return int(np.argmax(prior * recall / (weight * prior + flagged)))
