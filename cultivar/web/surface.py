"""A surface: an application with routes and a shape of errors of its own, behind admission.

The whole application holds several and chooses between them once, by the path.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cultivar.core.errors import CultivarError, place_of
from cultivar.web.admission import Admission
from cultivar.web.authentication import Authentication
from cultivar.web.context import AppContext
from cultivar.web.errors import (
    ErrorShape,
    Refused,
    refusal_of,
    syntax_sentence,
    validation_sentence,
)
from cultivar.web.rate_limits import RequestRates

_UNREADABLE = (
    "The request's body cannot be read as JSON in UTF-8: it is malformed, nested too deeply, or "
    "holds NaN, an infinite number or an unpaired surrogate."
)
_CODES = {404: "unknown-route", 405: "wrong-method", 400: "bad-request"}
_LOG = logging.getLogger("cultivar.web")


def surface(
    context: AppContext,
    rates: RequestRates,
    routers: Iterable[APIRouter],
    errors: ErrorShape,
    **options: Any,
) -> FastAPI:
    """Return an application over some routes; ``options`` are FastAPI's.

    ``rates`` are shared by all surfaces, so that a key is counted once.
    """
    # the pages that show the document fetch scripts from elsewhere, so there are none
    app = FastAPI(docs_url=None, redoc_url=None, **options)
    app.state.app_context = context
    for router in routers:
        app.include_router(router)
    app.add_exception_handler(CultivarError, _Handlers(errors).refused)
    app.add_exception_handler(RequestValidationError, _Handlers(errors).invalid)
    app.add_exception_handler(HTTPException, _Handlers(errors).without_route)
    # the last one added meets a request first
    app.add_middleware(Admission, settings=context.workspace.settings, load=context.load)
    app.add_middleware(Authentication, workspace=context.workspace, rates=rates, load=context.load)
    app.add_middleware(ErrorBoundary, errors=errors)
    return app


class Surfaces:
    """ASGI middleware that hands a request to the surface whose prefix its path has."""

    def __init__(self, app: ASGIApp, mounted: Mapping[tuple[str, ...], ASGIApp]) -> None:
        self._app = app
        self._mounted = mounted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on; what belongs to no mounted surface stays here."""
        app = self._app
        if scope["type"] == "http":
            for prefixes, mounted in self._mounted.items():
                if scope["path"].startswith(prefixes):
                    app = mounted
        await app(scope, receive, send)


class ErrorBoundary:
    """ASGI middleware that answers what goes wrong behind it, in the surface's shape."""

    def __init__(self, app: ASGIApp, errors: ErrorShape) -> None:
        self._app = app
        self._errors = errors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; an answer that has begun is not followed by a second."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def sending(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:  # noqa: BLE001 - what its text says may quote a document
            answer = self._answer(error)
            if not has_begun:
                await answer(scope, receive, send)

    def _answer(self, error: Exception) -> Response:
        if isinstance(error, Refused):
            return self._errors.refusal(error.status, error.code, error.sentence, error.headers)
        if isinstance(error, CultivarError):
            return refusal_of(self._errors, error)
        return self._errors.refusal(500, "defect", _logged(error))


class _Handlers:
    """What a surface answers where FastAPI finds a request wrong."""

    def __init__(self, errors: ErrorShape) -> None:
        self._errors = errors

    async def refused(self, _request: Request, error: Exception) -> Response:
        assert isinstance(error, CultivarError)  # noqa: S101 - registered for it alone
        return refusal_of(self._errors, error)

    async def invalid(self, _request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        found = error.errors()
        malformed = isinstance(error.body, str) and found and found[0].get("type") == "json_invalid"
        sentence = (
            syntax_sentence(found[0], error.body) if malformed else validation_sentence(found)
        )
        return self._errors.refusal(422, "invalid-request", sentence)

    async def without_route(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        code = _CODES.get(error.status_code, "bad-request")
        sentence = {
            404: "There is no such route.",
            405: f"This route does not take {request.method}.",
        }.get(error.status_code, _UNREADABLE)
        return self._errors.refusal(error.status_code, code, sentence, error.headers)


def _logged(error: Exception) -> str:
    """Log an unforeseen error's type and place, and return a sentence that names the type."""
    _LOG.error("defect: %s at %s", type(error).__name__, place_of(error) or "unknown")
    return f"A defect of Cultivar: {type(error).__name__}. Nothing was half-written."
