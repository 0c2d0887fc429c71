"""Evaluate policies at a location, activate their labels, and take undone ones back.

What is labelled is the operations'; nothing here holds rows.
"""

from collections.abc import Collection, Mapping
from functools import partial

from prefect.runtime import flow_run

from cultivar.core.vocabulary import how_many
from cultivar.operations.policies.application import apply_labels
from cultivar.operations.policies.evaluation import Evaluated, evaluate
from cultivar.operations.policies.undo import Undone, undo_location
from cultivar.store.workspace import Workspace
from tasks import Progress, Told, step


@partial(step, named="evaluate the policies at {location}")
def evaluate_policies(
    workspace: Workspace, actor: str, location: str, advance: Progress
) -> Told[Evaluated]:
    """Return what the enabled policies give at a location, and what that changes."""
    found = evaluate(workspace, actor, location, advance)
    waits = "; the difference waits to be accepted by a person" if found.needs_acceptance else ""
    return Told(found, f"{location}: {_account(found.counts)}{waits}")


@partial(step, named="activate the labels of {evaluated.location}")
def put_labels(
    workspace: Workspace, actor: str, evaluated: Evaluated, accepted: Collection[str]
) -> Told[int]:
    """Activate evaluated labels; return the application's number."""
    number = apply_labels(workspace, actor, evaluated, accepted, flow_run.id)
    counts = evaluated.counts
    return Told(
        number,
        f"application {number} at {evaluated.location} is active: "
        f"{how_many(counts['labels'], 'label')}, of them {counts['added']:,} new",
    )


@partial(step, named="take labels back at {location}")
def take_back(workspace: Workspace, actor: str, location: str, undone: Undone) -> Told[int]:
    """Take a location's undone labels back; return how many there were."""
    taken = undo_location(workspace, actor, location, undone, flow_run.id)
    return Told(taken, f"{how_many(taken, 'label')} of {undone.name} taken back at {location}")


def _account(counts: Mapping[str, int]) -> str:
    changes = ", ".join(f"{counts[kind]:,} {kind}" for kind in ("added", "removed", "changed"))
    return (
        f"{how_many(counts['labels'], 'label')} for {how_many(counts['items'], 'item')} "
        f"({changes}, {counts['unchanged']:,} unchanged)"
    )
