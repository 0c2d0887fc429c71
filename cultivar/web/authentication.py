"""Whom a request acts as: the key in a header, and how many requests it may send.

Which person may do what is the operations' to say.
"""

import math

from starlette.types import ASGIApp, Receive, Scope, Send

from cultivar.operations.tenant.keys import Caller, caller_of
from cultivar.store.workspace import Workspace
from cultivar.web.errors import Refused
from cultivar.web.load import Load, Work
from cultivar.web.rate_limits import RequestRates

# what anybody may ask for without a key
OPEN = frozenset({"/", "/healthz", "/readyz", "/metrics", "/openapi.json"})
KEY_HEADER = b"ocp-apim-subscription-key"


class Authentication:
    """ASGI middleware that finds the caller of a request before its body is read."""

    def __init__(self, app: ASGIApp, workspace: Workspace, rates: RequestRates, load: Load) -> None:
        self._app = app
        self._workspace = workspace
        self._rates = rates
        self._load = load

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on with its caller in ``request.state.caller``; None where it is open.

        Raises:
            Refused: codes ``no-valid-key``, ``too-many-requests``.
        """
        if scope["type"] == "http":
            scope.setdefault("state", {})["caller"] = await self._caller(scope)
        await self._app(scope, receive, send)

    async def _caller(self, scope: Scope) -> Caller | None:
        if scope["path"] in OPEN:
            return None
        text = _key(scope)
        caller = None
        if text:
            caller = await self._load.run(Work.KEYS, caller_of, self._workspace, text)
        address = (scope.get("client") or ("unknown",))[0]
        wait = self._rates.wait(caller.key_id if caller else None, address)
        if wait:
            raise _too_many(wait)
        if caller is None:
            raise _unauthorized(text)
        return caller


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _key(scope: Scope) -> str:
    """Return the key that a request sends in either header, or nothing."""
    sent = _header(scope, KEY_HEADER)
    if sent:
        return sent.strip()
    kind, _, text = _header(scope, b"authorization").partition(" ")
    return text.strip() if kind.lower() == "bearer" else ""


def _unauthorized(text: str) -> Refused:
    found = "The key is unknown, expired or revoked" if text else "The request has no key"
    sentence = (
        f"{found}. Send one in the header Ocp-Apim-Subscription-Key, or as a bearer token; "
        "`cultivar key create` makes one."
    )
    return Refused(401, "no-valid-key", sentence, {"WWW-Authenticate": "Bearer"})


def _too_many(wait: float) -> Refused:
    seconds = max(1, math.ceil(wait))
    sentence = f"Too many requests: try again in {seconds} seconds."
    return Refused(429, "too-many-requests", sentence, {"Retry-After": str(seconds)})
