"""Alternatives to the rounds of the product, by name, for ``benchmarks.natural_mix``.

None of it is part of the product.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.earlier_rounds import before
from cultivar.core.learning import calibration, rounds
from cultivar.core.learning.rounds import UNLABELLED, Learned, Material

Rounds = Callable[[Material, int], Learned]


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
        return Learned(linear, found, calibration.fit_mixture(found), 1.0, False)


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
