"""The condition language of policies: leaves over an item and its predictions, and, or, not.

It defines what can be said; how it is evaluated stands in ``rowwise`` and ``columnar``.

Truth has three values: a leaf over something that is not known of an item (a classifier that has
not evaluated it, an empty column) is unknown, ``not`` of unknown is unknown, and a policy reaches
only items for which its condition is true. So nothing is ever labelled because an evaluation is
missing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cultivar.core.errors import InvalidInput
from cultivar.core.operating_points import POINTS
from cultivar.core.vocabulary import CLOSE_MATCH, MATCH, WORKLOADS

DEPTH_AT_MOST = 20
NODES_AT_MOST = 200
_FILE_TYPE = re.compile(r"[a-z0-9]+(\.[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class ClassifierIs:
    """A classifier's minimum confidence in an item.

    ``at_least``: ``match``, ``close match`` (which a match is as well), the operating point whose
    probability is the least, or a probability from 0 to 1.
    """

    classifier_id: str
    at_least: str | float = MATCH


@dataclass(frozen=True, slots=True)
class LocationIn:
    """The item's location is one of those named."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WorkloadIn:
    """The item's workload is one of those named."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FolderUnder:
    """The item's folder is the one named or lies below it; written as the items table has it."""

    folder: str


@dataclass(frozen=True, slots=True)
class FileTypeIn:
    """The item's name ends in a dot and one of the file types, whatever the case of its letters."""

    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SizeIs:
    """The item's size in bytes lies within the bounds, both included."""

    at_least: int | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class DateIs:
    """A date of the item lies at or after ``since`` and before ``before``."""

    which: Literal["created", "modified"]
    since: datetime | None = None
    before: datetime | None = None

    @property
    def column(self) -> str:
        """The column of the items table."""
        return f"{self.which}_at"


