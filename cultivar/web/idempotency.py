"""Requests that name an ``Idempotency-Key`` are done once, however often they are sent.

A refusal is not kept, so a request can be sent again once its cause is gone.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request, Response
from fastapi.routing import APIRoute

from cultivar.core.errors import InvalidInput
from cultivar.operations import idempotency as kept_replies
from cultivar.operations.idempotency import Named, Reply
from cultivar.store.workspace import Workspace
from cultivar.web.load import LOAD, Load, Work, in_a_thread
from cultivar.web.parameters import parameters_of, refuse_unknown
from cultivar.web.strict_json import (
    StrictRequest,
    refuse_body,
    require_json,
    require_single_keys,
)

HEADER = "Idempotency-Key"
CHARACTERS = 200
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_KEPT_HEADERS = ("content-type", "location", "operation-location", "retry-after")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


async def idempotency_key(
    stated: Annotated[
        str | None,
        Header(
            alias=HEADER,
            min_length=1,
            max_length=CHARACTERS,
            description="A request that is sent again with the same key is done once.",
        ),
    ] = None,
) -> str | None:
    """Describe the header; what it does is done around the route."""
    return stated


Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def read_only(endpoint: Endpoint) -> Endpoint:
    """Mark what may be done again at will; answers, which may quote a document, are not kept."""
    endpoint.read_only = True  # type: ignore[attr-defined]
    return endpoint


class IdempotentRoute(APIRoute):
    """A route whose handler is not called again for a request that was answered already.

    Its handler gets a request whose JSON is read strictly, with query parameters that it knows.
    """

    is_strict = True

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self._once = bool(_CHANGING & set(options.get("methods") or ())) and not getattr(
            endpoint, "read_only", False
        )
        if self._once:
            given = options.get("dependencies") or ()
            options["dependencies"] = [*given, Depends(idempotency_key)]
        kind = Work.WRITING if self._once else Work.READING
        super().__init__(path, in_a_thread(endpoint, kind), **options)

    def get_route_handler(self) -> Handler:
        """Return the handler with the look for a kept reply around it."""
        handler = super().get_route_handler()
        known = parameters_of(self.dependant)

        async def once(request: Request) -> Response:
            request = StrictRequest(request.scope, request.receive)
            if self.is_strict:
                refuse_unknown(known, request)
                await (refuse_body if self.body_field is None else require_json)(request)
            if self.body_field is not None:
                await require_single_keys(request)
            context = request.app.state.app_context
            LOAD.set(context.load)
            name = request.headers.get(HEADER)
            if name is None or not self._once:
                return await handler(request)
            named = _named(request, name, await request.body())
            keeping = _Keeping(context.workspace, context.load, named)
            kept = await keeping.begun()
            return _replayed(kept) if kept is not None else await _done(handler, request, keeping)

        return once


class TolerantRoute(IdempotentRoute):
    """A route whose clients may send what it does not know, as their contract lets them."""

    is_strict = False


@dataclass(frozen=True, slots=True)
class _Keeping:
    """The reply to one named request, in the registry."""

    workspace: Workspace
    load: Load
    named: Named

    async def begun(self) -> Reply | None:
        return await self._run(kept_replies.begin)

    async def forget(self) -> None:
        await self._run(kept_replies.forget)

    async def finish(self, reply: Reply) -> None:
        await self._run(kept_replies.finish, reply)

    async def _run(self, function: Callable[..., Any], *more: Any) -> Any:
        # those who read need no place among those who wait for the registry's lock
        return await self.load.run(Work.WRITING, function, self.workspace, self.named, *more)


async def _done(handler: Handler, request: Request, keeping: _Keeping) -> Response:
    try:
        answer = await handler(request)
    except BaseException:
        await keeping.forget()
        raise
    headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
    reply = Reply(answer.status_code, headers, bytes(answer.body).decode())
    await keeping.finish(reply)
    return answer


def _named(request: Request, name: str, body: bytes) -> Named:
    if not 1 <= len(name) <= CHARACTERS or not name.isprintable():
        raise InvalidInput(
            "bad-idempotency-key", f"An idempotency key has 1 to {CHARACTERS} visible characters."
        )
    asked = "\n".join((request.method, request.url.path, request.url.query, ""))
    caller = request.state.caller
    return Named(caller.key_id, name, sha256(asked.encode() + body).hexdigest(), caller.actor)


def _replayed(kept: Reply) -> Response:
    headers = {**kept.headers, "Idempotency-Replayed": "true"}
    return Response(kept.body.encode(), kept.status, headers)
