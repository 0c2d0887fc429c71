"""Policies: listed, written, changed, switched, and tried without effect.

Applying them is a flow's, nightly or by the command line; what a policy may say is the core's.
"""

from typing import Annotated, Any

from fastapi import Path
from pydantic import Field

from cultivar.core.policies.policy import Policy
from cultivar.core.policies.policy_json import policy_as_json
from cultivar.core.serialisation import fields_of
from cultivar.operations.policies import archiving, policies
from cultivar.operations.policies.dry_run import Trial, try_policy
from cultivar.web.api.routing import ArchiveBody, Body, Page, answer_of, page_of, router_of
from cultivar.web.context import Context, CurrentUser
from cultivar.web.idempotency import read_only
from cultivar.web.pagination import Paging

router = router_of("policies")
PolicyName = Annotated[
    str, Path(min_length=1, max_length=200, description="Name or id of the policy.")
]
Writers = Annotated[list[str], Field(max_length=20)]


class PolicyBody(Body):
    """A policy: kind, condition over classifiers, action, and the writers of its labels."""

    name: str = Field(min_length=1, max_length=200)
    kind: str
    condition: dict[str, Any]
    action: dict[str, Any]
    priority: int | None = Field(default=None, ge=-1_000_000, le=1_000_000)
    enabled: bool = True
    writers: Writers = []


class PolicyChanges(Body):
    """What changes; what is left out, or null, stays as it is."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    condition: dict[str, Any] | None = None
    action: dict[str, Any] | None = None
    priority: int | None = Field(default=None, ge=-1_000_000, le=1_000_000)
    writers: Writers | None = None


class SwitchBody(Body):
    """Whether the policy is applied."""

    enabled: bool


class TrialBody(Body):
    """Where to try; all crawled content locations when left out."""

    locations: list[str] | None = Field(default=None, max_length=1_000)


@router.get("/policies")
def show_policies(context: Context, user: CurrentUser, paging: Paging) -> Page:
    """List the policies by id, each in words."""
    found = policies.list_policies(context.workspace, user.actor)
    return page_of(found, lambda each: [each.policy_id], paging)


@router.post("/policies", status_code=201)
def create(context: Context, user: CurrentUser, given: PolicyBody) -> dict[str, Any]:
    """Keep the first version of a policy."""
    definition = given.model_dump(exclude={"writers"}, exclude_none=True)
    made = policies.create_policy(context.workspace, user.actor, definition, given.writers)
    return policy_json(made)


@router.get("/policies/{name}")
def show(context: Context, user: CurrentUser, name: PolicyName) -> dict[str, Any]:
    """Show a policy with every version of it."""
    return answer_of(policies.policy_details(context.workspace, user.actor, name))


@router.patch("/policies/{name}")
def update(
    context: Context, user: CurrentUser, name: PolicyName, given: PolicyChanges
) -> dict[str, Any]:
    """Keep the next version of a policy."""
    changes = given.model_dump(exclude={"writers"}, exclude_none=True)
    made = policies.update_policy(context.workspace, user.actor, name, changes, given.writers)
    return policy_json(made)


@router.put("/policies/{name}/enabled")
def switch(
    context: Context, user: CurrentUser, name: PolicyName, given: SwitchBody
) -> dict[str, Any]:
    """Enable or disable a policy."""
    made = policies.switch_policy(context.workspace, user.actor, name, given.enabled)
    return policy_json(made)


@router.put("/policies/{name}/archived")
def archive(
    context: Context, user: CurrentUser, name: PolicyName, given: ArchiveBody
) -> dict[str, Any]:
    """Put a policy away, or take it back."""
    change = archiving.archive_policy if given.archived else archiving.restore_policy
    made = change(context.workspace, user.actor, name)
    return answer_of(policies.policy_details(context.workspace, user.actor, made))


@router.post("/policies/{name}/trial")
@read_only
def dry_run(
    context: Context, user: CurrentUser, name: PolicyName, given: TrialBody
) -> dict[str, Any]:
    """Tell what the policy would label at this moment; nothing is changed."""
    policy = policies.policy_named(context.workspace, user.actor, name)
    found = try_policy(context.workspace, user.actor, policy, given.locations)
    return answer_of(trial_json(found))


def policy_json(policy: Policy) -> dict[str, Any]:
    """Return a policy with its sentence."""
    return {**policy_as_json(policy), "sentence": policy.sentence}


def trial_json(trial: Trial) -> dict[str, Any]:
    """Return what a policy would do."""
    return {"policy": policy_json(trial.policy), **fields_of(trial.figures)}
