"""The review page: 30 items at a time, one request a verdict, accuracy once a batch is closed.

A verdict that is sent again changes nothing, so whoever is not sure that it arrived sends it again.
"""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from cultivar.core.errors import InvalidInput
from cultivar.operations.classifiers.details import classifier_details
from cultivar.operations.review import verdicts as reviewing
from cultivar.operations.review.cards import card_of
from cultivar.operations.review.items import next_items
from cultivar.operations.review.opened_items import threshold_of
from cultivar.operations.review.state import ReviewState
from cultivar.operations.scoring.version_models import model_of
from cultivar.store.workspace import Workspace
from cultivar.web.console import PREFIX
from cultivar.web.console.entrance import see_other
from cultivar.web.console.highlighting import highlighted
from cultivar.web.console.pages import ItemShown, ReviewPage
from cultivar.web.console.rendering import address
from cultivar.web.console.visits import Form, Person, Visit

router = APIRouter(prefix=f"{PREFIX}/classifiers/{{name}}/review")
UNDO, SKIP = "undo", "skip"


@router.get("")
async def shown(request: Request, person: Person, name: str) -> Response:
    """Show the items of the open batch that have no verdict yet."""
    workspace = request.app.state.app_context.workspace
    page = await run_in_threadpool(_page, workspace, request.state.visit, person, name)
    return request.app.state.renderer.page(page)


def _page(workspace: Workspace, visit: Visit, person: str, name: str) -> ReviewPage:
    details = classifier_details(workspace, person, name)
    items = next_items(workspace, person, details.id) if details.review.batch is not None else []
    versions = {each.version_id for each in items}
    models = {version: model_of(workspace, version) for version in versions}
    cuts = {version: threshold_of(workspace, version) for version in versions}
    found = [
        ItemShown(
            card_of(each, cuts[each.version_id]),
            highlighted(each.text, models[each.version_id].explain(each.text, None)),
        )
        for each in items
    ]
    return ReviewPage(visit, details, details.review, found, details.published_version is not None)


@router.post("/batches")
async def open_batch(request: Request, person: Person, name: str) -> Response:
    """Present the next 30 items."""
    workspace = request.app.state.app_context.workspace
    await run_in_threadpool(reviewing.open_batch, workspace, person, name)
    return see_other(address("classifiers", name, "review"))


@router.post("/batches/close")
async def close_batch(request: Request, person: Person, name: str) -> Response:
    """Close the batch: its verdicts stand, and the classifier learns from them."""
    context = request.app.state.app_context
    await run_in_threadpool(reviewing.close_batch, context.workspace, person, name)
    await run_in_threadpool(context.nudge)
    return see_other(address("classifiers", name, "review"))


@router.post("/verdicts")
async def judge(request: Request, person: Person, name: str, given: Form) -> Response:
    """Keep one verdict, or take it back; the script gets the counts, a person the page.

    ``verdict`` is yes, no, not sure, undo or skip.
    """
    workspace = request.app.state.app_context.workspace
    item, verdict = given.get("item", ""), given.get("verdict", "")
    if not item:
        raise InvalidInput("unknown-item", "The form names no item.")
    deed = {UNDO: reviewing.undo_verdict, SKIP: reviewing.skip}.get(
        verdict, partial(reviewing.record_verdict, verdict=verdict)
    )
    state = await run_in_threadpool(deed, workspace, person, name, item)
    if "application/json" in request.headers.get("accept", ""):
        return request.app.state.renderer.json(_told(state))
    return see_other(address("classifiers", name, "review"))


def _told(state: ReviewState) -> dict[str, Any]:
    return {"presented": state.presented, "unanswered": state.unanswered}
