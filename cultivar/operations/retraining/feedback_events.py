"""What the kept verdicts and retrainings of a classifier amount to, within an open session.

It reads rows into the core's events; whether a retraining is due is the core's to say.
"""

from collections.abc import Iterable, Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cultivar.core.retraining.feedback import (
    Decision,
    Event,
    FeedbackState,
    RetrainingEnded,
    RetrainingStarted,
    VerdictGiven,
    Withdrawn,
    feedback_state,
    retraining_decision,
)
from cultivar.operations.outbox import RETRAINING_DUE
from cultivar.operations.transactions import Transaction
from cultivar.store.tables import FeedbackRow, RetrainingRow

FINISHED, FAILED = "finished", "failed"
# in the figures of a retraining that failed
DEFECT = "defect"


def state_of_feedback(session: Session, classifier_id: str) -> FeedbackState:
    """Return which verdicts stand, which were learned, and when retrainings began."""
    return feedback_state(
        _events(feedback_rows(session, classifier_id), _cycles(session, classifier_id))
    )


def standing_until(session: Session, classifier_id: str, until: int) -> tuple[VerdictGiven, ...]:
    """Return the verdicts that stood when feedback row ``until`` was the last one, by its id."""
    rows = [row for row in feedback_rows(session, classifier_id) if row.id <= until]
    return tuple(feedback_state(_events(rows, ())).standing.values())


def feedback_rows(session: Session, classifier_id: str) -> list[FeedbackRow]:
    """Return every verdict and withdrawal of a classifier, in the order in which they came."""
    query = select(FeedbackRow).where(FeedbackRow.classifier_id == classifier_id)
    return list(session.scalars(query.order_by(FeedbackRow.id)))


def _cycles(session: Session, classifier_id: str) -> list[RetrainingRow]:
    query = select(RetrainingRow).where(RetrainingRow.classifier_id == classifier_id)
    return list(session.scalars(query.order_by(RetrainingRow.number)))


def _events(rows: Iterable[FeedbackRow], cycles: Iterable[RetrainingRow]) -> Iterator[Event]:
    """Merge both kinds: a retraining began after the last verdict that it knows of."""
    waiting = list(rows)
    for cycle in cycles:
        while waiting and waiting[0].id <= cycle.until_feedback_id:
            yield _given(waiting.pop(0))
        yield RetrainingStarted(cycle.started_at)
        if cycle.ended_at is not None:
            learned = cycle.outcome == FINISHED
            yield RetrainingEnded(cycle.ended_at, learned=learned, defect=failed_by_defect(cycle))
    yield from map(_given, waiting)


def failed_by_defect(cycle: RetrainingRow) -> bool:
    """Tell whether a retraining failed by what nobody foresaw: only the error's name is kept."""
    if cycle.outcome != FAILED:
        return False
    # rows of earlier versions do not say it; a reason that was foreseen is a sentence
    stated = (cycle.figures or {}).get(DEFECT)
    return (cycle.reason or "").isidentifier() if stated is None else bool(stated)


def _given(row: FeedbackRow) -> VerdictGiven | Withdrawn:
    if row.verdict is None:
        return Withdrawn(row.at, row.person, row.item_id)
    return VerdictGiven(
        row.at, row.person, row.item_id, row.verdict, row.version_id, tuple(row.suggested)
    )


def last_feedback_id(session: Session, classifier_id: str) -> int:
    """Return the id of the newest verdict of a classifier, 0 without any."""
    query = select(func.max(FeedbackRow.id)).where(FeedbackRow.classifier_id == classifier_id)
    return session.scalar(query) or 0


def open_retraining(session: Session, classifier_id: str) -> RetrainingRow | None:
    """Return the retraining that runs, or that a killed process left open."""
    query = select(RetrainingRow).where(
        RetrainingRow.classifier_id == classifier_id, RetrainingRow.ended_at.is_(None)
    )
    return session.scalars(query).first()


def mark_retraining_due(tx: Transaction, classifier_id: str) -> Decision:
    """Make a retraining due once enough items are judged; else nothing is due.

    While one runs, what was due stays: it is the word of the one that runs. Where only the cap
    holds, the retraining is due and starts later.
    """
    tx.session.flush()
    found = retraining_decision(state_of_feedback(tx.session, classifier_id), tx.at)
    if found.code == "retraining-running":
        return found
    if found.missing:
        tx.clear_due(RETRAINING_DUE, classifier_id)
    else:
        tx.mark_due(RETRAINING_DUE, classifier_id)
    return found
