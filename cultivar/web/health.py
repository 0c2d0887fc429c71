"""What answers here, whether it works, and its figures; without a key or anybody's content."""

import asyncio

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

import cultivar
from cultivar.core.errors import StoreUnavailable
from cultivar.store.tables import Tenant
from cultivar.store.workspace import Workspace
from cultivar.web.api.problems import OWN_RESPONSES
from cultivar.web.load import Work
from cultivar.web.metrics import CONTENT_TYPE

router = APIRouter(tags=["health"])
READY_SECONDS = 2


class Health(BaseModel):
    """The server answers; where it is asked whether it is ready, its registry can be read too."""

    status: str
    version: str


class Start(BaseModel):
    """Where everything else is described."""

    title: str
    version: str
    document: str
    sentence: str


@router.get("/", responses={405: OWN_RESPONSES[405]})
async def start() -> Start:
    """Say what answers here, and where it is described."""
    return Start(
        title="Cultivar",
        version=cultivar.__version__,
        document="/openapi.json",
        sentence="This is Cultivar's REST API; pages are at /console/. Each route is described in "
        "/openapi.json, with examples in docs/rest.md. `cultivar key create NAME` makes the key "
        "that requests send.",
    )


@router.get("/healthz", responses={405: OWN_RESPONSES[405]})
async def health() -> Health:
    """Tell that the server answers; no other work, no store and no thread is waited for."""
    return Health(status="ok", version=cultivar.__version__)


@router.get("/readyz", responses={status: OWN_RESPONSES[status] for status in (405, 503)})
async def ready(request: Request) -> Health:
    """Tell that the registry can be read within two seconds; 503 otherwise."""
    context = request.app.state.app_context
    reading = asyncio.ensure_future(context.load.run(Work.HEALTH, _read, context.workspace))
    # a thread cannot be stopped, so its end is not waited for
    done, _ = await asyncio.wait({reading}, timeout=READY_SECONDS)
    if not done:
        reading.cancel()
        raise StoreUnavailable(
            "store-unreachable", f"The registry does not answer within {READY_SECONDS} seconds."
        )
    await reading
    return Health(status="ok", version=cultivar.__version__)


def _read(workspace: Workspace) -> None:
    try:
        with workspace.registry.reading() as session:
            session.execute(select(Tenant.id)).first()
    except SQLAlchemyError as error:
        raise StoreUnavailable(
            "store-unreachable", f"The registry cannot be read: {type(error).__name__}."
        ) from error


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}, 405: OWN_RESPONSES[405]},
)
async def metrics(request: Request) -> Response:
    """Return counts and times by route in the Prometheus format."""
    return Response(request.app.state.metrics.shown(), media_type=CONTENT_TYPE)
