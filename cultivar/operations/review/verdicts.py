"""Reviewing: batches of 30 predictions, people's verdicts, and accuracy once a batch is closed.

It records verdicts and counts them; learning from them is the training's.
"""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import InvalidInput, NotReady
from cultivar.core.lifecycle import Event, Step
from cultivar.core.limits import BATCH_SIZE
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.review.accuracy import AccuracyPoint, accuracy_by_batch
from cultivar.core.review.order import NO, NOT_SURE, VERDICTS, YES
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.lookups import classifier_named
from cultivar.operations.outbox import BATCH_COMPLETE
from cultivar.operations.review.batches import (
    closed_batches,
    counted,
    is_learning,
    members_of,
    new_batch,
    open_batch_row,
    predictions_of,
    present_next,
    presented_item,
)
from cultivar.operations.review.state import ReviewState, reviewed_items, state_of
from cultivar.operations.transactions import Transaction, snapshot, transaction
from cultivar.operations.transitions import apply_transition, step_rows
from cultivar.store.tables import ClassifierRow, ReviewItemRow, ReviewRow
from cultivar.store.workspace import Workspace

__all__ = [
    "ReviewState",
    "close_batch",
    "is_any_closed",
    "open_batch",
    "record_verdict",
    "record_verdicts",
    "review_state",
    "skip",
    "undo_verdict",
]


def open_batch(workspace: Workspace, actor: AnyActor, classifier: str) -> ReviewState:
    """Present the next 30 items, their predictions frozen; a batch that is open stays.

    Raises:
        NotReady: codes ``wrong-status`` (nothing to review yet), ``learning`` (the last batch is
            still to be learned from), ``nothing-to-review`` (every item is reviewed).
        NotPermitted: the actor may not review the classifier.
    """
    with snapshot(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
    predictions = predictions_of(workspace, row)
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        batch = open_batch_row(tx.session, row.id)
        if batch is None or not members_of(tx.session, batch):
            _require_learned(tx.session, row)
            moved = apply_transition(tx, row, Event.BATCH_OPENED)
            batch = batch or new_batch(tx, row, predictions.version_id)
            present_next(tx.session, batch, predictions, BATCH_SIZE)
            tx.audit(AuditAction.BATCH_PRESENTED, moved.classifier_id, batch=batch.number)
        return state_of(tx, row)


def _require_learned(session: Session, row: ClassifierRow) -> None:
    if is_learning(session, row.id):
        raise NotReady(
            "learning",
            f"{row.name} is still to learn from its last batch; the next one is judged by the "
            "version that has.",
            remedy=Remedy(NextStep.REVIEW, effect="takes that up"),
        )


def record_verdict(
    workspace: Workspace, actor: AnyActor, classifier: str, item_id: str, verdict: str
) -> ReviewState:
    """Keep a verdict on an item of the open batch; a second one replaces the first.

    ``verdict`` is ``yes`` (the prediction is right), ``no`` or ``not sure``.

    Raises:
        InvalidInput: code ``unknown-verdict``.
        NotFound: code ``not-presented``; the item is not in the open batch.
    """
    return record_verdicts(workspace, actor, classifier, {item_id: verdict})


def record_verdicts(
    workspace: Workspace, actor: AnyActor, classifier: str, verdicts: Mapping[str, str]
) -> ReviewState:
    """Keep verdicts on several items (item id → verdict), all or none; see ``record_verdict``."""
    unknown = sorted(set(verdicts.values()) - set(VERDICTS))
    if unknown:
        raise InvalidInput(
            "unknown-verdict", f"{unknown[0]!r} is not a verdict. Say {YES}, {NO} or {NOT_SURE}."
        )
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        for item_id, verdict in verdicts.items():
            _keep_verdict(tx, row, item_id, verdict)
        tx.session.flush()
        return state_of(tx, row)


def _keep_verdict(tx: Transaction, row: ClassifierRow, item_id: str, verdict: str) -> None:
    presented_item(tx.session, row, item_id)
    review = tx.session.get(ReviewRow, (row.id, item_id))
    if review is None:
        review = ReviewRow(classifier_id=row.id, item_id=item_id)
        tx.session.add(review)
    before = review.verdict
    if (before, review.person) == (verdict, tx.actor):
        return  # whoever is not sure that it arrived says it again
    review.verdict, review.person, review.at = verdict, tx.actor, tx.at
    tx.audit(AuditAction.VERDICT, row.id, item=item_id, verdict=verdict, before=before)


def undo_verdict(
    workspace: Workspace, actor: AnyActor, classifier: str, item_id: str
) -> ReviewState:
    """Take back a verdict on an item of the open batch.

    Raises:
        NotFound: code ``not-presented``; the item is not in the open batch, as it may be closed.
    """
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        presented_item(tx.session, row, item_id)
        review = tx.session.get(ReviewRow, (row.id, item_id))
        if review is not None:
            tx.session.delete(review)
            tx.audit(AuditAction.VERDICT_UNDONE, row.id, item=item_id, before=review.verdict)
        return state_of(tx, row)


def skip(workspace: Workspace, actor: AnyActor, classifier: str, item_id: str) -> ReviewState:
    """Put an item at the end of the order; another takes its place in the batch.

    It counts neither as presented nor towards accuracy, and comes again in a later batch.

    Raises:
        NotFound: code ``not-presented``; the item is not in the open batch.
    """
    with snapshot(workspace, actor, Action.TRAIN) as tx:
        predictions = predictions_of(workspace, tx.classifier(classifier, Action.TRAIN))
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        batch, item = presented_item(tx.session, row, item_id)
        last = select(func.max(ReviewItemRow.position)).where(ReviewItemRow.classifier_id == row.id)
        item.batch, item.position = None, (tx.session.scalar(last) or 0) + 1
        review = tx.session.get(ReviewRow, (row.id, item_id))
        if review is not None:
            tx.session.delete(review)
        tx.session.flush()
        if predictions.version_id == batch.version_id:
            present_next(tx.session, batch, predictions, 1, new=True)
        tx.audit(AuditAction.SKIPPED, row.id, item=item_id)
        return state_of(tx, row)


def close_batch(workspace: Workspace, actor: AnyActor, classifier: str) -> AccuracyPoint:
    """Close the open batch: its verdicts stand, accuracy takes its new value.

    What follows (learning from the batch, judging stability) is left behind as due.

    Raises:
        NotReady: codes ``no-open-batch``, ``batch-not-complete``.
    """
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        batch, counts = counted(tx.session, row)
        batch.closed_at, batch.presented = tx.at, counts.presented
        batch.decided, batch.agreed = counts.decided, counts.agreed
        tx.session.flush()
        point = accuracy_by_batch(closed_batches(tx.session, row.id))[-1]
        batch.accuracy, batch.lower, batch.upper = point.accuracy, point.lower, point.upper
        step_rows(tx, row)[Step.REVIEW_ITEMS].item_count = reviewed_items(tx.session, row.id)
        tx.mark_due(BATCH_COMPLETE, row.id, batch=batch.number)
        apply_transition(tx, row, Event.BATCH_CLOSED)
        return point


def review_state(workspace: Workspace, actor: AnyActor, classifier: str) -> ReviewState:
    """Return where the review stands; changes nothing."""
    with snapshot(workspace, actor, Action.READ) as tx:
        return state_of(tx, tx.classifier(classifier))


def is_any_closed(workspace: Workspace, classifier: str) -> bool:
    """Tell whether a batch of the review is closed; verdicts from the content need none."""
    with workspace.registry.reading() as session:
        return bool(closed_batches(session, classifier_named(session, classifier).id))
