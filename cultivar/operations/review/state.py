"""Where a review stands: counts, accuracy, and why publish is still closed.

It only reads.
"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cultivar.core.lifecycle import Status
from cultivar.core.review.accuracy import AccuracyPoint, Stability, accuracy_by_batch, stability
from cultivar.core.review.order import NOT_SURE, items_lacking, why_more_items
from cultivar.operations.review.batches import closed_batches, is_learning, open_batch_row
from cultivar.operations.transactions import Transaction
from cultivar.store.tables import BatchRow, ClassifierRow, ReviewItemRow, ReviewRow


@dataclass(frozen=True, slots=True)
class ReviewState:
    """Where the review of a classifier stands.

    ``reviewed`` counts verdicts in all, ``decided`` those of closed batches that are yes or no.
    ``accuracy`` and its bounds are over closed batches, None before the first; ``assured`` is the
    bound that decides; ``reviews_needed`` decided reviews open publish. ``learning`` says that the
    last batch is still to be learned from, ``items_needed`` that publish cannot open before the
    test set holds more items; the last of the reasons says so.
    """

    classifier_id: str
    status: str
    batch: int | None
    presented: int
    unanswered: int
    items: int
    reviewed: int
    decided: int
    accuracy: float | None
    lower: float | None
    upper: float | None
    assured: float | None
    target: float
    reviews_needed: int
    stable: bool
    reasons: tuple[str, ...]
    reviews_left: int | None
    learning: bool
    items_needed: bool
    points: tuple[AccuracyPoint, ...]


def reviewed_items(session: Session, classifier_id: str) -> int:
    """Return how many items have a verdict."""
    query = select(func.count()).where(ReviewRow.classifier_id == classifier_id)
    return session.scalar(query) or 0


def stability_of(tx: Transaction, classifier_id: str) -> Stability:
    """Judge the closed batches of a classifier by the active thresholds."""
    return stability(closed_batches(tx.session, classifier_id), tx.thresholds)


def state_of(tx: Transaction, row: ClassifierRow) -> ReviewState:
    """Return where a review stands, within an open transaction."""
    session = tx.session
    batch = open_batch_row(session, row.id)
    presented = _count(session, row.id, batch)
    answered = _count(session, row.id, batch, answered=True)
    points = accuracy_by_batch(closed_batches(session, row.id))
    last = points[-1] if points and points[-1].decided else None
    found = stability_of(tx, row.id)
    learning = is_learning(session, row.id)
    items, reviewed = _items(session, row.id), reviewed_items(session, row.id)
    unsure = _unsure(session, row.id)
    wanted = tx.thresholds.reviews_at_least
    exhausted = reviewed == items and batch is None and not learning
    items_needed = (
        row.status == Status.READY_TO_REVIEW
        and not found.stable
        and (exhausted or items_lacking(items, unsure, wanted) > 0)
    )
    more = (why_more_items(row.id, items, unsure, wanted),) if items_needed else ()
    return ReviewState(
        classifier_id=row.id,
        status=row.status,
        batch=batch.number if batch is not None and presented else None,
        presented=presented,
        unanswered=presented - answered,
        items=items,
        reviewed=reviewed,
        decided=points[-1].decided if points else 0,
        accuracy=last.accuracy if last else None,
        lower=last.lower if last else None,
        upper=last.upper if last else None,
        assured=last.assured if last else None,
        target=tx.thresholds.accuracy_target,
        reviews_needed=wanted,
        stable=found.stable,
        reasons=(*(reason.sentence for reason in found.reasons), *more),
        reviews_left=found.reviews_left,
        learning=learning,
        items_needed=items_needed,
        points=points,
    )


def _items(session: Session, classifier_id: str) -> int:
    query = select(func.count()).where(ReviewItemRow.classifier_id == classifier_id)
    return session.scalar(query) or 0


def _unsure(session: Session, classifier_id: str) -> int:
    query = select(func.count()).where(
        ReviewRow.classifier_id == classifier_id, ReviewRow.verdict == NOT_SURE
    )
    return session.scalar(query) or 0


def _count(
    session: Session, classifier_id: str, batch: BatchRow | None, answered: bool = False
) -> int:
    if batch is None:
        return 0
    query = (
        select(func.count())
        .select_from(ReviewItemRow)
        .where(ReviewItemRow.classifier_id == classifier_id, ReviewItemRow.batch == batch.number)
    )
    if answered:
        query = query.join(
            ReviewRow,
            (ReviewRow.classifier_id == ReviewItemRow.classifier_id)
            & (ReviewRow.item_id == ReviewItemRow.item_id),
        )
    return session.scalar(query) or 0
