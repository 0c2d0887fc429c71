"""The web application: its surfaces over a workspace, and what starts flows.

It puts them together and decides nothing.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

import cultivar
from cultivar.operations.projects.predicting import Predictor
from cultivar.operations.projects.predictions import Predictions
from cultivar.settings.channels import Channel
from cultivar.store.workspace import Workspace
from cultivar.web import health
from cultivar.web.admission import Metered
from cultivar.web.api import own_routes
from cultivar.web.api.problems import Problem, Problems
from cultivar.web.authentication import OPEN
from cultivar.web.console import PREFIX as CONSOLE
from cultivar.web.console.application import create_console
from cultivar.web.context import AppContext, Run
from cultivar.web.language import PREFIXES, language_routes
from cultivar.web.language.errors import LanguageErrors
from cultivar.web.load import Load, Work
from cultivar.web.metrics import Metrics
from cultivar.web.rate_limits import RequestRates
from cultivar.web.surface import Surfaces, surface

TITLE = "Cultivar"


def create_app(workspace: Workspace, run: Run) -> FastAPI:
    """Return the application over a workspace; ``run`` starts flows by name and returns at once."""
    workspace = replace(workspace, channel=Channel.REST)
    predictions, metrics = Predictions(workspace), Metrics()
    load = Load(workspace.settings)
    context = AppContext(workspace, run, Predictor(workspace), predictions, load)
    rates = RequestRates(workspace.settings.web_requests_a_minute)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await load.run(Work.WRITING, predictions.write)

    app = surface(
        context, rates, (health.router, *own_routes()), Problems(),
        title=TITLE, version=cultivar.__version__, lifespan=life,
    )  # fmt: skip
    app.state.metrics = metrics
    language = surface(context, rates, language_routes(), LanguageErrors(), openapi_url=None)
    console = create_console(context, rates)
    app.add_middleware(Surfaces, mounted={PREFIXES: language, (CONSOLE,): console})
    app.add_middleware(Metered, metrics=metrics)
    app.openapi = lambda: _described(app, language)  # type: ignore[method-assign]
    return app


def _described(app: FastAPI, language: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, with the ways to send a key and the errors that occur."""
    if app.openapi_schema is None:
        routes = [*app.routes, *language.routes]
        made = get_openapi(title=app.title, version=app.version, routes=routes)
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
    if path.startswith(PREFIXES) or path in OPEN:
        # added for every route with parameters; these answer with 400, or take none
        operation["responses"].pop("422", None)
