"""Evaluate policies at a location, put their labels in force, and take undone ones back.

What is labelled is the operations'; nothing here holds rows.
"""

from collections.abc import Collection

from prefect.runtime import flow_run

from cultivar.operations.policy_applying import apply_labels
from cultivar.operations.policy_evaluating import Evaluated, evaluate
from cultivar.operations.policy_undoing import Undone, undo_location
from cultivar.store.workspace import Workspace
from tasks import Progress, step


@step
def evaluate_policies(
    workspace: Workspace, actor: str, location: str, advance: Progress
) -> Evaluated:
    """Return what the enabled policies give at a location, and what that changes."""
    return evaluate(workspace, actor, location, advance)


@step
def put_labels(
    workspace: Workspace, actor: str, evaluated: Evaluated, accepted: Collection[str]
) -> int:
    """Put evaluated labels in force; return the application's number."""
    return apply_labels(workspace, actor, evaluated, accepted, flow_run.id)


@step
def take_back(workspace: Workspace, actor: str, location: str, undone: Undone) -> int:
    """Take a location's undone labels back; return how many there were."""
    return undo_location(workspace, actor, location, undone, flow_run.id)
