"""The rounds and the calibration of earlier versions, for ``benchmarks.natural_mix``.

None of it is part of the product.
"""

from dataclasses import replace

import numpy as np

from cultivar.core.learning import rounds
from cultivar.core.learning.estimates import calibration
from cultivar.core.learning.estimates.calibration import Line
from cultivar.core.learning.rounds import POSITIVE, UNLABELLED, Learned, Material, Vector

_LIKE_A_SEED = 0.2


def before(material: Material, seed: int) -> Learned:
    """Leave out what scores like a seed, then count all on both sides by the odds squared.

    What stands out of the bulk counts as a seed where it is twice as much as the seeds explain.
    """
    folds = rounds._folds(material, seed)
    unlabelled = material.roles == UNLABELLED
    naive = rounds._belief(material, 0.0 * unlabelled, unlabelled.astype(np.float64), 0.3)
    scores = rounds._out_of_fold(material, naive, folds, seed)
    low, middle = np.quantile(scores[unlabelled], [0.16, 0.5])
    prominent = unlabelled & (scores > middle + 3.0 * (middle - low))
    expected = calibration.estimate_prior(material.split(scores))
    excess = float(prominent.sum()) / float(unlabelled.sum()) / expected
    overlooked = prominent & (excess > 2.0)
    bound = np.quantile(scores[material.roles == POSITIVE], _LIKE_A_SEED)
    kept = (unlabelled & (scores < bound) & ~overlooked).astype(np.float64)
    belief = rounds._belief(material, 0.0 * kept, kept, 1.0)
    scores = rounds._out_of_fold(material, belief, folds, seed)
    prior = calibration.estimate_prior(_split(material, scores, overlooked))
    for _ in range(3):
        line = calibration.fit_logistic(_split(material, scores, overlooked), prior)
        relevant = calibration.probabilities(scores, *(2.0 * each for each in line))
        sides = relevant * unlabelled, (1.0 - relevant) * unlabelled
        belief = rounds._belief(material, *sides, 1.0)
        scores = rounds._out_of_fold(material, belief, folds, seed)
    linear = rounds._fit(material, belief, np.ones(len(folds), dtype=bool), seed)
    evidence = _split(material, scores, overlooked)
    ended = Line(*calibration.fit_logistic(evidence, prior), prior)
    return Learned(linear, evidence, ended, excess, excess > 2.0)


def _split(material: Material, scores: Vector, overlooked: rounds.Chosen) -> calibration.Evidence:
    found = material.split(scores)
    positive = np.concatenate([found.positive, scores[overlooked]])
    return replace(found, positive=positive)
