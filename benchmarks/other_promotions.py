"""Other ways to promote unlabelled items, for ``benchmarks.natural_mix``.

None of it is part of the product. On the categories for choosing the first ranks better by 0.9
points of average precision where a quarter is relevant, on the others by 0.3, and F1 before
verdicts falls by a point: that the categories for choosing promised more is why it stays here.
"""

from dataclasses import dataclass, replace

import numpy as np

from cultivar.core.learning import rounds
from cultivar.core.learning.estimates import calibration
from cultivar.core.learning.rounds import UNLABELLED, Learned, Material


@dataclass(frozen=True)
class Promotion:
    """The product's rounds, promoting by a prior between the mixture's and its bound.

    ``many`` is the prior from which on items are promoted, ``pooled`` what the encoder's part is
    multiplied by, ``between`` tells whether the prior is that one, or the bound as in the product.
    """

    many: float = 0.1
    pooled: float = 1.0
    between: bool = True

    def learn(self, material: Material, seed: int) -> Learned:
        """Return what these rounds end with."""
        dense = material.rows.dense * np.float32(self.pooled)
        material = replace(material, rows=replace(material.rows, dense=dense))
        folds = rounds._folds(material, seed)
        scores = rounds._out_of_fold(material, rounds._naive(material), folds, seed)
        overlooked, excess = rounds._overlooked(material, scores)
        for _ in range(rounds._DOUBTING_ROUNDS):
            found = material.split(scores, overlooked)
            bound = calibration.estimate_prior(found)
            chances = rounds._chances(scores, found, bound)
            belief = rounds._doubting(material, chances, overlooked, bound)
            scores = rounds._out_of_fold(material, belief, folds, seed)
        found = material.split(scores, overlooked)
        bound = calibration.estimate_prior(found)
        promoting = calibration.fit_mixture(found).prior >= self.many
        for _ in range(rounds._PROMOTING_ROUNDS if promoting else 0):
            found = material.split(scores, overlooked)
            estimate = calibration.fit_mixture(found).prior if self.between else bound
            chances = rounds._chances(scores, found, float(np.sqrt(bound * estimate)))
            belief = rounds._doubting(material, chances, material.roles == UNLABELLED, bound)
            scores = rounds._out_of_fold(material, belief, folds, seed)
        found = material.split(scores, overlooked)
        linear = rounds._fit(material, belief, np.ones(len(folds), dtype=bool), seed)
        linear = replace(linear, dense=linear.dense * self.pooled)
        line = calibration.fit_mixture(found)
        return Learned(linear, found, line, excess, excess > rounds._APART)
