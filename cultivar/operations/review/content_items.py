"""Items of the content that are judged: their texts, their list, and the verdicts as an artifact.

It reads; verdicts are recorded by others.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from sqlalchemy import select

from cultivar.core.audit_actions import AuditAction
from cultivar.core.reference import ArtifactReference
from cultivar.core.review.content_batch import TEACHING
from cultivar.core.review.item_names import Named
from cultivar.core.review.order import is_relevant, shown_as
from cultivar.core.roles import Action, AnyActor
from cultivar.core.schemas import CONTENT_VERDICTS
from cultivar.core.texts.own_words import TEXT_COLUMNS, own_words_of
from cultivar.operations.review.content_batches import (
    closed_content_items,
    open_content_row,
    shown_in,
)
from cultivar.operations.review.lists import ReviewedItem
from cultivar.operations.transactions import snapshot, transaction
from cultivar.store.item_rows import item_rows
from cultivar.store.origin import Producer
from cultivar.store.tables import ContentBatchRow, ContentItemRow
from cultivar.store.workspace import Workspace

NOT_PRESENTED = ("not-presented", "names|name no item of a batch from the content.")


@dataclass(frozen=True, slots=True)
class ContentItem:
    """One item of the open batch to judge; ``shown_as`` is the claim that is judged.

    It is that from ``threshold`` on. In a comparison one version claims it and the other does not.
    """

    item_id: str
    position: int
    version_id: str
    prediction: str
    shown_as: str
    score: float
    threshold: float
    title: str | None
    text: str


def next_content_items(
    workspace: Workspace,
    actor: AnyActor,
    classifier: str,
    purpose: str = TEACHING,
    count: int | None = None,
) -> list[ContentItem]:
    """Return the first items of the open batch without a verdict, in order; none if none is open.

    That the actor opens them is on record before their texts are handed over.

    Raises:
        NotPermitted: the actor may not review the classifier.
    """
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        batch = open_content_row(tx.session, row.id, purpose)
        if batch is None:
            return []
        items = [each for each in shown_in(tx.session, batch) if each.verdict is None][:count]
        version = batch.version_id
        if items:
            opened = [each.item_id for each in items]
            why = "content batch reviewed"
            tx.audit(AuditAction.CONTENT_OPENED, row.id, items=opened, reason=why)
    texts = {row["item_id"]: row for row in _rows(workspace, items, ["title", "text"])}
    return [
        ContentItem(
            each.item_id, each.position, version, each.prediction, shown_as(each.prediction),
            each.score, each.threshold, texts[each.item_id]["title"],
            texts[each.item_id]["text"] or "",
        )
        for each in items
    ]  # fmt: skip


def content_items(
    workspace: Workspace, actor: AnyActor, classifier: str, purpose: str | None = TEACHING
) -> list[ReviewedItem]:
    """Return every item of batches of a purpose (None: of each), in order, with its names.

    Raises:
        NotPermitted: the actor may not review the classifier.
    """
    with snapshot(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        query = (
            select(ContentItemRow, ContentBatchRow)
            .join(
                ContentBatchRow,
                (ContentBatchRow.classifier_id == ContentItemRow.classifier_id)
                & (ContentBatchRow.number == ContentItemRow.batch),
            )
            .where(ContentItemRow.classifier_id == row.id)
            .order_by(ContentItemRow.batch, ContentItemRow.position)
        )
        found = [
            (item, batch)
            for item, batch in tx.session.execute(query)
            if purpose in (None, batch.purpose)
        ]
    columns = ["location", "path", "folder", "name"]
    names = {
        row["item_id"]: Named.of(row)
        for row in _rows(workspace, [item for item, _ in found], columns)
    }
    return [
        ReviewedItem(
            names[item.item_id], item.batch, batch.closed_at is None, item.prediction, item.score,
            item.verdict,
        )
        for item, batch in found
    ]  # fmt: skip


def write_content_verdicts(workspace: Workspace, classifier_id: str) -> ArtifactReference | None:
    """Write the verdicts of closed batches with their texts; None before any says yes or no.

    Each text is that of the crawl from which the item was presented.
    """
    with workspace.registry.reading() as session:
        closed = closed_content_items(session, classifier_id)
    told = [
        (item, batch, relevant)
        for item, batch in closed
        if (relevant := is_relevant(item.prediction, item.verdict or "")) is not None
    ]
    if not told:
        return None
    items = [item for item, _, _ in told]
    texts = {row["item_id"]: own_words_of(row) for row in _rows(workspace, items, TEXT_COLUMNS)}
    rows = [
        {
            "item_id": item.item_id,
            "batch": item.batch,
            "version_id": batch.version_id,
            "score": item.score,
            "prediction": item.prediction,
            "relevant": int(relevant),
            "text": texts[item.item_id] or "",
        }
        for item, batch, relevant in told
    ]
    crawls = enumerate(sorted({item.items_sha256 for item in items}), start=1)
    return workspace.artifacts.write(
        CONTENT_VERDICTS.name,
        pa.Table.from_pylist(rows, schema=CONTENT_VERDICTS.arrow),
        producer=Producer.REVIEW_GATE,
        inputs={f"items {place}": sha256 for place, sha256 in crawls},
    )


def _rows(
    workspace: Workspace, items: Iterable[ContentItemRow], columns: Sequence[str]
) -> Iterator[Mapping[str, Any]]:
    crawls: dict[str, list[str]] = {}
    for each in items:
        crawls.setdefault(each.items_sha256, []).append(each.item_id)
    for sha256, wanted in sorted(crawls.items()):
        reference = workspace.artifacts.reference(sha256)
        for rows in item_rows(workspace.artifacts, reference, wanted, ["item_id", *columns]):
            yield from rows.to_pylist()
