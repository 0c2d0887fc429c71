"""Whether seeds are stronger than the typical members of their category, from round 1's scores.

Seeds that are all strong examples score alike: the weakest fifth of them stands nearly as far above
everyday content as their middle does, where random members reach down into content. They also hide
the other members, so that hardly any seem to be left. Either alone is seen in some random seeds.
The limit was chosen on half of the categories, where 2.5 % of random seed sets pass it and 75 % of
those that hold the top-scored members (``python -m benchmarks.seeds --apart``).
"""

import numpy as np

from cultivar.core.learning import arithmetic
from cultivar.core.learning.calibration import Vector

_WEAKEST = 5  # the fifth part of the seeds
_HIDDEN = 0.1  # what a tenfold smaller share of hidden members adds, in ln of the share
_STRONG = 1.05


def are_strong(seeds: Vector, content: Vector, prior: float) -> bool:
    """Tell whether seeds seem to be stronger than typical members; ``prior`` is their share."""
    if not len(seeds):
        return False
    middle = float(np.median(content))
    weakest = np.sort(seeds)[: max(1, len(seeds) // _WEAKEST)]
    height = float(np.median(seeds)) - middle
    if height <= 0.0:
        return False
    share = (arithmetic.dot(weakest, np.ones(len(weakest))) / len(weakest) - middle) / height
    return float(share - _HIDDEN * arithmetic.logarithm(prior)) > _STRONG
