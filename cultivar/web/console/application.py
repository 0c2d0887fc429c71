"""The console's application: its routes, what stands before them, and what becomes of refusals."""

import logging
from dataclasses import replace
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from cultivar.core.errors import CultivarError, place_of
from cultivar.settings.channels import Channel
from cultivar.web.console import classifiers, entrance, overview, reviewing, static_files
from cultivar.web.console.guards import Boundary, Headers, SameOrigin
from cultivar.web.console.pages import ErrorPage
from cultivar.web.console.rendering import Renderer
from cultivar.web.console.visits import NotSignedIn, visit_of
from cultivar.web.context import AppContext
from cultivar.web.errors import Refused, status_of
from cultivar.web.rate_limits import RequestRates

_LOG = logging.getLogger("cultivar.web")


def create_console(context: AppContext, rates: RequestRates) -> FastAPI:
    """Return the console over a workspace; ``rates`` bound what may be asked without a session."""
    workspace = replace(context.workspace, channel=Channel.CONSOLE)
    context = replace(context, workspace=workspace)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.app_context, app.state.rates, app.state.renderer = context, rates, Renderer()
    for part in (static_files, entrance, overview, classifiers, reviewing):
        app.include_router(part.router)
    app.add_exception_handler(CultivarError, _refused)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(NotSignedIn, entrance.to_sign_in)
    app.add_exception_handler(RequestValidationError, _without_page)
    app.add_exception_handler(HTTPException, _without_page)
    # the last one added meets a request first
    app.add_middleware(Boundary, answer=_defect)
    app.add_middleware(SameOrigin, refuse=_cross_site)
    app.add_middleware(Headers)
    return app


def wants_json(request: Request) -> bool:
    """Tell whether the page's own script asks, and not a person who follows a link."""
    return "application/json" in request.headers.get("accept", "")


async def _refused(request: Request, error: Exception) -> Response:
    if isinstance(error, Refused):
        return _page(request, error.status, error.code, error.sentence)
    assert isinstance(error, CultivarError)  # noqa: S101 - registered for it alone
    return _page(request, status_of(error), error.code, error.sentence)


async def _without_page(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 422
    code = {404: "unknown-page", 405: "wrong-method"}.get(status, "bad-request")
    return _page(request, status, code, "")


async def _defect(request: Request, error: Exception) -> Response:
    # what its text says may quote a document
    _LOG.error("defect: %s at %s", type(error).__name__, place_of(error) or "unknown")
    return _page(request, 500, "defect", type(error).__name__)


async def _cross_site(request: Request) -> Response:
    return _page(request, 403, "cross-site-request", "")


def _page(request: Request, status: int, code: str, sentence: str) -> Response:
    """Return a refusal as a page, or as JSON to the page's script."""
    renderer: Renderer = request.app.state.renderer
    if wants_json(request):
        return renderer.json({"error": {"code": code, "message": sentence}}, status)
    page = ErrorPage(visit_of(request), status, HTTPStatus(status).phrase, code, sentence)
    return renderer.page(page, status)
