"""Policies: listed, written, changed, switched, and tried without effect.

Applying them is a flow's, nightly or by the command line; what a policy may say is the core's.
"""

from typing import Annotated, Any

from fastapi import Path
from pydantic import Field

from cultivar.core.policies.policy import Policy, policy_as_json
from cultivar.operations.policies import policies
from cultivar.operations.policies.dry_run import Trial, try_policy
from cultivar.web.api.routing import Given, Page, router_of
from cultivar.web.context import Calling, Here
from cultivar.web.idempotency import changes_nothing
from cultivar.web.pagination import Paging, page

router = router_of("policies")
PolicyName = Annotated[
    str, Path(min_length=1, max_length=200, description="Name or id of the policy.")
]
Writers = Annotated[list[str], Field(max_length=20)]


class PolicyGiven(Given):
    """A policy: kind, condition over classifiers, action, and the writers of its labels."""

    name: str = Field(min_length=1, max_length=200)
    kind: str
    condition: dict[str, Any]
    action: dict[str, Any]
    priority: int | None = Field(default=None, ge=-1_000_000, le=1_000_000)
    enabled: bool = True
    writers: Writers = []


class PolicyChanges(Given):
    """What changes; the rest stays as it is."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    condition: dict[str, Any] | None = None
    action: dict[str, Any] | None = None
    priority: int | None = Field(default=None, ge=-1_000_000, le=1_000_000)
    writers: Writers | None = None


class SwitchGiven(Given):
    """Whether the policy is applied."""

    enabled: bool


class TrialGiven(Given):
    """Where to try; all crawled content locations when left out."""

    locations: list[str] | None = Field(default=None, max_length=1_000)


@router.get("/policies")
def show_policies(here: Here, calling: Calling, paging: Paging) -> Page:
    """List the policies by id, each in words."""
    found = policies.list_policies(here.workspace, calling.person)
    return Page(**page(found, lambda each: [each["policy_id"]], paging))


@router.post("/policies", status_code=201)
def create(here: Here, calling: Calling, given: PolicyGiven) -> dict[str, Any]:
    """Keep the first version of a policy."""
    definition = given.model_dump(exclude={"writers"}, exclude_none=True)
    made = policies.create_policy(here.workspace, calling.person, definition, given.writers)
    return policy_json(made)


@router.get("/policies/{name}")
def show(here: Here, calling: Calling, name: PolicyName) -> dict[str, Any]:
    """Show a policy with every version of it."""
    return policies.policy_details(here.workspace, calling.person, name)


@router.patch("/policies/{name}")
def update(here: Here, calling: Calling, name: PolicyName, given: PolicyChanges) -> dict[str, Any]:
    """Keep the next version of a policy."""
    changes = given.model_dump(exclude={"writers"}, exclude_none=True)
    made = policies.update_policy(here.workspace, calling.person, name, changes, given.writers)
    return policy_json(made)


@router.put("/policies/{name}/enabled")
def switch(here: Here, calling: Calling, name: PolicyName, given: SwitchGiven) -> dict[str, Any]:
    """Enable or disable a policy."""
    made = policies.switch_policy(here.workspace, calling.person, name, given.enabled)
    return policy_json(made)


@router.post("/policies/{name}/trial")
@changes_nothing
def dry_run(here: Here, calling: Calling, name: PolicyName, given: TrialGiven) -> dict[str, Any]:
    """Tell what the policy would label at this moment; nothing is changed."""
    policy = policies.policy_named(here.workspace, name)
    return trial_json(try_policy(here.workspace, calling.person, policy, given.locations))


def policy_json(policy: Policy) -> dict[str, Any]:
    """Return a policy with its sentence."""
    return {**policy_as_json(policy), "sentence": policy.sentence}


def trial_json(trial: Trial) -> dict[str, Any]:
    """Return what a policy would do."""
    return {
        "policy": policy_json(trial.policy),
        "items": trial.items,
        "reached": trial.reached,
        "outranked": trial.outranked,
        "would_label": trial.would_label,
        "kept_for_people": trial.kept_for_people,
        "by_location": trial.by_location,
        "by_version": trial.by_version,
        "sample": trial.sample,
        "newest": trial.newest,
        "expected_wrong": trial.expected_wrong,
        "undone": trial.undone,
        "undone_classifiers": trial.undone_classifiers,
    }
