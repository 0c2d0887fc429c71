"""The first page: what waits for whoever is signed in, and how the organisation stands."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from cultivar.core.errors import NotPermitted
from cultivar.core.next_steps import NextStep, command_for
from cultivar.core.roles import AnyActor
from cultivar.operations.classifiers.classifiers import list_classifiers
from cultivar.operations.classifiers.details import ClassifierDetails, classifier_details
from cultivar.operations.classifiers.next_step import next_step
from cultivar.operations.tenant.tenant import OPTED_IN, tenant_state
from cultivar.store.workspace import Workspace
from cultivar.web.console import PREFIX
from cultivar.web.console.pages import OverviewPage, Waiting
from cultivar.web.console.rendering import address
from cultivar.web.console.visits import Person, Visit

router = APIRouter(prefix=PREFIX)
# steps that wait for a person; the others are looked at, or go on by themselves
_WAITS = frozenset(
    {
        NextStep.TRAIN, NextStep.ADD_TEST_ITEMS, NextStep.REVIEW, NextStep.PUBLISH, NextStep.LABEL,
        NextStep.DECIDE, NextStep.START_RETRAINING, NextStep.APPLY_POLICIES,
        NextStep.CREATE_POLICY,
    }
)  # fmt: skip
_EVERYWHERE = frozenset({NextStep.LABEL, NextStep.APPLY_POLICIES})


@router.get("")
async def bare() -> Response:
    """Go on to the first page."""
    return RedirectResponse(f"{PREFIX}/", 308)


@router.get("/")
async def overview(request: Request, person: Person) -> Response:
    """Show what waits."""
    workspace = request.app.state.app_context.workspace
    page = await run_in_threadpool(_overview, workspace, request.state.visit, person)
    return request.app.state.renderer.page(page)


def _overview(workspace: Workspace, visit: Visit, person: str) -> OverviewPage:
    tenant = tenant_state(workspace, person)
    found = list_classifiers(workspace, person)
    details = [classifier_details(workspace, person, each.id) for each in found]
    waiting = [waiting_of(workspace, person, each) for each in details]
    return OverviewPage(
        visit,
        tenant.name,
        tenant.opt_in_status == OPTED_IN,
        tenant.baseline_documents,
        [each for each in waiting if each.step in _WAITS],
        len(found),
    )


def waiting_of(workspace: Workspace, person: AnyActor, details: ClassifierDetails) -> Waiting:
    """Return what comes next for a classifier, and where it is done."""
    try:
        step = next_step(workspace, person, details)
    except NotPermitted:
        step = NextStep.LOOK_AT_STATUS
    there = address("classifiers", details.id, "review") if step is NextStep.REVIEW else None
    command = command_for(step, "" if step in _EVERYWHERE else details.id)
    return Waiting(details, str(step), there, command)
