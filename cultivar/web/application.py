"""The web application: built from a workspace and what starts flows; each caller builds its own.

It wires routes, guard and errors together and decides nothing.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from anyio import to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

import cultivar
from cultivar.core.errors import CultivarError
from cultivar.operations.projects.predicting import Predictor
from cultivar.operations.projects.predictions import Predictions
from cultivar.store.workspace import Workspace
from cultivar.web import health
from cultivar.web.api import own_routes
from cultivar.web.context import AppContext, Run
from cultivar.web.guard import OPEN, Guard
from cultivar.web.language import language_routes
from cultivar.web.metrics import Metrics
from cultivar.web.problems import (
    Problem,
    is_language,
    refusal,
    refusal_of,
    syntax_sentence,
    validation_sentence,
)

TITLE = "Cultivar"
# More threads at once than this only take the interpreter away from one another: of 16, 32 clients
# got a tenth less than 8 did; of 4, as much and more (benchmarks/serving.py).
AT_ONCE = 4
_UNREADABLE = (
    "The request's body cannot be read as JSON in UTF-8: it is malformed, nested too deeply, or "
    "holds NaN, an infinite number or an unpaired surrogate."
)
_CODES = {404: "unknown-route", 405: "wrong-method", 400: "bad-request"}


def create_app(workspace: Workspace, run: Run) -> FastAPI:
    """Return the application over a workspace; ``run`` starts flows by name and returns at once."""
    predictions, figures = Predictions(workspace), Metrics()
    found = AppContext(workspace, run, Predictor(workspace), predictions)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = AT_ONCE
        yield
        await run_in_threadpool(predictions.write)

    # the pages that show the document fetch scripts from elsewhere, so there are none
    app = FastAPI(
        title=TITLE,
        version=cultivar.__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=life,
    )
    app.state.app_context, app.state.metrics = found, figures
    for router in (health.router, *own_routes(), *language_routes()):
        app.include_router(router)
    app.add_exception_handler(CultivarError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _without_route)
    app.add_middleware(Guard, app_context=found, metrics=figures)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    return app


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, CultivarError)  # noqa: S101 - registered for it alone
    return refusal_of(request.url.path, error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    found = error.errors()
    malformed = isinstance(error.body, str) and found and found[0].get("type") == "json_invalid"
    sentence = syntax_sentence(found[0], error.body) if malformed else validation_sentence(found)
    return refusal(request.url.path, 422, "invalid-request", sentence)


async def _without_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    code = _CODES.get(error.status_code, "bad-request")
    sentence = {
        404: "There is no such route.",
        405: f"This route does not take {request.method}.",
    }.get(error.status_code, _UNREADABLE)
    return refusal(request.url.path, error.status_code, code, sentence, error.headers)


def _described(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, with the ways to send a key and the errors that occur."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, routes=app.routes)
        parts = made.setdefault("components", {})
        parts.setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
        parts["securitySchemes"] = {
            "key": {"type": "apiKey", "in": "header", "name": "Ocp-Apim-Subscription-Key"},
            "bearer": {"type": "http", "scheme": "bearer"},
        }
        for path, item in made["paths"].items():
            for operation in item.values():
                _complete(path, operation)
        app.openapi_schema = made
    return app.openapi_schema


def _complete(path: str, operation: dict[str, Any]) -> None:
    if path not in OPEN:
        operation["security"] = [{"key": []}, {"bearer": []}]
    if is_language(path) or path in OPEN:
        # added for every route with parameters; these answer with 400, or take none
        operation["responses"].pop("422", None)
