"""Reviewing: batches of 30 predictions, people's verdicts, and accuracy once a batch is closed.

It records verdicts and counts them; learning from them is the training's.
"""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cultivar.core.accuracy import (
    AccuracyPoint,
    BatchCounts,
    Stability,
    accuracy_by_batch,
    stability,
)
from cultivar.core.errors import InvalidInput, NotFound, NotReady
from cultivar.core.lifecycle import Event, Step
from cultivar.core.limits import BATCH_SIZE
from cultivar.core.reviewing import NO, NOT_SURE, VERDICTS, YES
from cultivar.core.roles import Action
from cultivar.operations.deeds import Deed, doing, viewing
from cultivar.operations.moves import move, step_rows
from cultivar.operations.outbox import BATCH_COMPLETE
from cultivar.store.tables import (
    BatchRow,
    ClassifierRow,
    OutboxRow,
    ReviewItemRow,
    ReviewRow,
)
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ReviewState:
    """Where the review of a classifier stands.

    ``reviewed`` counts verdicts in all, ``decided`` those of closed batches that are yes or no.
    ``accuracy`` and its bounds are over closed batches, None before the first. ``learning`` says
    that the last batch is still to be learned from.
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
    target: float
    stable: bool
    reasons: tuple[str, ...]
    reviews_left: int | None
    learning: bool
    points: tuple[AccuracyPoint, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def open_batch(workspace: Workspace, actor: str, classifier: str) -> ReviewState:
    """Present the next 30 items, their predictions frozen; a batch that is open stays.

    Raises:
        NotReady: codes ``wrong-status`` (nothing to review yet), ``learning`` (the last batch is
            still to be learned from), ``nothing-to-review`` (every item is reviewed).
        NotPermitted: the actor may not review the classifier.
    """
    with viewing(workspace, actor, Action.TRAIN) as deed:
        row = deed.classifier(classifier, Action.TRAIN)
    predictions = _predictions(workspace, row)
    with doing(workspace, actor, Action.TRAIN) as deed:
        row = deed.classifier(classifier, Action.TRAIN)
        batch = _open_batch_row(deed.session, row.id)
        if batch is None or not _members(deed.session, batch):
            _require_learned(deed.session, row)
            moved = move(deed, row, Event.BATCH_OPENED)
            batch = batch or _new_batch(deed, row, predictions.version_id)
            _present(deed.session, batch, predictions, BATCH_SIZE)
            deed.record("batch presented", moved.classifier_id, batch=batch.number)
        return state_of(deed, row)


@dataclass(frozen=True, slots=True)
class _Predictions:
    """The predictions of the candidate: item id → (score, prediction)."""

    version_id: str
    of: dict[str, tuple[float, str]]


def _predictions(workspace: Workspace, row: ClassifierRow) -> _Predictions:
    if row.predictions_sha256 is None:
        return _Predictions("", {})
    reference = workspace.artifacts.reference(row.predictions_sha256)
    table = workspace.artifacts.read(
        reference, columns=["item_id", "version_id", "score", "prediction"]
    )
    columns = [table.column(name).to_pylist() for name in ("item_id", "score", "prediction")]
    found = {item: (score, kind) for item, score, kind in zip(*columns, strict=True)}
    return _Predictions(table.column("version_id")[0].as_py(), found)


def _require_learned(session: Session, row: ClassifierRow) -> None:
    if is_learning(session, row.id):
        raise NotReady(
            "learning",
            f"{row.name} is still to learn from its last batch; the next one is judged by the "
            "version that has. `cultivar review` takes that up.",
        )


def is_learning(session: Session, classifier_id: str) -> bool:
    """Whether a closed batch is still to be learned from."""
    due = select(OutboxRow.id).where(
        OutboxRow.kind == BATCH_COMPLETE,
        OutboxRow.subject == classifier_id,
        OutboxRow.done_at.is_(None),
    )
    return session.scalar(due.limit(1)) is not None


def _new_batch(deed: Deed, row: ClassifierRow, version_id: str) -> BatchRow:
    last = deed.session.scalar(
        select(func.max(BatchRow.number)).where(BatchRow.classifier_id == row.id)
    )
    batch = BatchRow(
        classifier_id=row.id, number=(last or 0) + 1, version_id=version_id, opened_at=deed.at,
        presented=0, decided=0, agreed=0,
    )  # fmt: skip
    deed.session.add(batch)
    deed.session.flush()
    return batch


def _present(
    session: Session, batch: BatchRow, predictions: _Predictions, count: int, new: bool = False
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
            "Every test item is reviewed. Add test items to review more.",
        )
    batch.version_id = predictions.version_id
    for item in items:
        item.batch, item.version_id = batch.number, predictions.version_id
        item.score, item.prediction = predictions.of[item.item_id]
    session.flush()


def _open_batch_row(session: Session, classifier_id: str) -> BatchRow | None:
    query = select(BatchRow).where(
        BatchRow.classifier_id == classifier_id, BatchRow.closed_at.is_(None)
    )
    return session.scalars(query).first()


def _members(session: Session, batch: BatchRow) -> list[ReviewItemRow]:
    query = select(ReviewItemRow).where(
        ReviewItemRow.classifier_id == batch.classifier_id, ReviewItemRow.batch == batch.number
    )
    return list(session.scalars(query.order_by(ReviewItemRow.position)))


def record_verdict(
    workspace: Workspace, actor: str, classifier: str, item_id: str, verdict: str
) -> ReviewState:
    """Keep a verdict on an item of the open batch; a second one replaces the first.

    ``verdict`` is ``yes`` (the prediction is right), ``no`` or ``not sure``.

    Raises:
        InvalidInput: code ``unknown-verdict``.
        NotFound: code ``not-presented``; the item is not in the open batch.
    """
    if verdict not in VERDICTS:
        raise InvalidInput(
            "unknown-verdict", f"{verdict!r} is not a verdict. Say {YES}, {NO} or {NOT_SURE}."
        )
    with doing(workspace, actor, Action.TRAIN) as deed:
        row = deed.classifier(classifier, Action.TRAIN)
        _presented_item(deed.session, row, item_id)
        review = deed.session.get(ReviewRow, (row.id, item_id))
        if review is None:
            review = ReviewRow(classifier_id=row.id, item_id=item_id)
            deed.session.add(review)
        before = review.verdict
        review.verdict, review.person, review.at = verdict, actor, deed.at
        deed.record("verdict", row.id, item=item_id, verdict=verdict, before=before)
        return state_of(deed, row)


def undo_verdict(workspace: Workspace, actor: str, classifier: str, item_id: str) -> ReviewState:
    """Take back a verdict on an item of the open batch.

    Raises:
        NotFound: code ``not-presented``; the item is not in the open batch, as it may be closed.
    """
    with doing(workspace, actor, Action.TRAIN) as deed:
        row = deed.classifier(classifier, Action.TRAIN)
        _presented_item(deed.session, row, item_id)
        review = deed.session.get(ReviewRow, (row.id, item_id))
        if review is not None:
            deed.session.delete(review)
            deed.record("verdict undone", row.id, item=item_id, before=review.verdict)
        return state_of(deed, row)


def skip(workspace: Workspace, actor: str, classifier: str, item_id: str) -> ReviewState:
    """Put an item at the end of the order; another takes its place in the batch.

    It counts neither as presented nor towards accuracy, and comes again in a later batch.

    Raises:
        NotFound: code ``not-presented``; the item is not in the open batch.
    """
    with viewing(workspace, actor, Action.TRAIN) as deed:
        predictions = _predictions(workspace, deed.classifier(classifier, Action.TRAIN))
    with doing(workspace, actor, Action.TRAIN) as deed:
        row = deed.classifier(classifier, Action.TRAIN)
        batch, item = _presented_item(deed.session, row, item_id)
        last = select(func.max(ReviewItemRow.position)).where(ReviewItemRow.classifier_id == row.id)
        item.batch, item.position = None, (deed.session.scalar(last) or 0) + 1
        review = deed.session.get(ReviewRow, (row.id, item_id))
        if review is not None:
            deed.session.delete(review)
        deed.session.flush()
        if predictions.version_id == batch.version_id:
            _present(deed.session, batch, predictions, 1, new=True)
        deed.record("skipped", row.id, item=item_id)
        return state_of(deed, row)


def _presented_item(
    session: Session, row: ClassifierRow, item_id: str
) -> tuple[BatchRow, ReviewItemRow]:
    batch = _open_batch_row(session, row.id)
    item = session.get(ReviewItemRow, (row.id, item_id))
    if batch is None or item is None or item.batch != batch.number:
        raise NotFound(
            "not-presented",
            f"The item {item_id[:12]} is not in the open batch of {row.name}; verdicts stand once "
            "their batch is closed.",
        )
    return batch, item


def close_batch(workspace: Workspace, actor: str, classifier: str) -> AccuracyPoint:
    """Close the open batch: its verdicts stand, accuracy takes its new value.

    What follows (learning from the batch, judging stability) is left behind as due.

    Raises:
        NotReady: codes ``no-open-batch``, ``batch-not-complete``.
    """
    with doing(workspace, actor, Action.TRAIN) as deed:
        row = deed.classifier(classifier, Action.TRAIN)
        batch = _open_batch_row(deed.session, row.id)
        counts = _counted(deed.session, row, batch)
        assert batch is not None  # noqa: S101 - _counted refused that
        batch.closed_at = deed.at
        batch.presented, batch.decided, batch.agreed = asdict(counts).values()
        deed.session.flush()
        point = accuracy_by_batch(closed_batches(deed.session, row.id))[-1]
        batch.accuracy, batch.lower, batch.upper = point.accuracy, point.lower, point.upper
        step_rows(deed, row)[Step.REVIEW_ITEMS].item_count = _reviewed(deed.session, row.id)
        deed.make_due(BATCH_COMPLETE, row.id, batch=batch.number)
        move(deed, row, Event.BATCH_CLOSED)
        return point


def _counted(session: Session, row: ClassifierRow, batch: BatchRow | None) -> BatchCounts:
    members = [] if batch is None else _members(session, batch)
    if not members:
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
    return BatchCounts(len(members), agreed + refused, agreed)


def closed_batches(session: Session, classifier_id: str) -> list[BatchCounts]:
    """Return the counts of every closed batch, in order."""
    query = select(BatchRow).where(
        BatchRow.classifier_id == classifier_id, BatchRow.closed_at.is_not(None)
    )
    return [
        BatchCounts(row.presented, row.decided, row.agreed)
        for row in session.scalars(query.order_by(BatchRow.number))
    ]


def _reviewed(session: Session, classifier_id: str) -> int:
    query = select(func.count()).where(ReviewRow.classifier_id == classifier_id)
    return session.scalar(query) or 0


def stability_of(deed: Deed, classifier_id: str) -> Stability:
    """Judge the closed batches of a classifier by the tenant's target."""
    return stability(closed_batches(deed.session, classifier_id), deed.tenant.accuracy_target)


