"""The rule by which a retrained version was recommended before verdicts on the content decided.

It stands here to be compared with the product's; see ``benchmarks/retraining.py``. Both versions
were judged at the threshold of the review. It kept the published version where a set was right on
fewer items by more than one point, or where precision or recall fell by more than one point and by
more than one item can show; and recommended the retrained one where the exact McNemar test favoured
it over all items (p < 0.05) or over one set (p < 0.025).
"""

from collections.abc import Mapping

from cultivar.core.retraining.actions import KEEP, NOT_ENOUGH, REPUBLISH
from cultivar.core.retraining.paired import MEASURES, McNemar, Paired, mcnemar

MARGIN = 0.01
SIGNIFICANCE = 0.05
SIGNIFICANCE_OF_A_SET = 0.025
FALL_BY_CHANCE = 0.25
_ROUNDING = 1e-9


def earlier_decision(sets: Mapping[str, Paired], test: McNemar) -> str:
    """Return the decision by the counts of each set, and the test over all items."""
    if any(_loses(paired) or _falls(paired) for paired in sets.values()):
        return KEEP
    if not all(paired.relevant for paired in sets.values()):
        return NOT_ENOUGH
    wins = any(_wins(paired) for paired in sets.values())
    return REPUBLISH if wins or test.favours_retrained(SIGNIFICANCE) else NOT_ENOUGH


def _falls(paired: Paired) -> bool:
    """Tell whether a measure falls by more than a point and by more than one item can show."""
    changes = {measure: paired.change(measure) for measure in MEASURES}
    return any(
        change is not None
        and change[1] - change[0] < -MARGIN - _ROUNDING
        and paired.chance_of_fall(measure) <= FALL_BY_CHANCE + _ROUNDING
        for measure, change in changes.items()
    )


def _loses(paired: Paired) -> bool:
    return paired.gain < -MARGIN - _ROUNDING


def _wins(paired: Paired) -> bool:
    test = mcnemar(paired.retrained_right, paired.published_right)
    return test.favours_retrained(SIGNIFICANCE_OF_A_SET)
