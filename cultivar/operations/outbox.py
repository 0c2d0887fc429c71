"""What must happen, as left behind by the transaction that made it due.

It hands out and ticks off; doing the work is the flows'.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from cultivar.operations.runs import held_subjects
from cultivar.store.tables import ClassifierRow, OutboxRow
from cultivar.store.workspace import Workspace

TRAINING_DUE = "training due"
TESTING_DUE = "testing due"
BATCH_COMPLETE = "batch complete"
LABELLING_DUE = "labelling due"
RETRAINING_DUE = "retraining due"
UNDO_DUE = "undo due"
# Whoever makes something due mostly does it at once; a sweep must not get in between.
GRACE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to do: its kind, whom it concerns, who caused it, since when."""

    id: int
    kind: str
    subject: str
    payload: dict[str, Any]
    created_at: datetime


def due(workspace: Workspace, kind: str | None = None) -> list[Due]:
    """Return what is due, oldest first; all kinds, or one. Archived classifiers wait."""
    archived = select(ClassifierRow.id).where(ClassifierRow.archived_at.is_not(None))
    query = (
        select(OutboxRow)
        .where(OutboxRow.done_at.is_(None), OutboxRow.subject.not_in(archived))
        .order_by(OutboxRow.id)
    )
    if kind is not None:
        query = query.where(OutboxRow.kind == kind)
    with workspace.registry.reading() as session:
        return [
            Due(row.id, row.kind, row.subject, dict(row.payload), row.created_at)
            for row in session.scalars(query)
        ]


def overdue(workspace: Workspace) -> list[Due]:
    """Return what has been due for a minute and nobody works on, oldest first."""
    until = workspace.clock() - GRACE
    held = held_subjects(workspace)
    return [
        each for each in due(workspace) if each.created_at <= until and each.subject not in held
    ]


def done(workspace: Workspace, outbox_id: int) -> None:
    """Tick one thing off; doing so twice changes nothing."""
    with workspace.registry.transaction() as session:
        row = session.get(OutboxRow, outbox_id)
        if row is not None and row.done_at is None:
            row.done_at = workspace.clock()
