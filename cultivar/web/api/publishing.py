"""Publishing, and what follows a retraining: republish, keep, point back.

A version becomes live by a person's request alone; labelling with it is due in the registry.
"""

from typing import Annotated, Any, Literal

from fastapi import Path, Query, Response
from pydantic import Field

from cultivar.operations.publishing.drift import drift_reports, measure_drift
from cultivar.operations.publishing.operating_points import (
    choose_operating_point,
    operating_points,
)
from cultivar.operations.publishing.overrides import override_gate
from cultivar.operations.publishing.publishing import publish
from cultivar.operations.retraining import decisions as republishing
from cultivar.operations.retraining import retrainings
from cultivar.web.api.routing import Body, Name, Page, answer_of, page_of, router_of
from cultivar.web.context import Context, CurrentUser
from cultivar.web.pagination import Paging

router = router_of("publishing")
Point = Literal["find-most", "balanced", "be-sure"]
GateName = Annotated[str, Path(min_length=1, max_length=100, description="Name of the gate.")]
Reason = Annotated[str | None, Field(min_length=1, max_length=2_000)]


class PublishBody(Body):
    """``override_reason`` opens the gate of accuracy on one's word; it stays on record.

    Content is labelled at the ``operating_point``; when left out, at the one chosen before, or
    balanced.
    """

    override_reason: Reason = None
    operating_point: Point | None = None


class PointBody(Body):
    """The operating point at which the live version is to label content."""

    point: Point


class RepublishBody(Body):
    """The retraining that was looked at, and why, where the overview recommends otherwise."""

    number: int | None = Field(default=None, ge=1, le=1_000_000)
    reason: Reason = None


class KeepBody(Body):
    """The retraining that was looked at."""

    number: int | None = Field(default=None, ge=1, le=1_000_000)


class OverrideBody(Body):
    """Why the gate may be passed, and of several documents the one that it is about (its hash)."""

    reason: str = Field(min_length=1, max_length=2_000)
    artifact: str | None = Field(default=None, min_length=6, max_length=64)


class PointBackBody(Body):
    """An earlier version's id or publication number; the one before when left out."""

    version: str | None = Field(default=None, min_length=1, max_length=100)


@router.post("/classifiers/{name}/publish")
def publish_version(
    context: Context, user: CurrentUser, name: Name, given: PublishBody
) -> dict[str, Any]:
    """Make the newest version live; opens when accuracy is stable."""
    made = publish(
        context.workspace, user.actor, name, given.override_reason, given.operating_point
    )
    context.nudge()
    return answer_of(made)


@router.post("/classifiers/{name}/gates/{gate}/override", status_code=204, response_class=Response)
def override(
    context: Context, user: CurrentUser, name: Name, gate: GateName, given: OverrideBody
) -> None:
    """Let a gate that failed be passed on one's word, which stays on record."""
    override_gate(context.workspace, user.actor, name, gate, given.reason, artifact=given.artifact)
    context.nudge()


@router.get("/classifiers/{name}/drift")
def show_drift(context: Context, user: CurrentUser, name: Name, paging: Paging) -> Page:
    """List what was found when the live version was compared with its release, by time."""
    found = drift_reports(context.workspace, user.actor, name)
    return page_of(found, lambda each: [each.at.isoformat()], paging)


@router.post("/classifiers/{name}/drift", status_code=201)
def look_for_drift(context: Context, user: CurrentUser, name: Name) -> dict[str, Any]:
    """Compare the live version with its release, and keep what is found."""
    return answer_of(measure_drift(context.workspace, user.actor, name))


@router.get("/classifiers/{name}/operating-points")
def show_points(context: Context, user: CurrentUser, name: Name) -> dict[str, Any]:
    """Show the operating points of the live version, and what each means in this content."""
    return answer_of(operating_points(context.workspace, user.actor, name))


@router.put("/classifiers/{name}/operating-point")
def choose_point(
    context: Context, user: CurrentUser, name: Name, given: PointBody
) -> dict[str, Any]:
    """Let the live version label content at another operating point."""
    made = choose_operating_point(context.workspace, user.actor, name, given.point)
    context.nudge()
    return answer_of(made)


@router.get("/classifiers/{name}/retrainings")
def show_retrainings(context: Context, user: CurrentUser, name: Name) -> dict[str, Any]:
    """Show how far the next retraining is, and every one so far."""
    return answer_of(retrainings.retraining_status(context.workspace, user.actor, name))


@router.get("/classifiers/{name}/retrainings/overview")
def show_overview(
    context: Context,
    user: CurrentUser,
    name: Name,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> dict[str, Any]:
    """Show what the last retraining came to: recommendation, figures, items side by side."""
    found = retrainings.overview(context.workspace, user.actor, name, limit=limit, offset=offset)
    return answer_of(found)


@router.post("/classifiers/{name}/retrainings/republish")
def republish(
    context: Context, user: CurrentUser, name: Name, given: RepublishBody
) -> dict[str, Any]:
    """Make the retrained version live."""
    made = republishing.republish(
        context.workspace, user.actor, name, number=given.number, reason=given.reason
    )
    context.nudge()
    return answer_of(made)


@router.post("/classifiers/{name}/retrainings/keep", status_code=204, response_class=Response)
def keep(context: Context, user: CurrentUser, name: Name, given: KeepBody) -> None:
    """Leave the live version in place; more feedback starts another cycle."""
    republishing.keep_published(context.workspace, user.actor, name, number=given.number)


@router.post("/classifiers/{name}/point-back")
def point_back(
    context: Context, user: CurrentUser, name: Name, given: PointBackBody
) -> dict[str, Any]:
    """Make an earlier published version live again."""
    made = republishing.point_back(context.workspace, user.actor, name, given.version)
    context.nudge()
    return answer_of(made)