def review_state(workspace: Workspace, actor: str, classifier: str) -> ReviewState:
    """Return where the review stands; changes nothing."""
    with viewing(workspace, actor, Action.READ) as deed:
        return state_of(deed, deed.classifier(classifier))


def state_of(deed: Deed, row: ClassifierRow) -> ReviewState:
    """Return where a review stands, within a deed that is open."""
    session = deed.session
    batch = _open_batch_row(session, row.id)
    presented = _count(session, row.id, batch)
    answered = _count(session, row.id, batch, answered=True)
    points = accuracy_by_batch(closed_batches(session, row.id))
    last = points[-1] if points and points[-1].decided else None
    found = stability_of(deed, row.id)
    return ReviewState(
        classifier_id=row.id,
        status=row.status,
        batch=batch.number if batch is not None and presented else None,
        presented=presented,
        unanswered=presented - answered,
        items=_items(session, row.id),
        reviewed=_reviewed(session, row.id),
        decided=points[-1].decided if points else 0,
        accuracy=last.accuracy if last else None,
        lower=last.lower if last else None,
        upper=last.upper if last else None,
        target=deed.tenant.accuracy_target,
        stable=found.stable,
        reasons=tuple(reason.sentence for reason in found.reasons),
        reviews_left=found.reviews_left,
        learning=is_learning(session, row.id),
        points=points,
    )


def _items(session: Session, classifier_id: str) -> int:
    query = select(func.count()).where(ReviewItemRow.classifier_id == classifier_id)
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
