"""The meaning of a condition, one item at a time: the reference for every faster evaluation.

It is written to be read, not to be quick.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import numpy as np

from cultivar.core.policies import conditions as on
from cultivar.core.vocabulary import CLOSE_MATCH, MATCH

Truth = bool | None


def score_column(classifier_id: str) -> str:
    """Return the column with a classifier's score of an item; null where it has none."""
    return f"score:{classifier_id}"


def prediction_column(classifier_id: str) -> str:
    """Return the column with a classifier's prediction of an item; null where it has none."""
    return f"prediction:{classifier_id}"


def truth(condition: on.Condition, row: Mapping[str, Any]) -> Truth:
    """Return whether a condition holds for an item; None where that is unknown.

    ``row`` maps the columns of the items table, and two a classifier, to the item's values.
    """
    match condition:
        case on.And(conditions=parts):
            return all_of(truth(part, row) for part in parts)
        case on.Or(conditions=parts):
            return any_of(truth(part, row) for part in parts)
        case on.Not(condition=inner):
            return opposite(truth(inner, row))
        case _:
            return leaf_truth(condition, row)


def reaches(condition: on.Condition, row: Mapping[str, Any]) -> bool:
    """Return whether a policy with the condition labels the item."""
    return truth(condition, row) is True


def all_of(truths: Iterable[Truth]) -> Truth:
    """Return Kleene's *and*."""
    found = set(truths)
    if False in found:
        return False
    return None if None in found else True


def any_of(truths: Iterable[Truth]) -> Truth:
    """Return Kleene's *or*."""
    found = set(truths)
    if True in found:
        return True
    return None if None in found else False


def opposite(truth: Truth) -> Truth:
    """Return Kleene's *not*."""
    return None if truth is None else not truth


def leaf_truth(leaf: on.Leaf, row: Mapping[str, Any]) -> Truth:
    """Return whether a leaf holds for an item; None where its column is null or absent."""
    if isinstance(leaf, on.ClassifierIs):
        return _confident(leaf, row)
    value = row.get(_column(leaf))
    return None if value is None else _holds(leaf, value)


def _confident(leaf: on.ClassifierIs, row: Mapping[str, Any]) -> Truth:
    if isinstance(leaf.at_least, float):
        score = row.get(score_column(leaf.classifier_id))
        # scores are kept as float32: as such 0.7 is at least 0.7
        return None if score is None else bool(np.float32(score) >= np.float32(leaf.at_least))
    prediction = row.get(prediction_column(leaf.classifier_id))
    if prediction is None:
        return None
    return prediction in ((MATCH, CLOSE_MATCH) if leaf.at_least == CLOSE_MATCH else (MATCH,))


def _column(leaf: on.Leaf) -> str:
    match leaf:
        case on.LocationIn():
            return "location"
        case on.WorkloadIn():
            return "workload"
        case on.FolderUnder():
            return "folder"
        case on.FileTypeIn():
            return "name"
        case on.DateIs():
            return leaf.column
        case _:
            return "size"


def _holds(leaf: on.Leaf, value: Any) -> bool:
    match leaf:
        case on.LocationIn(names=names) | on.WorkloadIn(names=names):
            return value in names
        case on.FolderUnder(folder=folder):
            return f"{value.rstrip('/')}/".startswith(f"{folder.rstrip('/')}/")
        case on.FileTypeIn(types=types):
            # only ASCII letters have a file type's case
            return value.encode().lower().endswith(tuple(f".{kind}".encode() for kind in types))
        case on.SizeIs(at_least=low, at_most=high):
            return (low is None or value >= low) and (high is None or value <= high)
        case on.DateIs(since=since, before=before):
            return _between(value, since, before)
        case on.ClassifierIs():
            raise AssertionError("a classifier's confidence is judged from two columns")


def _between(value: datetime, since: datetime | None, before: datetime | None) -> bool:
    return (since is None or value >= since) and (before is None or value < before)
