"""Batches of the content that people judge: what is known, presented, judged and closed.

Works inside a session that is open. A verdict of a batch counts neither towards accuracy nor
towards publishing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import InvalidInput, NotFound, NotReady
from cultivar.core.review.order import VERDICTS
from cultivar.operations.identifiers import next_number
from cultivar.operations.transactions import Transaction
from cultivar.store.tables import (
    ClassifierRow,
    ContentBatchRow,
    ContentItemRow,
    FeedbackRow,
    ReleaseItemRow,
    ReviewItemRow,
    VersionRow,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """An item as it is presented; ``only`` names the version of a comparison that labels it."""

    item_id: str
    score: float
    threshold: float
    prediction: str
    items_sha256: str
    only: str | None = None


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a new batch is for; ``retraining`` and ``plan`` are a comparison's."""

    name: str
    version_id: str
    retraining: int | None = None
    plan: Mapping[str, Any] | None = None


def known_items(session: Session, classifier_id: str) -> set[str]:
    """Return the ids of all items that people judge for a classifier, or were asked to judge."""
    versions = select(VersionRow.id).where(VersionRow.classifier_id == classifier_id)
    queries = (
        select(ContentItemRow.item_id).where(ContentItemRow.classifier_id == classifier_id),
        select(ReviewItemRow.item_id).where(ReviewItemRow.classifier_id == classifier_id),
        select(FeedbackRow.item_id).where(FeedbackRow.classifier_id == classifier_id),
        select(ReleaseItemRow.item_id).where(ReleaseItemRow.version_id.in_(versions)),
    )
    return {item_id for query in queries for item_id in session.scalars(query)}


def batches_of(session: Session, classifier_id: str, purpose: str) -> list[ContentBatchRow]:
    """Return the batches of one purpose, in order."""
    query = select(ContentBatchRow).where(
        ContentBatchRow.classifier_id == classifier_id, ContentBatchRow.purpose == purpose
    )
    return list(session.scalars(query.order_by(ContentBatchRow.number)))


def open_content_row(session: Session, classifier_id: str, purpose: str) -> ContentBatchRow | None:
    """Return the batch of a purpose that is open, if one is."""
    found = batches_of(session, classifier_id, purpose)
    return next((each for each in found if each.closed_at is None), None)


def shown_in(session: Session, batch: ContentBatchRow) -> list[ContentItemRow]:
    """Return the items of a batch, in order."""
    query = select(ContentItemRow).where(
        ContentItemRow.classifier_id == batch.classifier_id, ContentItemRow.batch == batch.number
    )
    return list(session.scalars(query.order_by(ContentItemRow.position)))


def present(
    tx: Transaction, row: ClassifierRow, purpose: Purpose, items: Sequence[Shown]
) -> ContentBatchRow:
    """Open a batch with the items."""
    of_classifier = ContentBatchRow.classifier_id == row.id
    number = next_number(tx.session, ContentBatchRow.number, of_classifier)
    batch = ContentBatchRow(
        classifier_id=row.id, number=number, purpose=purpose.name, version_id=purpose.version_id,
        retraining=purpose.retraining, plan=dict(purpose.plan or {}), opened_at=tx.at,
        opened_by=tx.actor,
    )  # fmt: skip
    tx.session.add(batch)
    _add(tx, batch, items, 0)
    tx.audit(
        AuditAction.CONTENT_BATCH_PRESENTED, row.id, batch=number, purpose=purpose.name,
        version=purpose.version_id, items=len(items),
    )  # fmt: skip
    return batch


def _add(tx: Transaction, batch: ContentBatchRow, items: Sequence[Shown], first: int) -> None:
    for position, each in enumerate(items, start=first):
        tx.session.add(
            ContentItemRow(
                classifier_id=batch.classifier_id, item_id=each.item_id, batch=batch.number,
                position=position, score=each.score, threshold=each.threshold,
                prediction=each.prediction, only=each.only, items_sha256=each.items_sha256,
            )
        )  # fmt: skip
    tx.session.flush()


