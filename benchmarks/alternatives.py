"""Alternatives to the rounds of the product, by name, for ``benchmarks.natural_mix``.

None of it is part of the product.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.earlier_rounds import before
from benchmarks.other_calibrations import calibrated, tilted, without_lookalikes
from benchmarks.other_promotions import Promotion
from cultivar.core.learning import rounds
from cultivar.core.learning.estimates import calibration
from cultivar.core.learning.rounds import UNLABELLED, Learned, Material

Rounds = Callable[[Material, int], Learned]


@dataclass(frozen=True)
class Way:
    """How the rounds weigh an unlabelled item of probability p.

    ``sharpness`` is the power that its odds are raised to before it counts as 1 - p of a negative;
    ``promoted`` is what part of p counts as a positive. ``cost`` is an error's from round 2 on,
    ``pooled`` what the encoder's part is multiplied by.
    """

    rounds: int = 3
    sharpness: float = 1.0
    promoted: float = 0.0
    cost: float = 1.0
    pooled: float = 1.0

    def learn(self, material: Material, seed: int) -> Learned:
        """Return what these rounds end with."""
        folds = rounds._folds(material, seed)
        dense = material.rows.dense * np.float32(self.pooled)
        material = replace(material, rows=replace(material.rows, dense=dense))
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
        linear = replace(linear, dense=linear.dense * self.pooled)
        return Learned(linear, found, calibration.fit_mixture(found), 1.0, False)


ROUNDS: dict[str, Rounds] = {
    "product": rounds.learn,
    "before": before,
    "naive": Way(rounds=0).learn,
    "kept": Way().learn,
    "kept, cost 3": Way(cost=3.0).learn,
    "kept, squared": Way(sharpness=2.0).learn,
    "kept, fourth": Way(sharpness=4.0).learn,
    "four rounds, cubed": Way(rounds=4, sharpness=3.0, cost=2.0).learn,
    "encoder at 0.6": Way(rounds=4, sharpness=3.0, cost=2.0, pooled=0.6).learn,
    "a tenth promoted": Way(promoted=0.1, sharpness=2.0).learn,
    "no lookalikes": calibrated(without_lookalikes),
    "tilted": calibrated(tilted),
    "between priors": Promotion().learn,
    "between, from 2 %": Promotion(many=0.02).learn,
    "encoder at 0.7": Promotion(pooled=0.7, between=False).learn,
    "promoted": Way(promoted=1.0).learn,
    "promoted, squared": Way(promoted=1.0, sharpness=2.0).learn,
}
