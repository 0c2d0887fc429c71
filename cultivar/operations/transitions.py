"""Moves a classifier along the lifecycle's table, inside an open transaction.

It applies a transition to the registry; which transitions there are is the core's.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cultivar.core.lifecycle import (
    Event,
    Lifecycle,
    Status,
    Step,
    StepStatus,
    require_gates,
    transition_for,
)
from cultivar.core.roles import PERMISSIONS, require_ownership
from cultivar.operations.gates import open_gates
from cultivar.operations.transactions import Transaction, ownership_of
from cultivar.store.tables import ClassifierRow, StepRow


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A transition that happened: what the flows announce as an event."""

    classifier_id: str
    event: str
    before: str | None
    after: str


def apply_transition(
    tx: Transaction,
    classifier: ClassifierRow,
    event: Event,
    gates: Mapping[str, str | None] | None = None,
    reason: str | None = None,
) -> StatusChange:
    """Apply the transition of ``event``: role, ownership and gates first, then status and steps.

    ``gates`` names the artifact over which each gate of the transition must have passed. A status
    that stays keeps the moment at which it began.

    Raises:
        NotReady: the event cannot happen in the classifier's status.
        NotPermitted: the actor may not do it.
        GateClosed: a gate is closed over that artifact.
    """
    created = event is Event.CREATED
    before = None if created else Status(classifier.status)
    transition = transition_for(event, before, classifier.id)
    tx.allow(transition.action)
    if PERMISSIONS[transition.action].owned:
        require_ownership(tx.actor, ownership_of(tx.session, classifier), transition.action)
    require_gates(transition, open_gates(tx.session, classifier.id, gates or {}), classifier.id)
    after = lifecycle_of(tx, classifier, created).after(transition)
    _write(tx, classifier, after, reason)
    tx.audit(
        event, classifier.id, before=before and str(before), after=classifier.status,
        **({"reason": reason} if reason else {}),
    )  # fmt: skip
    return StatusChange(classifier.id, str(event), before and str(before), classifier.status)


def lifecycle_of(tx: Transaction, classifier: ClassifierRow, created: bool = False) -> Lifecycle:
    """Return where a classifier stands, as the registry says."""
    if created:
        return Lifecycle()
    rows = {Step(row.step): StepStatus(row.status) for row in step_rows(tx, classifier).values()}
    return Lifecycle(Status(classifier.status), rows)


def step_rows(tx: Transaction, classifier: ClassifierRow) -> dict[Step, StepRow]:
    """Return the rows of the three steps, made where they are missing."""
    found = {}
    for step in Step:
        row = tx.session.get(StepRow, (classifier.id, str(step)))
        if row is None:
            row = StepRow(
                classifier_id=classifier.id, step=str(step), item_count=0,
                status=str(StepStatus.NOT_AVAILABLE),
            )  # fmt: skip
            tx.session.add(row)
        found[step] = row
    return found


def _write(
    tx: Transaction, classifier: ClassifierRow, after: Lifecycle, reason: str | None
) -> None:
    status = str(after.status)
    if status != classifier.status or classifier.status_at is None:
        classifier.status_at = tx.at
    classifier.status = status
    classifier.status_reason = reason
    for step, row in step_rows(tx, classifier).items():
        row.status = str(after.steps[step])
