"""Alternatives to the rounds of the product, by name, for ``benchmarks.natural_mix``.

None of it is part of the product.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from cultivar.core.learning import calibration, rounds
from cultivar.core.learning.rounds import POSITIVE, UNLABELLED, Learned, Material, Vector

Rounds = Callable[[Material, int], Learned]

_LIKE_A_SEED = 0.2


@dataclass(frozen=True)
class Way:
    """How the rounds weigh an unlabelled item of probability p.

    ``sharpness`` is the power that its odds are raised to before it counts as 1 - p of a negative;
    ``promoted`` is what part of p counts as a positive. ``cost`` is an error's from round 2 on.
    """

    rounds: int = 3
    sharpness: float = 1.0
    promoted: float = 0.0
    cost: float = 1.0

    def learn(self, material: Material, seed: int) -> Learned:
        """Return what these rounds end with."""
        folds = rounds._folds(material, seed)
        unlabelled = (material.roles == UNLABELLED).astype(np.float64)
        belief = rounds._belief(material, 0.0 * unlabelled, unlabelled, 0.3)
        scores = rounds._out_of_fold(material, belief, folds, seed)
        for _ in range(self.rounds):
            found = material.split(scores)
            line = calibration.fit_logistic(found, calibration.estimate_prior(found))
            relevant = calibration.probabilities(scores, *(self.sharpness * each for each in line))
            sides = self.promoted * relevant * unlabelled, (1.0 - relevant) * unlabelled
            belief = rounds._belief(material, *sides, self.cost)
            scores = rounds._out_of_fold(material, belief, folds, seed)
        found = material.split(scores)
        linear = rounds._fit(material, belief, np.ones(len(folds), dtype=bool), seed)
        return Learned(linear, found, calibration.estimate_prior(found), 1.0, False)


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
    return Learned(linear, evidence, prior, excess, excess > 2.0)


def _split(material: Material, scores: Vector, overlooked: rounds.Chosen) -> calibration.Evidence:
    found = material.split(scores)
    positive = np.concatenate([found.positive, scores[overlooked]])
    return replace(found, positive=positive)


ROUNDS: dict[str, Rounds] = {
    "product": rounds.learn,
    "before": before,
    "naive": Way(rounds=0).learn,
    "kept": Way().learn,
    "kept, cost 3": Way(cost=3.0).learn,
    "kept, squared": Way(sharpness=2.0).learn,
    "kept, fourth": Way(sharpness=4.0).learn,
    "promoted": Way(promoted=1.0).learn,
    "promoted, squared": Way(promoted=1.0, sharpness=2.0).learn,
}
