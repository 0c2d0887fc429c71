"""Conditions as JSON, there and back, with errors that name the place of what is wrong.

It knows forms, not classifiers: whether one exists is asked elsewhere.

A node is an object with one key: ``and`` or ``or`` (a list), ``not`` (a node), ``classifier`` (its
id, beside ``at_least``), ``location``, ``workload`` or ``file_type`` (a list of names), ``folder``
(one name), ``size`` (``at_least``, ``at_most``), ``created`` or ``modified`` (``since``,
``before``).
"""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from cultivar.core.policies.conditions import (
    DEPTH_AT_MOST,
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
    require_well_formed,
    too_deep,
    wrong,
)
from cultivar.core.vocabulary import MATCH


def condition_as_json(condition: Condition) -> dict[str, Any]:
    """Return plain values that ``condition_from_json`` reads back as the same condition."""
    match condition:
        case And(conditions=parts):
            return {"and": [condition_as_json(part) for part in parts]}
        case Or(conditions=parts):
            return {"or": [condition_as_json(part) for part in parts]}
        case Not(condition=inner):
            return {"not": condition_as_json(inner)}
        case ClassifierIs(classifier_id=classifier_id, at_least=at_least):
            return {"classifier": classifier_id, "at_least": at_least}
        case _:
            return _leaf_as_json(condition)


def _leaf_as_json(
    leaf: LocationIn | WorkloadIn | FolderUnder | FileTypeIn | SizeIs | DateIs,
) -> dict[str, Any]:
    match leaf:
        case LocationIn(names=names):
            return {"location": list(names)}
        case WorkloadIn(names=names):
            return {"workload": list(names)}
        case FolderUnder(folder=folder):
            return {"folder": folder}
        case FileTypeIn(types=types):
            return {"file_type": list(types)}
        case SizeIs(at_least=low, at_most=high):
            return {"size": _given({"at_least": low, "at_most": high})}
        case DateIs(which=which, since=since, before=before):
            return {which: _given({"since": _moment(since), "before": _moment(before)})}


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def condition_from_json(found: object, path: str = "$") -> Condition:
    """Read a condition.

    Raises:
        InvalidInput: codes ``unknown-condition`` (a key that is none of the above),
            ``bad-condition`` (a value of the wrong kind), and those of ``require_well_formed``. The
            sentence and the facts name the path of the node, as in ``$.and[1].size``.
    """
    return require_well_formed(parse_condition(found, path), path)


def parse_condition(found: object, path: str) -> Condition:
    """Read a condition whose form and values are checked elsewhere, with all of its policy.

    Raises:
        InvalidInput: codes ``unknown-condition`` and ``bad-condition``.
    """
    return _node(found, path, 1)


def _node(found: object, path: str, depth: int) -> Condition:
    if depth > DEPTH_AT_MOST:
        raise too_deep(path)
    if not isinstance(found, Mapping):
        raise wrong("bad-condition", path, f"a condition is an object, not {_kind(found)}")
    if not found:
        raise wrong("empty-condition", path, "the condition is empty")
    word, value = _one_key(found, path)
    inner = f"{path}.{word}"
    if word == "not":
        return Not(_node(value, inner, depth + 1))
    if word in ("and", "or"):
        parts = tuple(
            _node(part, f"{inner}[{place}]", depth + 1)
            for place, part in enumerate(_list(value, inner))
        )
        return And(parts) if word == "and" else Or(parts)
    if word == "classifier":
        return ClassifierIs(_text(value, inner), _confidence(found.get("at_least", MATCH), path))
    return _LEAVES[word](value, inner)


def _one_key(found: Mapping[Any, Any], path: str) -> tuple[str, Any]:
    words = [word for word in found if not (word == "at_least" and "classifier" in found)]
    unknown = [str(word)[:40] for word in words if word not in _WORDS]
    if unknown:
        raise wrong(
            "unknown-condition",
            path,
            f"{', '.join(unknown[:5])} is not a condition; the conditions are {', '.join(_WORDS)}",
        )
    if len(words) > 1:
        listed = ", ".join(words)
        raise wrong(
            "bad-condition", path, f"a condition has one key; {listed} belong into an 'and' list"
        )
    return words[0], found[words[0]]


def _kind(found: object) -> str:
    return {str: "text", list: "a list", dict: "an object", type(None): "nothing"}.get(
        type(found), "a number" if isinstance(found, int | float) else type(found).__name__
    )


def _list(found: object, path: str) -> list[Any]:
    if not isinstance(found, list):
        raise wrong("bad-condition", path, f"a list is needed, not {_kind(found)}")
    return found


def _text(found: object, path: str) -> str:
    if not isinstance(found, str):
        raise wrong("bad-condition", path, f"text is needed, not {_kind(found)}")
    return found


def _texts(found: object, path: str) -> tuple[str, ...]:
    return tuple(_text(part, f"{path}[{place}]") for place, part in enumerate(_list(found, path)))


def _confidence(found: object, path: str) -> str | float:
    if isinstance(found, float):
        return found
    if isinstance(found, int) and not isinstance(found, bool):
        # an integer may be too large for a float
        return float(found) if abs(found) < 10**9 else math.inf
    return _text(found, f"{path}.at_least")


def _bounds(found: object, path: str, *names: str) -> tuple[Any, ...]:
    if not isinstance(found, Mapping):
        raise wrong("bad-condition", path, f"an object is needed, not {_kind(found)}")
    unknown = [str(name)[:40] for name in found if name not in names]
    if unknown:
        known = " and ".join(names)
        raise wrong("unknown-condition", path, f"{unknown[0]} is not a bound; there are {known}")
    return tuple(found.get(name) for name in names)


def _size(found: object, path: str) -> SizeIs:
    bounds = _bounds(found, path, "at_least", "at_most")
    if any(isinstance(bound, bool) or not isinstance(bound, int | None) for bound in bounds):
        raise wrong("bad-condition", path, "a size is a whole number of bytes")
    return SizeIs(*bounds)


def _dates(which: Literal["created", "modified"]) -> Callable[[object, str], DateIs]:
    def read(found: object, path: str) -> DateIs:
        since, before = _bounds(found, path, "since", "before")
        return DateIs(which, _date(since, path), _date(before, path))

    return read


def _date(found: object, path: str) -> datetime | None:
    if found is None:
        return None
    try:
        read = datetime.fromisoformat(_text(found, path))
        return read.astimezone(UTC) if read.tzinfo else read
    except (ValueError, OverflowError):
        raise wrong("bad-value", path, "a date is written as in 2026-11-21T00:00:00Z") from None


_LEAVES: Mapping[str, Callable[[object, str], Condition]] = {
    "location": lambda found, path: LocationIn(_texts(found, path)),
    "workload": lambda found, path: WorkloadIn(_texts(found, path)),
    "folder": lambda found, path: FolderUnder(_text(found, path)),
    "file_type": lambda found, path: FileTypeIn(_texts(found, path)),
    "size": _size,
    "created": _dates("created"),
    "modified": _dates("modified"),
}
_WORDS = ("and", "or", "not", "classifier", *_LEAVES)
