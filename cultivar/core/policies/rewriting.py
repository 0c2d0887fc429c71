"""Conditions that say the same by other names: of a location, or a number for a point's name.

It evaluates nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from cultivar.core.operating_points import POINTS
from cultivar.core.policies.conditions import And, ClassifierIs, Condition, LocationIn, Not, Or
from cultivar.core.vocabulary import MATCH


def with_location_renamed(condition: Condition, before: str, after: str) -> Condition:
    """Return the condition with one location named by another name wherever it names it."""

    def renamed(leaf: Condition) -> Condition:
        if not isinstance(leaf, LocationIn):
            return leaf
        return LocationIn(tuple(after if name == before else name for name in leaf.names))

    return _with_leaves(condition, renamed)


def with_probabilities(
    condition: Condition, points: Mapping[str, Mapping[str, float]]
) -> Condition:
    """Return the condition with a probability wherever it names an operating point.

    ``points`` maps classifier to point to probability. Where a classifier has none, a point stands
    for a match.
    """

    def stated(leaf: Condition) -> Condition:
        if not isinstance(leaf, ClassifierIs) or leaf.at_least not in POINTS:
            return leaf
        known = points.get(leaf.classifier_id, {})
        return replace(leaf, at_least=known.get(str(leaf.at_least), MATCH))

    return _with_leaves(condition, stated)


def _with_leaves(condition: Condition, changed: Callable[[Condition], Condition]) -> Condition:
    match condition:
        case And(conditions=parts):
            return And(tuple(_with_leaves(each, changed) for each in parts))
        case Or(conditions=parts):
            return Or(tuple(_with_leaves(each, changed) for each in parts))
        case Not(condition=inner):
            return Not(_with_leaves(inner, changed))
        case _:
            return changed(condition)
