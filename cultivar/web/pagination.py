"""Pages of a list: a cursor says after which entry the next one begins.

A cursor stays right when entries before it come or go; it is opaque and holds a sort key only.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query

from cultivar.core.errors import InvalidInput

T = TypeVar("T")
PAGE, PAGE_AT_MOST = 50, 500


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page of a list is asked for."""

    limit: int
    cursor: str | None


async def asked(
    limit: Annotated[int, Query(ge=1, le=PAGE_AT_MOST, description="Entries on a page.")] = PAGE,
    cursor: Annotated[
        str | None, Query(max_length=2_000, description="`next` of the page before.")
    ] = None,
) -> Asked:
    """Return which page of a list is asked for."""
    return Asked(limit, cursor)


Paging = Annotated[Asked, Depends(asked)]


def page(entries: Sequence[T], key: Callable[[T], list[Any]], asked_for: Asked) -> dict[str, Any]:
    """Return ``items`` after the cursor and ``next``, the cursor of what follows or None.

    ``key`` gives each entry's place in the order, unique and made of JSON's plain values.

    Raises:
        InvalidInput: code ``bad-cursor``.
    """
    ordered = sorted(entries, key=key)
    if asked_for.cursor is not None:
        after = _read(asked_for.cursor)
        try:
            ordered = [each for each in ordered if key(each) > after]
        except TypeError:
            raise _bad() from None
    shown = ordered[: asked_for.limit]
    more = len(ordered) > asked_for.limit
    return {"items": shown, "next": _written(key(shown[-1])) if more else None}


def _written(key: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def _read(cursor: str) -> list[Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise _bad() from None
    if not isinstance(found, list):
        raise _bad()
    return found


def _bad() -> InvalidInput:
    return InvalidInput("bad-cursor", "The cursor is not one that a list of this kind gave.")
