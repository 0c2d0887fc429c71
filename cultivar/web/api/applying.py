"""Labels: previewed, applied, undone, and set by hand on one item.

Evaluating a location may take a while; applying is begun here and done by a flow.
"""

from typing import Annotated, Any

from fastapi import Path, Response
from pydantic import BaseModel, Field

from cultivar.operations.policies.acceptance import differences, require_waiting
from cultivar.operations.policies.evaluation import Evaluated, locations_to_apply
from cultivar.operations.policies.manual_labels import release_label, set_label
from cultivar.operations.policies.undo import begin_undo, plan_undo
from cultivar.operations.transactions import TENANT
from cultivar.web.api.locations import Names, PlacesBody
from cultivar.web.api.policies import PolicyName
from cultivar.web.api.routing import Body, answer_of, router_of
from cultivar.web.api.runs import Accepted, begin
from cultivar.web.context import Context, CurrentUser
from cultivar.web.idempotency import read_only

router = router_of("labels")
Item = Annotated[str, Path(min_length=1, max_length=1_000, description="Id or path of the item.")]


class ApplyBody(Body):
    """Where to apply, and what is agreed to.

    ``accepted`` are tokens of differences that somebody has seen; ``additions`` accepts those that
    only add labels. Whatever else takes back or changes labels waits.
    """

    locations: Names = None
    accepted: list[str] = Field(default=[], max_length=1_000)
    additions: bool = False


class UndoBody(Body):
    """Which version of the policy; the newest when left out."""

    version: int | None = Field(default=None, ge=1, le=1_000_000)
    reason: str = Field(default="", max_length=2_000)


class LabelBody(Body):
    """A label of a kind; null takes it away for good."""

    kind: str = Field(min_length=1, max_length=100)
    label: str | None = Field(max_length=200)


class Difference(BaseModel):
    """What applying would change at a location; ``why`` says what for it waits, null if nothing."""

    location: str
    token: str
    waits: bool
    why: str | None
    counts: dict[str, int]


class DifferencesAnswer(BaseModel):
    """What applying would change; nothing has been."""

    items: list[Difference]


@router.post("/policies/preview")
@read_only
def preview(context: Context, user: CurrentUser, given: PlacesBody) -> DifferencesAnswer:
    """Tell what applying the policies would change, from what is classified at this moment."""
    found = differences(context.workspace, user.actor, given.locations)
    return DifferencesAnswer(items=[_shown(each) for each in found])


@router.post("/policies/apply", status_code=202)
def apply(context: Context, user: CurrentUser, given: ApplyBody, response: Response) -> Accepted:
    """Begin to classify what is new and to apply the policies, as far as is agreed to.

    The run ends well also where a difference waits: `preview` names it.
    """
    workspace = context.workspace
    locations_to_apply(workspace, user.actor, given.locations)
    if given.accepted:
        found = differences(workspace, user.actor, given.locations)
        waits = {each.token: each.location for each in found if each.needs_acceptance}
        require_waiting(given.accepted, waits)
    wanted = {**given.model_dump(), "actor": user.person}
    return begin(context, response, "apply_policies", wanted, f"{TENANT}:apply_policies")


@router.post("/policies/{name}/undo/plan")
@read_only
def plan(context: Context, user: CurrentUser, name: PolicyName, given: UndoBody) -> dict[str, Any]:
    """Tell how many active labels an undoing would take back, by location."""
    undone, labels = plan_undo(context.workspace, user.actor, policy=name, version=given.version)
    return {"undoes": undone.name, "labels": labels}


@router.post("/policies/{name}/undo", status_code=202)
def undo(
    context: Context, user: CurrentUser, name: PolicyName, given: UndoBody, response: Response
) -> Accepted:
    """Undo a version of a policy: what it labelled is taken back everywhere."""
    undone = begin_undo(
        context.workspace, user.actor, policy=name, version=given.version, reason=given.reason
    )
    wanted = {"undone": undone.subject, "actor": user.person}
    return begin(context, response, "undo_labels", wanted, f"{TENANT}:apply_policies")


@router.put("/items/{item}/label")
def put_label(context: Context, user: CurrentUser, item: Item, given: LabelBody) -> dict[str, Any]:
    """Give an item a label by hand, which no policy overwrites; null says that it has none."""
    return answer_of(set_label(context.workspace, user.actor, item, given.kind, given.label))


@router.delete("/items/{item}/label/{kind}")
def leave_label(
    context: Context,
    user: CurrentUser,
    item: Item,
    kind: Annotated[str, Path(min_length=1, max_length=100)],
) -> dict[str, bool]:
    """Leave an item's label of a kind to the policies again; tells whether a person held it."""
    return {"held": release_label(context.workspace, user.actor, item, kind)}


def _shown(found: Evaluated) -> Difference:
    return Difference(
        location=found.location, token=found.token, waits=found.needs_acceptance,
        why=found.why_it_waits, counts=dict(found.counts),
    )  # fmt: skip
