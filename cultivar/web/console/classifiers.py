"""The list of trainable classifiers, and the page of one."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from cultivar.operations.classifiers.classifiers import list_classifiers
from cultivar.operations.classifiers.details import classifier_details
from cultivar.operations.review.verdicts import review_state
from cultivar.store.workspace import Workspace
from cultivar.web.console import PREFIX
from cultivar.web.console.overview import waiting_of
from cultivar.web.console.pages import ClassifierPage, ClassifiersPage, Listed
from cultivar.web.console.visits import Person, Visit

router = APIRouter(prefix=f"{PREFIX}/classifiers")
TRAINING, RE_TRAINING, PUBLISHED, BUILT_IN = "training", "re-training", "published", "built-in"
_ORDER = (TRAINING, RE_TRAINING, PUBLISHED, BUILT_IN)


@router.get("")
async def listed(request: Request, person: Person) -> Response:
    """List all classifiers."""
    workspace = request.app.state.app_context.workspace
    page = await run_in_threadpool(_list, workspace, request.state.visit, person)
    return request.app.state.renderer.page(page)


def _list(workspace: Workspace, visit: Visit, person: str) -> ClassifiersPage:
    found = [
        Listed(each, review_state(workspace, person, each.id))
        for each in list_classifiers(workspace, person)
    ]
    groups: list[tuple[str, Sequence[Listed]]] = [
        (group, members)
        for group in _ORDER
        if (members := [each for each in found if _group(each) == group])
    ]
    return ClassifiersPage(visit, groups)


def _group(listed_one: Listed) -> str:
    summary = listed_one.summary
    if summary.kind == BUILT_IN:
        return BUILT_IN
    if summary.heading:
        return RE_TRAINING
    return PUBLISHED if summary.published_version is not None else TRAINING


@router.get("/{name}")
async def shown(request: Request, person: Person, name: str) -> Response:
    """Show one classifier."""
    workspace = request.app.state.app_context.workspace
    page = await run_in_threadpool(_show, workspace, request.state.visit, person, name)
    return request.app.state.renderer.page(page)


def _show(workspace: Workspace, visit: Visit, person: str, name: str) -> ClassifierPage:
    details = classifier_details(workspace, person, name)
    return ClassifierPage(visit, details, waiting_of(workspace, person, details))
