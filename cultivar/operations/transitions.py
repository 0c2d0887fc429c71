"""Moves a classifier along the lifecycle's table, inside a deed that is open.

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
from cultivar.operations.transactions import Deed, ownership_of
from cultivar.store.tables import ClassifierRow, StepRow


@dataclass(frozen=True, slots=True)
class Moved:
    """A transition that happened: what the flows announce as an event."""

    classifier_id: str
    event: str
    before: str | None
    after: str


def move(
    deed: Deed,
    classifier: ClassifierRow,
    event: Event,
    gates: Mapping[str, str | None] | None = None,
    reason: str | None = None,
) -> Moved:
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
    deed.allow(transition.action)
    if PERMISSIONS[transition.action].owned:
        require_ownership(deed.actor, ownership_of(deed.session, classifier), transition.action)
    require_gates(transition, open_gates(deed.session, classifier.id, gates or {}), classifier.id)
    after = lifecycle_of(deed, classifier, created).after(transition)
    _write(deed, classifier, after, reason)
    deed.record(
        str(event), classifier.id, before=before and str(before), after=classifier.status,
        **({"reason": reason} if reason else {}),
    )  # fmt: skip
    return Moved(classifier.id, str(event), before and str(before), classifier.status)


def lifecycle_of(deed: Deed, classifier: ClassifierRow, created: bool = False) -> Lifecycle:
    """Return where a classifier stands, as the registry says."""
    if created:
        return Lifecycle()
    rows = {Step(row.step): StepStatus(row.status) for row in step_rows(deed, classifier).values()}
    return Lifecycle(Status(classifier.status), rows)


def step_rows(deed: Deed, classifier: ClassifierRow) -> dict[Step, StepRow]:
    """Return the rows of the three steps, made where they are missing."""
    found = {}
    for step in Step:
        row = deed.session.get(StepRow, (classifier.id, str(step)))
        if row is None:
            row = StepRow(
                classifier_id=classifier.id, step=str(step), item_count=0,
                status=str(StepStatus.NOT_AVAILABLE),
            )  # fmt: skip
            deed.session.add(row)
        found[step] = row
    return found


def _write(deed: Deed, classifier: ClassifierRow, after: Lifecycle, reason: str | None) -> None:
    status = str(after.status)
    if status != classifier.status or classifier.status_at is None:
        classifier.status_at = deed.at
    classifier.status = status
    classifier.status_reason = reason
    for step, row in step_rows(deed, classifier).items():
        row.status = str(after.steps[step])
