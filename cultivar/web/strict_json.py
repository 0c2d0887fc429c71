"""Bodies of requests, read as JSON in UTF-8 and as nothing wider.

What a store or an answer could not hold is refused here, before a route sees it.
"""

from contextlib import suppress
from typing import Any

from fastapi import Request

from cultivar.core.errors import InvalidInput
from cultivar.core.strict_json import LONGEST_SHOWN, parsed


class StrictRequest(Request):
    """A request whose body is taken as the standard has it; see ``parsed``."""

    async def json(self) -> Any:
        """Return what the body says.

        Raises:
            ValueError, InvalidInput: see ``parsed``.
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


async def require_single_keys(request: StrictRequest) -> None:
    """Refuse a body that holds a key twice; what else is wrong with one, the route says.

    Raises:
        InvalidInput: code ``repeated-key``.
    """
    with suppress(ValueError, RecursionError):
        await request.json()


async def refuse_body(request: Request) -> None:
    """Refuse what is sent to a route that takes no body; an empty object says nothing.

    Raises:
        InvalidInput: code ``unexpected-body``.
    """
    if (await request.body()).strip() not in (b"", b"{}", b"null"):
        raise InvalidInput(
            "unexpected-body",
            "This route takes no body, so nothing would come of what was sent. Send none.",
        )
