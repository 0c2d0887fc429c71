"""Bodies of requests, read as JSON in UTF-8 and as nothing wider.

What a store or an answer could not hold is refused here, before a route sees it.
"""

import json
import math
from typing import Any

from fastapi import Request


class StrictRequest(Request):
    """A request whose body is taken as the standard has it: finite numbers, whole characters."""

    async def json(self) -> Any:
        """Return what the body says.

        Raises:
            ValueError: see ``parsed``.
        """
        if not hasattr(self, "_json"):
            self._json = parsed(await self.body())
        return self._json


def parsed(body: bytes) -> Any:
    """Return what a JSON body says.

    Raises:
        ValueError: it is not JSON in UTF-8, or holds NaN, a number beyond every float, or half
            of a character pair (RFC 8259, sections 6 and 8.2, leaves these to the reader).
    """
    text = body.decode("utf-8-sig")
    found = json.loads(text, parse_float=_finite, parse_constant=_finite)
    if "\\u" in text:  # a half can only be spelt
        json.dumps(found, ensure_ascii=False).encode()
    return found


def _finite(spelt: str) -> float:
    number = float(spelt)
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number
