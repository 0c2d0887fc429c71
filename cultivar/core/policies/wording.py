"""Conditions in words, for people; nothing reads them back.

It says what a condition means, not which items it reaches.
"""

from datetime import UTC, datetime

from cultivar.core.operating_points import POINTS
from cultivar.core.policies.conditions import (
    And,
    ClassifierIs,
    Condition,
    DateIs,
    FileTypeIn,
    FolderUnder,
    LocationIn,
    Not,
    Or,
    SizeIs,
    WorkloadIn,
)
from cultivar.core.vocabulary import CLOSE_MATCH, MATCH


def condition_in_words(condition: Condition) -> str:
    """Return one line, with brackets wherever *and*, *or* and *not* could be misread."""
    match condition:
        case And(conditions=parts):
            return " and ".join(_bracketed(part) for part in parts)
        case Or(conditions=parts):
            return " or ".join(_bracketed(part) for part in parts)
        case Not(condition=inner):
            return f"not ({condition_in_words(inner)})"
        case ClassifierIs():
            return _classifier(condition)
        case SizeIs() | DateIs():
            return _bounds(condition)
        case _:
            return _names(condition)


def _bracketed(part: Condition) -> str:
    words = condition_in_words(part)
    return f"({words})" if isinstance(part, And | Or) and len(part.conditions) > 1 else words


def _classifier(leaf: ClassifierIs) -> str:
    if leaf.at_least == MATCH:
        return f"{leaf.classifier_id} is a match"
    if leaf.at_least == CLOSE_MATCH:
        return f"{leaf.classifier_id} is a match or a close match"
    if leaf.at_least in POINTS:
        return f"{leaf.classifier_id} is a match at the point {leaf.at_least}"
    return f"{leaf.classifier_id} is at least {100 * float(leaf.at_least):.6g} % sure"


def _names(leaf: LocationIn | WorkloadIn | FolderUnder | FileTypeIn) -> str:
    match leaf:
        case LocationIn(names=names):
            return f"the location is {' or '.join(names)}"
        case WorkloadIn(names=names):
            return f"the workload is {' or '.join(names)}"
        case FolderUnder(folder=folder):
            return f"the folder is {folder} or below it"
        case FileTypeIn(types=types):
            return f"the file type is {' or '.join(types)}"


def _bounds(leaf: SizeIs | DateIs) -> str:
    if isinstance(leaf, SizeIs):
        low = leaf.at_least is not None and f"at least {leaf.at_least:,} bytes"
        high = leaf.at_most is not None and f"at most {leaf.at_most:,} bytes"
        return f"the size is {_both(low, high)}"
    low = leaf.since is not None and f"at or after {_moment(leaf.since)}"
    high = leaf.before is not None and f"before {_moment(leaf.before)}"
    return f"it was {leaf.which} {_both(low, high)}"


def _both(low: str | bool, high: str | bool) -> str:
    return " and ".join(str(bound) for bound in (low, high) if bound)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
