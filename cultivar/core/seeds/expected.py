"""What F1 to expect in this content from seeds alone, before anybody judged an item.

The share of left-out seeds above the threshold and the share of the content there are counted; how
much of the content is relevant is estimated, and nothing without labels can bound that estimate.
So the range is what the truth came to beside it in measured draws (``python -m benchmarks.seeds``):
from 1.3 below to 1.3 above, on the scale of log odds, in nine of ten.
"""

from math import exp, log

from cultivar.core.operating_points import BALANCED, OperatingPoints

_BELOW, _ABOVE = 1.3, 1.3
_LEAST = 0.01
MEANING = "F1 weighs wrong and missed labels alike; 1 is without either"


def expected_f1(points: OperatingPoints, prior: float) -> tuple[float, float]:
    """Return from where to where F1 at the balanced point is expected in content."""
    found = min(1.0 - _LEAST, max(_LEAST, points.expected_f1(BALANCED, prior)))
    odds = log(found / (1.0 - found))
    low, high = (1.0 / (1.0 + exp(-each)) for each in (odds - _BELOW, odds + _ABOVE))
    return low, high
