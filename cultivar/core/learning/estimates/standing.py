"""Whether seeds are stronger than the typical members of their category, from round 1's scores.

Seeds that are all strong examples score alike: the weakest fifth of them stands nearly as far above
everyday content as their middle does, where random members reach down into content. They also hide
the other members, so that hardly any seem to be left. Either alone is seen in some random seeds.
A kind whose members are all alike, such as a form, shows both: there nothing stands between the
seeds and everyday content, while typical members that the seeds outshine stand just there.
The limit was chosen on half of the categories, where 2.5 % of random seed sets pass it and 75 % of
those that hold the top-scored members (``python -m benchmarks.seeds --apart``).
"""

import numpy as np

from cultivar.core.learning import arithmetic
from cultivar.core.learning.estimates.calibration import Vector

_WEAKEST = 5  # the fifth part of the seeds
_HIDDEN = 0.1  # what a tenfold smaller share of hidden members adds, in ln of the share
_STRONG = 1.05
_BETWEEN = 0.5  # of the way up to the weakest seeds


def are_strong(seeds: Vector, content: Vector, prior: float) -> bool:
    """Tell whether seeds seem to be stronger than typical members; ``prior`` is their share."""
    if not len(seeds):
        return False
    middle = float(np.median(content))
    weakest = np.sort(seeds)[: max(1, len(seeds) // _WEAKEST)]
    height = float(np.median(seeds)) - middle
    if height <= 0.0:
        return False
    low = arithmetic.dot(weakest, np.ones(len(weakest))) / len(weakest) - middle
    standing = content - middle
    above = int((standing >= low).sum())
    between = int((standing >= _BETWEEN * low).sum()) - above
    strong = float(low / height - _HIDDEN * arithmetic.logarithm(prior)) > _STRONG
    return strong and between >= above
