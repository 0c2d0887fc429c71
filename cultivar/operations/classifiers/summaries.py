"""The few facts of a classifier that a list shows.

It asks nobody's permission; whoever calls is inside a transaction.
"""

from dataclasses import dataclass
from datetime import datetime

from cultivar.core.lifecycle import Status
from cultivar.core.limits import TRAINING_TAKES_AT_MOST
from cultivar.operations.retraining.retrainings import RE_TRAINING
from cultivar.store.tables import ClassifierRow


@dataclass(frozen=True, slots=True)
class ClassifierSummary:
    """The few facts of a classifier that a list shows; ``overdue``: training exceeds its bound.

    ``retraining_due``: enough items are judged, and no retraining of them has begun. ``heading`` is
    ``Re-training`` while it retrains and until a person has decided, else None;
    ``awaits_decision``: the retraining has finished, and a person has not decided.
    """

    id: str
    name: str
    description: str
    kind: str
    owner: str
    heading: str | None
    awaits_decision: bool
    retraining_due: bool
    status: str
    status_reason: str | None
    status_at: datetime
    created_at: datetime
    candidate_version: str | None
    published_version: str | None
    overdue: bool


def summary_of(
    row: ClassifierRow,
    at: datetime,
    retraining: bool,
    retraining_due: bool = False,
    awaits_decision: bool = False,
) -> ClassifierSummary:
    """Return the few facts of a classifier that a list shows."""
    running = row.status == Status.IN_PROGRESS
    return ClassifierSummary(
        id=row.id,
        name=row.name,
        description=row.description,
        kind=row.kind,
        owner=row.owner,
        heading=RE_TRAINING if retraining else None,
        awaits_decision=awaits_decision,
        retraining_due=retraining_due,
        status=row.status,
        status_reason=row.status_reason,
        status_at=row.status_at,
        created_at=row.created_at,
        candidate_version=row.candidate_version_id,
        published_version=row.published_version_id,
        overdue=running and at - row.status_at > TRAINING_TAKES_AT_MOST,
    )
