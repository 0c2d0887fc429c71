"""What every request passes before its route: time, length, key, rate; and what is counted after.

It refuses before anything is parsed; which person may do what is the operations' to say.
"""

import asyncio
import logging
import math
import re
import secrets
from collections.abc import MutableMapping
from time import perf_counter
from typing import Any

from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cultivar.core.errors import CultivarError
from cultivar.operations.tenant.keys import Caller, caller_of
from cultivar.web.context import AppContext
from cultivar.web.metrics import Metrics
from cultivar.web.problems import refusal, refusal_of
from cultivar.web.rate_limits import Rates

OPEN = frozenset({"/", "/healthz", "/metrics", "/openapi.json"})
KEY_HEADER = b"ocp-apim-subscription-key"
UNAUTHENTICATED_PER_MINUTE = 120
CLASSIFYING = ("/classify", "/analyze-text/jobs", "/analyze")
# an escaped NUL, and not a backslash that is escaped itself
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
# A body this many times too long is not read to its end.
READ_PAST = 8
# Answers that nobody waits for any more are held here, as the loop itself does not hold them.
_UNWAITED: set[asyncio.Future[None]] = set()
_LOG = logging.getLogger("cultivar.web")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Refused(Exception):
    """A request that goes no further, and its answer."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status_code)
        self.answer = answer


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, app_context: AppContext, metrics: Metrics) -> None:
        settings = app_context.workspace.settings
        self._app = app
        self._workspace = app_context.workspace
        self._metrics = metrics
        self._keys = Rates(settings.web_requests_a_minute)
        self._strangers = Rates(UNAUTHENTICATED_PER_MINUTE)
        self._longest = settings.web_body_bytes
        self._seconds = float(settings.web_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, sent = perf_counter(), _Sent(send)
        self._metrics.at_work.inc()
        try:
            await self._guarded(scope, receive, sent)
        finally:
            self._metrics.at_work.dec()
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.observe(method, _route(scope), sent.status, perf_counter() - began)

    async def _guarded(self, scope: Scope, receive: Receive, send: "_Sent") -> None:
        try:
            caller = await self._caller(scope)
            body = await self._body(scope, receive)
            scope.setdefault("state", {})["caller"] = caller
            await self._answered(scope, _Replay(body, receive), send)
        except Refused as refused:
            await refused.answer(scope, receive, send)
        except CultivarError as error:
            await _unless_begun(scope, receive, send, refusal_of(scope["path"], error))
        except Exception as error:  # noqa: BLE001 - what its text says may quote a document
            answer = refusal(scope["path"], 500, "defect", _logged(error))
            await _unless_begun(scope, receive, send, answer)

    async def _answered(self, scope: Scope, receive: Receive, send: "_Sent") -> None:
        """Have the request answered; what takes too long goes on without being waited for.

        A handler in a thread cannot be stopped, so cancelling it would wait for it.
        """
        task = asyncio.ensure_future(self._app(scope, receive, send.passing()))
        _UNWAITED.add(task)
        task.add_done_callback(_let_go)
        done, _ = await asyncio.wait({task}, timeout=self._seconds)
        if done or send.status:
            await task
            return
        send.closed = True
        sentence = f"The answer took longer than {self._seconds:.0f} seconds."
        answer = refusal(scope["path"], 503, "timeout", sentence, {"Retry-After": "5"})
        await answer(scope, receive, send)

    async def _caller(self, scope: Scope) -> Caller | None:
        if scope["path"] in OPEN:
            return None
        text = _key(scope)
        caller = await run_in_threadpool(caller_of, self._workspace, text) if text else None
        address = (scope.get("client") or ("unknown",))[0]
        wait = self._keys.wait(caller.key_id) if caller else self._strangers.wait(address)
        if wait:
            raise Refused(_too_many(scope["path"], wait))
        if caller is None:
            raise Refused(_unauthorized(scope["path"], text))
        return caller

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        parts: list[bytes] = []
        try:
            async with asyncio.timeout(self._seconds):
                length = await self._gather(receive, parts)
        except TimeoutError:
            sentence = f"The request did not arrive within {self._seconds:.0f} seconds."
            raise Refused(refusal(scope["path"], 408, "slow-request", sentence)) from None
        if length > self._longest:
            sentence = f"A request has at most {self._longest:,} bytes; this one is longer."
            raise Refused(refusal(scope["path"], 413, "request-too-long", sentence))
        body = b"".join(parts)
        if _holds_nul(scope, body):
            sentence = "The request holds the character U+0000, which no store keeps."
            raise Refused(refusal(scope["path"], 400, "nul-character", sentence))
        return body

    async def _gather(self, receive: Receive, parts: list[bytes]) -> int:
        """Read the body into ``parts`` and return its length; what is too long is read past.

        A client that is still sending when the connection closes would never see the refusal.
        """
        length, more = 0, True
        while more and length <= READ_PAST * self._longest:
            message = await receive()
            more = message.get("more_body", False)
            length += len(message.get("body", b""))
            if length <= self._longest:
                parts.append(message.get("body", b""))
            else:
                parts.clear()
        return length


class _Sent:
    """Hands an answer on and remembers its status; adds an id to the headers."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.closed = False

    def passing(self) -> Send:
        """Return what the application sends through: nothing passes once it took too long."""

        async def pass_on(message: Message) -> None:
            if not self.closed:
                await self(message)

        return pass_on

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            name = (b"x-request-id", secrets.token_hex(8).encode())
            message["headers"] = [*message.get("headers", []), name]
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


def _let_go(task: asyncio.Future[None]) -> None:
    _UNWAITED.discard(task)
    if not task.cancelled():
        # an error that nobody asks for would be logged with its text, which may quote a document
        task.exception()


async def _unless_begun(scope: Scope, receive: Receive, send: _Sent, answer: Response) -> None:
    if not send.status:
        await answer(scope, receive, send)


def _holds_nul(scope: Scope, body: bytes) -> bool:
    """Tell whether a name or a value holds U+0000; texts that are only classified may."""
    if "\x00" in scope["path"] or b"%00" in scope.get("query_string", b""):
        return True
    return (
        b"\\u0000" in body
        and not scope["path"].endswith(CLASSIFYING)
        and _NUL.search(body) is not None
    )


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _key(scope: Scope) -> str:
    """Return the key that a request states in either header, or nothing."""
    stated = _header(scope, KEY_HEADER)
    if stated:
        return stated.strip()
    kind, _, text = _header(scope, b"authorization").partition(" ")
    return text.strip() if kind.lower() == "bearer" else ""


def _unauthorized(path: str, text: str) -> Response:
    found = "The key is unknown, expired or revoked" if text else "The request has no key"
    sentence = (
        f"{found}. Send one in the header Ocp-Apim-Subscription-Key, or as a bearer token; "
        "`cultivar key create` makes one."
    )
    return refusal(path, 401, "no-valid-key", sentence, {"WWW-Authenticate": "Bearer"})


def _too_many(path: str, wait: float) -> Response:
    seconds = max(1, math.ceil(wait))
    sentence = f"Too many requests: try again in {seconds} seconds."
    return refusal(path, 429, "too-many-requests", sentence, {"Retry-After": str(seconds)})


def _route(scope: MutableMapping[str, Any]) -> str:
    return str(getattr(scope.get("route"), "path", "unknown"))


def _logged(error: Exception) -> str:
    """Log an unforeseen error's type and place, and return a sentence that names the type."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "unknown"
    _LOG.error("defect: %s at %s", type(error).__name__, where)
    return f"A defect of Cultivar: {type(error).__name__}. Nothing was half-written."
