"""Runs of stages: what is at work, how far it is, and what became of what was asked for.

A run is begun by the route of what it does; here it is looked at.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Response
from pydantic import BaseModel

from cultivar.operations.run_history import PastRun, newest_runs
from cultivar.web.api.explorer import Moment
from cultivar.web.api.routing import API, moment, router_of
from cultivar.web.context import AppContext, Context, CurrentUser

SECONDS_BETWEEN_LOOKS = 5
router = router_of("runs")


class RunAnswer(BaseModel):
    """One run; ``outcome`` is null while it works, ``done`` of ``total`` where that is known."""

    id: str
    stage: str
    subject: str
    started_at: str
    ended_at: str | None
    outcome: str | None
    reason: str | None
    done: int
    total: int | None


class RunsAnswer(BaseModel):
    """Runs, the newest first."""

    items: list[RunAnswer]


class Accepted(BaseModel):
    """What was begun, when it was asked for, and the subject under which its run is found."""

    stage: str
    subject: str
    asked_at: str


@router.get("/runs")
def show_runs(
    context: Context,
    user: CurrentUser,
    subject: Annotated[str | None, Query(max_length=500)] = None,
    since: Annotated[Moment | None, Query(description="Begun at this moment or later.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> RunsAnswer:
    """List the newest runs, of one subject where it is named."""
    found = newest_runs(context.workspace, user.actor, subject, since=since, limit=limit)
    return RunsAnswer(items=[_shown(each) for each in found])


def begin(
    context: AppContext, response: Response, flow: str, parameters: Mapping[str, Any], subject: str
) -> Accepted:
    """Start a flow; say where its run, which holds ``subject``, can be watched, and how often."""
    at = moment(context.workspace.clock())
    context.run(flow, parameters)
    query = urlencode({"subject": subject, "since": at, "limit": 1})
    response.headers["Location"] = f"{API}/runs?{query}"
    response.headers["Retry-After"] = str(SECONDS_BETWEEN_LOOKS)
    return Accepted(stage=flow, subject=subject, asked_at=at)


def _shown(past: PastRun) -> RunAnswer:
    run = past.run
    return RunAnswer(
        id=past.id, stage=run.stage, subject=past.subject, started_at=moment(run.started_at),
        ended_at=_moment(run.ended_at), outcome=run.outcome, reason=run.reason,
        done=run.done, total=run.total,
    )  # fmt: skip


def _moment(at: datetime | None) -> str | None:
    return None if at is None else moment(at)
