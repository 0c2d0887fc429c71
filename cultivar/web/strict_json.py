"""Bodies of requests, read as JSON in UTF-8 and as nothing wider.

What a store or an answer could not hold is refused here, before a route sees it.
"""

import json
import math
from typing import Any

from fastapi import Request

from cultivar.core.errors import InvalidInput

LONGEST_SHOWN = 60


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


async def require_json(request: Request) -> None:
    """Refuse a body that is not sent as JSON; where there is none, the route says what it needs.

    Raises:
        InvalidInput: code ``not-json``.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json") or not await request.body():
        return
    sent = f"as {kind[:LONGEST_SHOWN]}" if kind else "without a Content-Type"
    raise InvalidInput(
        "not-json", f"The body was sent {sent}. Send JSON, with Content-Type: application/json."
    )


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
