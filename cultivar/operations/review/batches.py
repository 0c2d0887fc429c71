"""Batches of 30: presented with frozen predictions, counted when closed.

Works inside a session that is open; who may do what is checked by the reviewing.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.errors import NotFound, NotReady
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.review.accuracy import BatchCounts
from cultivar.core.review.order import NO, YES
from cultivar.operations.identifiers import next_number
from cultivar.operations.outbox import BATCH_COMPLETE
from cultivar.operations.transactions import Transaction
from cultivar.store.tables import BatchRow, ClassifierRow, OutboxRow, ReviewItemRow, ReviewRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Predictions:
    """The predictions of the candidate: item id → (score, prediction)."""

    version_id: str
    of: dict[str, tuple[float, str]]


def predictions_of(workspace: Workspace, row: ClassifierRow) -> Predictions:
    """Return what the candidate says of every test item; nothing before it was scored."""
    if row.predictions_sha256 is None:
        return Predictions("", {})
    reference = workspace.artifacts.reference(row.predictions_sha256)
    table = workspace.artifacts.read(
        reference, columns=["item_id", "version_id", "score", "prediction"]
    )
    columns = [table.column(name).to_pylist() for name in ("item_id", "score", "prediction")]
    found = {item: (score, kind) for item, score, kind in zip(*columns, strict=True)}
    return Predictions(table.column("version_id")[0].as_py(), found)


def open_batch_row(session: Session, classifier_id: str) -> BatchRow | None:
    """Return the batch that is open, if one is."""
    query = select(BatchRow).where(
        BatchRow.classifier_id == classifier_id, BatchRow.closed_at.is_(None)
    )
    return session.scalars(query).first()


def closed_reviews(session: Session, classifier_id: str) -> list[tuple[ReviewItemRow, ReviewRow]]:
    """Return the reviewed items of closed batches with their reviews, in the order presented."""
    query = (
        select(ReviewItemRow, ReviewRow)
        .join(
            ReviewRow,
            (ReviewRow.classifier_id == ReviewItemRow.classifier_id)
            & (ReviewRow.item_id == ReviewItemRow.item_id),
        )
        .join(
            BatchRow,
            (BatchRow.classifier_id == ReviewItemRow.classifier_id)
            & (BatchRow.number == ReviewItemRow.batch),
        )
        .where(ReviewItemRow.classifier_id == classifier_id, BatchRow.closed_at.is_not(None))
        .order_by(ReviewItemRow.batch, ReviewItemRow.position)
    )
    return [(item, review) for item, review in session.execute(query)]


def new_batch(tx: Transaction, row: ClassifierRow, version_id: str) -> BatchRow:
    """Open the next batch, empty as yet."""
    number = next_number(tx.session, BatchRow.number, BatchRow.classifier_id == row.id)
    batch = BatchRow(
        classifier_id=row.id, number=number, version_id=version_id, opened_at=tx.at,
        presented=0, decided=0, agreed=0,
    )  # fmt: skip
    tx.session.add(batch)
    tx.session.flush()
    return batch


def present_next(
    session: Session, batch: BatchRow, predictions: Predictions, count: int, new: bool = False
) -> None:
    """Put the next items of the order into a batch; ``new`` leaves out those skipped before."""
    query = select(ReviewItemRow).where(
        ReviewItemRow.classifier_id == batch.classifier_id, ReviewItemRow.batch.is_(None)
    )
    if new:
        query = query.where(ReviewItemRow.version_id.is_(None))
    items = session.scalars(query.order_by(ReviewItemRow.position).limit(count)).all()
    if not items and not new:
        raise NotReady(
            "nothing-to-review",
            "Every test item is reviewed.",
            remedy=Remedy(NextStep.ADD_TEST_ITEMS, batch.classifier_id, "adds more to review"),
        )
    batch.version_id = predictions.version_id
    for item in items:
        item.batch, item.version_id = batch.number, predictions.version_id
        item.score, item.prediction = predictions.of[item.item_id]
    session.flush()


def members_of(session: Session, batch: BatchRow) -> list[ReviewItemRow]:
    """Return the items of a batch, in order."""
    query = select(ReviewItemRow).where(
        ReviewItemRow.classifier_id == batch.classifier_id, ReviewItemRow.batch == batch.number
    )
    return list(session.scalars(query.order_by(ReviewItemRow.position)))


def presented_item(
    session: Session, row: ClassifierRow, item_id: str
) -> tuple[BatchRow, ReviewItemRow]:
    """Return the open batch and its item.

    Raises:
        NotFound: code ``not-presented``; the item is not in the open batch.
    """
    batch = open_batch_row(session, row.id)
    item = session.get(ReviewItemRow, (row.id, item_id))
    if batch is None or item is None or item.batch != batch.number:
        raise NotFound(
            "not-presented",
            f"The item {item_id[:12]} is not in the open batch of {row.name}; verdicts stand once "
            "their batch is closed.",
        )
    return batch, item


def counted(session: Session, row: ClassifierRow) -> tuple[BatchRow, BatchCounts]:
    """Return the open batch and its counts once each of its items has a verdict.

    Raises:
        NotReady: codes ``no-open-batch``, ``batch-not-complete``.
    """
    batch = open_batch_row(session, row.id)
    members = [] if batch is None else members_of(session, batch)
    if batch is None or not members:
        raise NotReady("no-open-batch", f"No batch of {row.name} is open.")
    verdicts = [session.get(ReviewRow, (row.id, item.item_id)) for item in members]
    given = [review.verdict for review in verdicts if review is not None]
    if len(given) < len(members):
        raise NotReady(
            "batch-not-complete",
            f"{len(members) - len(given)} of {len(members)} items of the batch have no verdict.",
            {"unanswered": len(members) - len(given)},
        )
    agreed, refused = given.count(YES), given.count(NO)
    return batch, BatchCounts(len(members), agreed + refused, agreed)


def closed_batches(session: Session, classifier_id: str) -> list[BatchCounts]:
    """Return the counts of every closed batch, in order."""
    query = select(BatchRow).where(
        BatchRow.classifier_id == classifier_id, BatchRow.closed_at.is_not(None)
    )
    return [
        BatchCounts(row.presented, row.decided, row.agreed)
        for row in session.scalars(query.order_by(BatchRow.number))
    ]


def is_learning(session: Session, classifier_id: str) -> bool:
    """Whether a closed batch is still to be learned from."""
    due = select(OutboxRow.id).where(
        OutboxRow.kind == BATCH_COMPLETE,
        OutboxRow.subject == classifier_id,
        OutboxRow.done_at.is_(None),
    )
    return session.scalar(due.limit(1)) is not None