def renew(
    tx: Transaction, row: ClassifierRow, batch: ContentBatchRow, items: Sequence[Shown]
) -> None:
    """Put the first of other items in place of those of a batch that have no verdict."""
    shown = shown_in(tx.session, batch)
    waiting = [each for each in shown if each.verdict is None]
    for each in waiting:
        tx.session.delete(each)
    tx.session.flush()
    known = known_items(tx.session, row.id)
    fresh = [each for each in items if each.item_id not in known][: len(waiting)]
    _add(tx, batch, fresh, 1 + max((each.position for each in shown), default=-1))
    before = {each.item_id for each in waiting}
    tx.audit(
        AuditAction.CONTENT_BATCH_RENEWED, row.id, batch=batch.number, purpose=batch.purpose,
        items=len(fresh), changed=sum(each.item_id not in before for each in fresh),
    )  # fmt: skip


def require_verdicts(verdicts: Iterable[str]) -> None:
    """Do nothing when each is yes, no or not sure.

    Raises:
        InvalidInput: code ``unknown-verdict``.
    """
    wrong = sorted(set(verdicts) - set(VERDICTS))
    if wrong:
        raise InvalidInput(
            "unknown-verdict", f"{wrong[0]!r} is not a verdict: {', '.join(VERDICTS)}."
        )


def open_item(
    session: Session, row: ClassifierRow, batch: ContentBatchRow | None, item_id: str
) -> ContentItemRow:
    """Return an item of the open batch.

    Raises:
        NotFound: code ``not-presented``.
    """
    item = session.get(ContentItemRow, (row.id, item_id))
    if batch is None or item is None or item.batch != batch.number:
        raise NotFound(
            "not-presented",
            f"The item {item_id[:12]} is not in the open batch from the content of {row.name}; "
            "verdicts stand once their batch is closed.",
        )
    return item


def keep_content_verdict(
    tx: Transaction, row: ClassifierRow, item: ContentItemRow, verdict: str | None
) -> None:
    """Keep a verdict on an item of an open batch; None takes it back."""
    before, item.verdict, item.person, item.at = item.verdict, verdict, tx.actor, tx.at
    if verdict is None:
        if before is not None:
            tx.audit(AuditAction.CONTENT_VERDICT_UNDONE, row.id, item=item.item_id, before=before)
        return
    tx.audit(
        AuditAction.CONTENT_VERDICT, row.id,
        item=item.item_id, verdict=verdict, before=before, batch=item.batch,
    )  # fmt: skip


def close_content_row(
    tx: Transaction, row: ClassifierRow, batch: ContentBatchRow | None
) -> list[ContentItemRow]:
    """Close a batch once each of its items has a verdict, and return them.

    Raises:
        NotReady: codes ``no-open-batch``, ``batch-not-complete``.
    """
    if batch is None:
        raise NotReady("no-open-batch", f"No batch from the content of {row.name} is open.")
    items = shown_in(tx.session, batch)
    lacking = sum(each.verdict is None for each in items)
    if lacking:
        raise NotReady(
            "batch-not-complete",
            f"{lacking} of {len(items)} items of the batch have no verdict.",
            {"unanswered": lacking},
        )
    batch.closed_at = tx.at
    tx.audit(
        AuditAction.CONTENT_BATCH_CLOSED, row.id, batch=batch.number, purpose=batch.purpose,
        items=len(items),
    )  # fmt: skip
    return items


def give_up_batch(tx: Transaction, row: ClassifierRow, batch: ContentBatchRow) -> None:
    """Close a batch that nobody needs any more; items without a verdict are free again."""
    items = shown_in(tx.session, batch)
    given = [each for each in items if each.verdict is not None]
    for each in items:
        if each.verdict is None:
            tx.session.delete(each)
    batch.closed_at = tx.at
    tx.audit(
        AuditAction.CONTENT_BATCH_CLOSED, row.id, batch=batch.number, purpose=batch.purpose,
        items=len(given), left=len(items) - len(given),
    )  # fmt: skip


def closed_content_items(
    session: Session, classifier_id: str
) -> list[tuple[ContentItemRow, ContentBatchRow]]:
    """Return the judged items of all closed batches, of whatever purpose, by id."""
    query = (
        select(ContentItemRow, ContentBatchRow)
        .join(
            ContentBatchRow,
            (ContentBatchRow.classifier_id == ContentItemRow.classifier_id)
            & (ContentBatchRow.number == ContentItemRow.batch),
        )
        .where(
            ContentItemRow.classifier_id == classifier_id,
            ContentBatchRow.closed_at.is_not(None),
            ContentItemRow.verdict.is_not(None),
        )
        .order_by(ContentItemRow.item_id)
    )
    return [(item, batch) for item, batch in session.execute(query)]
