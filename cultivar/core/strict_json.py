"""JSON in UTF-8 as the standard has it and as nothing wider: what readers guess at is refused.

Finite numbers, whole characters, and each name once in its object (RFC 8259, sections 4, 6, 8.2).
"""

import json
import math
from collections.abc import Sequence
from typing import Any

from cultivar.core.errors import InvalidInput

LONGEST_SHOWN = 60


def parsed(data: bytes | str) -> Any:
    """Return what JSON says.

    Raises:
        ValueError: it is not JSON in UTF-8, or holds NaN, a number beyond every float, or half
            of a character pair.
        InvalidInput: code ``repeated-key``; an object holds a name twice, and one value counts.
    """
    text = data if isinstance(data, str) else data.decode("utf-8-sig")
    found = json.loads(
        text.removeprefix("\ufeff"),
        parse_float=_finite,
        parse_constant=_finite,
        object_pairs_hook=once_each,
    )
    if "\\u" in text:  # a half can only be spelt
        json.dumps(found, ensure_ascii=False).encode()
    return found


def _finite(spelt: str) -> float:
    number = float(spelt)
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number


def once_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object whose names are there once each; a hook of ``json.loads``.

    Raises:
        InvalidInput: code ``repeated-key``.
    """
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    twice = next(name for name in names if names.count(name) > 1)
    raise InvalidInput(
        "repeated-key",
        f"The JSON holds the key {twice[:LONGEST_SHOWN]!r} more than once in the same object, so "
        "it is not clear which value counts. Give it once.",
        {"key": twice[:LONGEST_SHOWN]},
    )
