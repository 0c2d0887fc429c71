"""What the explorer can be asked: filters, orders and cursors, and the conditions they come to.

Every value is bound, never written into a query; it runs nothing.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from cultivar.core.errors import InvalidInput
from cultivar.core.vocabulary import CLOSE_MATCH, MATCH

# What an order sorts by before the place; the place (location, folder, name) breaks every tie.
ORDERS: Mapping[str, tuple[str, str] | None] = MappingProxyType(
    {
        "place": None,
        "close matches first": ("prediction", "ASC"),
        "highest score": ("score", "DESC"),
        "lowest score": ("score", "ASC"),
        "newest": ("modified", "DESC"),
        "oldest": ("modified", "ASC"),
    }
)
PREDICTIONS = (CLOSE_MATCH, MATCH, None)


@dataclass(frozen=True, slots=True)
class Filters:
    """What to show; what is None does not matter.

    ``folder`` holds for what lies below it too; ``name`` is part of the file's name, ignoring case
    and whether accents and Hangul are written in one character or in parts, as is ``folder``;
    ``type`` is a media type (``application/pdf``) or an extension (``pdf``); ``labelled`` asks
    whether there is any label. Scores are bounds that are included; moments are of the last
    change, from ``since`` to before ``until``.

    Raises:
        InvalidInput: code ``empty-range``; nothing lies between two bounds.
    """

    classifier: str | None = None
    prediction: str | None = None
    workload: str | None = None
    location: str | None = None
    folder: str | None = None
    name: str | None = None
    type: str | None = None
    label: str | None = None
    labelled: bool | None = None
    score_from: float | None = None
    score_to: float | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        _require_between("score", self.score_from, self.score_to)
        _require_between("moment of the last change", self.since, self.until)


def plain_type(kind: str) -> str:
    """Return a media type or an extension as the index holds it: ``.PDF`` is ``pdf``."""
    return kind.lower().removeprefix(".")


def _require_between(name: str, lower: Any, upper: Any) -> None:
    if lower is not None and upper is not None and lower > upper:
        raise InvalidInput(
            "empty-range",
            f"No {name} lies between {lower} and {upper}, as the first is the greater one. "
            "Exchange them.",
        )


Part: TypeAlias = tuple[str, list[Any]]


def among(column: str, ids: list[int]) -> Part:
    """Return the condition that a column is one of some numbers; a range where they have no gap."""
    if not ids:
        return "false", []
    if ids[-1] - ids[0] + 1 == len(ids):
        return f"{column} BETWEEN {ids[0]} AND {ids[-1]}", []
    return f"{column} IN (SELECT unnest(?::INTEGER[]))", [ids]


def measured(filters: Filters) -> list[Part]:
    """Return the conditions on columns that hold what is asked as it is; labels are not theirs.

    Raises:
        InvalidInput: code ``unknown-prediction``.
    """
    parts: list[Part] = []
    if filters.prediction is not None:
        parts.append((f"prediction = {_prediction(filters.prediction)}", []))
    if filters.name:
        folded = pc.utf8_lower(pa.scalar(filters.name)).as_py()
        parts.append(("contains(folded, nfc_normalize(?))", [folded]))
    bounds = (
        ("score >= ?::FLOAT", filters.score_from),
        ("score <= ?::FLOAT", filters.score_to),
        ("modified >= ?::TIMESTAMP", _utc(filters.since)),
        ("modified < ?::TIMESTAMP", _utc(filters.until)),
    )
    if filters.score_from is not None or filters.score_to is not None:
        parts.append(("score >= 0", []))
    return parts + [(text, [value]) for text, value in bounds if value is not None]


def _prediction(name: str) -> int:
    if name not in (MATCH, CLOSE_MATCH):
        raise InvalidInput(
            "unknown-prediction", f"{name!r} is not listed. There are: {MATCH}, {CLOSE_MATCH}."
        )
    return PREDICTIONS.index(name)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment is not None else None


def beyond(key: tuple[str, str] | None, seen: tuple[Any, int]) -> Part:
    """Return the condition of the rows that follow one whose sort key and number are ``seen``."""
    value, row = seen
    if key is None:
        return "rowid > ?", [row]
    column, direction = key
    beyond = "<" if direction == "DESC" else ">"
    typed = {"score": "?::FLOAT", "modified": "?::TIMESTAMP", "prediction": "?::UTINYINT"}[column]
    text = f"({column} {beyond} {typed} OR ({column} = {typed} AND rowid > ?))"
    return text, [value, value, row]


def joined(parts: list[Part]) -> Part:
    """Return all conditions as one clause, with its values in order."""
    if not parts:
        return "", []
    return "WHERE " + " AND ".join(text for text, _ in parts), [v for _, vs in parts for v in vs]


def encoded(basis: str, order: str, value: Any, row: int) -> str:
    """Return the cursor behind a row: of which index and order, with which sort key."""
    return base64.urlsafe_b64encode(json.dumps([basis, order, value, row]).encode()).decode()


def decoded(cursor: str, order: str) -> tuple[str, Any, int]:
    """Return the index, sort key and row of a cursor.

    Raises:
        InvalidInput: code ``bad-cursor``; it is not one of this order's.
    """
    try:
        basis, named, value, row = json.loads(base64.urlsafe_b64decode(cursor))
        seen = _typed(ORDERS.get(order), value), int(row)
    except (ValueError, TypeError):
        raise _bad_cursor() from None
    if named != order:
        raise _bad_cursor()
    return str(basis), *seen


def _bad_cursor() -> InvalidInput:
    return InvalidInput("bad-cursor", "The cursor is not one of this list's own.")


def _typed(key: tuple[str, str] | None, value: Any) -> Any:
    if key is None:
        return None
    return datetime.fromisoformat(value) if key[0] == "modified" else float(value)
