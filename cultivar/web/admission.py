"""What every request of every surface passes: length and time; and what is counted after.

It refuses before anything is parsed, and knows neither keys nor routes.
"""

import asyncio
import re
import secrets
from collections.abc import MutableMapping
from time import perf_counter
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cultivar.settings import Settings
from cultivar.web.errors import Refused
from cultivar.web.load import Load
from cultivar.web.metrics import Metrics

CLASSIFYING = ("/classify", "/analyze-text/jobs", "/analyze")
# an escaped NUL, and not a backslash that is escaped itself
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
# A body this many times too long is not read to its end.
READ_PAST = 8
# Answers that nobody waits for any more are held here, as the loop itself does not hold them.
_ABANDONED: set[asyncio.Future[None]] = set()
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metered:
    """ASGI middleware that counts and times requests, and gives each answer an id."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have a request answered, and record how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                name = (b"x-request-id", secrets.token_hex(8).encode())
                message["headers"] = [*message.get("headers", []), name]
            await send(message)

        self._metrics.at_work.inc()
        try:
            await self._app(scope, receive, sending)
        finally:
            self._metrics.at_work.dec()
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.observe(method, _route(scope), status, perf_counter() - began)


class Admission:
    """ASGI middleware that bounds the length of a request and the time to its answer."""

    def __init__(self, app: ASGIApp, settings: Settings, load: Load) -> None:
        self._app = app
        self._longest = settings.web_body_bytes
        self._seconds = float(settings.web_seconds)
        self._load = load

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on once all of it is here.

        Raises:
            Refused: codes ``slow-request``, ``request-too-long``, ``nul-character``, ``timeout``,
                ``busy``.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        held = _Held(self._load)
        try:
            body = await self._body(scope, receive, held)
        except BaseException:
            held.end()
            raise
        await self._answered(scope, _Replay(body, receive), _Gate(send), held)

    async def _answered(self, scope: Scope, receive: Receive, gate: "_Gate", held: "_Held") -> None:
        """Have the request answered; what takes too long goes on without being waited for.

        A handler in a thread cannot be stopped, so cancelling it would wait for it.
        """
        task = asyncio.ensure_future(self._app(scope, receive, gate))
        _ABANDONED.add(task)
        task.add_done_callback(_forget)
        task.add_done_callback(lambda _: held.end())
        done, _ = await asyncio.wait({task}, timeout=self._seconds)
        if done or gate.has_begun:
            await task
            return
        gate.is_closed = True
        sentence = f"The answer took longer than {self._seconds:.0f} seconds."
        raise Refused(503, "timeout", sentence, {"Retry-After": "5"})

    async def _body(self, scope: Scope, receive: Receive, held: "_Held") -> bytes:
        parts: list[bytes] = []
        try:
            async with asyncio.timeout(self._seconds):
                length = await self._gather(receive, parts, held)
        except TimeoutError:
            sentence = f"The request did not arrive within {self._seconds:.0f} seconds."
            raise Refused(408, "slow-request", sentence) from None
        if length > self._longest:
            sentence = f"A request has at most {self._longest:,} bytes; this one is longer."
            raise Refused(413, "request-too-long", sentence)
        body = b"".join(parts)
        if _holds_nul(scope, body):
            sentence = "The request holds the character U+0000, which no store keeps."
            raise Refused(400, "nul-character", sentence)
        return body

    async def _gather(self, receive: Receive, parts: list[bytes], held: "_Held") -> int:
        """Read the body into ``parts`` and return its length; what is too long is read past.

        A client that is still sending when the connection closes would never see the refusal.
        """
        length, more = 0, True
        while more and length <= READ_PAST * self._longest:
            message = await receive()
            more = message.get("more_body", False)
            length += len(message.get("body", b""))
            if length <= self._longest:
                held.grow(length)
                parts.append(message.get("body", b""))
            else:
                parts.clear()
                held.end()
        return length


class _Held:
    """The bytes of one body, counted to the load as long as they are held."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._length = 0

    def grow(self, length: int) -> None:
        self._load.hold(self._length, length)
        self._length = length

    def end(self) -> None:
        self._load.let_go(self._length)
        self._length = 0


class _Gate:
    """Hands an answer on until it is closed, and remembers whether it has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = False
        self.is_closed = False

    async def __call__(self, message: Message) -> None:
        if not self.is_closed:
            self.has_begun = True
            await self._send(message)


class _Replay:
    """Hands a body that was read already to the application, then what comes after it."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


def _forget(task: asyncio.Future[None]) -> None:
    _ABANDONED.discard(task)
    if not task.cancelled():
        # an error that nobody asks for would be logged with its text, which may quote a document
        task.exception()


def _holds_nul(scope: Scope, body: bytes) -> bool:
    """Tell whether a name or a value holds U+0000; texts that are only classified may."""
    if "\x00" in scope["path"] or b"%00" in scope.get("query_string", b""):
        return True
    return (
        b"\\u0000" in body
        and not scope["path"].endswith(CLASSIFYING)
        and _NUL.search(body) is not None
    )


def _route(scope: MutableMapping[str, Any]) -> str:
    return str(getattr(scope.get("route"), "path", "unknown"))