@dataclass(frozen=True, slots=True)
class And:
    """All of the conditions hold."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of the conditions holds."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    condition: "Condition"


Leaf = ClassifierIs | LocationIn | WorkloadIn | FolderUnder | FileTypeIn | SizeIs | DateIs
Condition = Leaf | And | Or | Not


@dataclass(frozen=True, slots=True)
class Node:
    """A node at its path, as ``$.and[1].not``; ``negated`` under an odd number of nots."""

    path: str
    condition: Condition
    negated: bool
    depth: int


def nodes(condition: Condition, path: str = "$") -> Iterator[Node]:
    """Yield every node of a condition from the top, each before those that it holds.

    ``path`` is where the condition itself stands.

    Raises:
        InvalidInput: code ``condition-too-deep``.
    """
    yield from _below(Node(path, condition, False, 1))


def _below(node: Node) -> Iterator[Node]:
    if node.depth > DEPTH_AT_MOST:
        raise too_deep(node.path)
    yield node
    inner = node.condition
    if isinstance(inner, Not):
        yield from _below(
            Node(f"{node.path}.not", inner.condition, not node.negated, node.depth + 1)
        )
    elif isinstance(inner, And | Or):
        word = "and" if isinstance(inner, And) else "or"
        for place, part in enumerate(inner.conditions):
            path = f"{node.path}.{word}[{place}]"
            yield from _below(Node(path, part, node.negated, node.depth + 1))


def classifier_nodes(condition: Condition, path: str = "$") -> list[tuple[Node, ClassifierIs]]:
    """Return the nodes that ask a classifier, in the order in which they are written."""
    return [
        (node, node.condition)
        for node in nodes(condition, path)
        if isinstance(node.condition, ClassifierIs)
    ]


def classifiers_of(condition: Condition) -> tuple[str, ...]:
    """Return the ids of the classifiers that a condition asks, each once, in their order."""
    return tuple(dict.fromkeys(leaf.classifier_id for _, leaf in classifier_nodes(condition)))


def confidence_asked(condition: Condition) -> str | float | None:
    """Return the operating point or probability that all parts about classifiers ask for.

    None where they differ, and where they ask for matches.
    """
    asked = {leaf.at_least for _, leaf in classifier_nodes(condition)}
    one = asked.pop() if len(asked) == 1 else MATCH
    return one if isinstance(one, float) or one in POINTS else None


def require_well_formed(condition: Condition, path: str = "$") -> Condition:
    """Return the condition itself when each of its nodes says something.

    Raises:
        InvalidInput: codes ``empty-condition``, ``bad-value``, ``condition-too-deep`` and
            ``condition-too-large``; the facts hold the path of the node.
    """
    for count, node in enumerate(nodes(condition, path), start=1):
        if count > NODES_AT_MOST:
            raise wrong(
                "condition-too-large", node.path, f"there are more than {NODES_AT_MOST} conditions"
            )
        _require_node(node.path, node.condition)
    return condition


def wrong(code: str, path: str, what: str) -> InvalidInput:
    """Return the error for a node of a condition or a policy."""
    return InvalidInput(code, f"At {path}: {what}.", {"path": path})


def too_deep(path: str) -> InvalidInput:
    """Return the error for a condition whose nodes are nested too deeply."""
    return wrong(
        "condition-too-deep", path, f"conditions may be nested {DEPTH_AT_MOST} deep at most"
    )


def _require_node(path: str, node: Condition) -> None:
    match node:
        case And(conditions=parts) | Or(conditions=parts):
            _require(bool(parts), "empty-condition", path, "the list of conditions is empty")
        case Not():
            pass
        case ClassifierIs():
            _require_classifier(path, node)
        case SizeIs():
            _require_size(path, node)
        case DateIs():
            _require_date(path, node)
        case _:
            _require_names(path, node)


def _require(held: bool, code: str, path: str, what: str) -> None:
    if not held:
        raise wrong(code, path, what)


def _require_classifier(path: str, leaf: ClassifierIs) -> None:
    _require(bool(leaf.classifier_id), "empty-condition", path, "no classifier is named")
    named = leaf.at_least in (MATCH, CLOSE_MATCH, *POINTS)
    scored = isinstance(leaf.at_least, float) and 0.0 <= leaf.at_least <= 1.0
    _require(
        named or scored,
        "bad-value",
        path,
        f"the minimum confidence is 'match', 'close match', an operating point "
        f"({', '.join(POINTS)}) or a probability from 0 to 1, and {leaf.at_least!r} was found",
    )


def _require_names(path: str, leaf: LocationIn | WorkloadIn | FolderUnder | FileTypeIn) -> None:
    names = _names(leaf)
    _require(bool(names) and all(names), "empty-condition", path, "nothing is named")
    if isinstance(leaf, WorkloadIn):
        unknown = sorted(set(names) - set(WORKLOADS))
        known = ", ".join(WORKLOADS)
        _require(not unknown, "bad-value", path, f"{unknown} are no workloads; they are {known}")
    if isinstance(leaf, FileTypeIn):
        odd = [name for name in names if not _FILE_TYPE.fullmatch(name)]
        what = f"file types are written in small letters without a dot, as in 'pdf', not {odd}"
        _require(not odd, "bad-value", path, what)


def _names(leaf: LocationIn | WorkloadIn | FolderUnder | FileTypeIn) -> tuple[str, ...]:
    match leaf:
        case FolderUnder(folder=folder):
            # a folder of slashes alone is no folder
            return (folder.strip("/"),)
        case FileTypeIn(types=types):
            return types
        case LocationIn(names=names) | WorkloadIn(names=names):
            return names


def _require_size(path: str, leaf: SizeIs) -> None:
    bounds = [bound for bound in (leaf.at_least, leaf.at_most) if bound is not None]
    _require(bool(bounds), "empty-condition", path, "no size is given")
    right = bounds == sorted(bounds) and min(bounds) >= 0 and max(bounds) < 2**63
    _require(right, "bad-value", path, f"sizes ascend from 0 bytes, and {bounds} was found")


def _require_date(path: str, leaf: DateIs) -> None:
    bounds = [bound for bound in (leaf.since, leaf.before) if bound is not None]
    _require(bool(bounds), "empty-condition", path, "no date is given")
    zoned = all(bound.tzinfo is not None for bound in bounds)
    _require(zoned, "bad-value", path, "a date needs a time zone")
    _require(len(bounds) < 2 or bounds[0] < bounds[1], "bad-value", path, "no date lies between")
