"""What reviewers see, and what they said, as tables: items to review, reviews, accuracy.

It reads texts and writes artifacts; verdicts are recorded by the reviewing.
"""

from dataclasses import dataclass

import pyarrow as pa
from sqlalchemy import select

from cultivar.core.errors import NotReady
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.reference import ArtifactReference
from cultivar.core.review.accuracy import AccuracyPoint, BatchCounts, accuracy_by_batch
from cultivar.core.review.order import is_relevant, shown_as
from cultivar.core.roles import Action, AnyActor
from cultivar.core.schemas import ACCURACY, REVIEWS
from cultivar.operations.lookups import classifier_named
from cultivar.operations.review.batches import closed_batches, closed_reviews
from cultivar.operations.transactions import snapshot
from cultivar.store.item_rows import item_rows
from cultivar.store.origin import Producer
from cultivar.store.tables import BatchRow, ReviewItemRow, ReviewRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ItemToReview:
    """A presented item without a verdict: what the model says of it, and what it says itself.

    ``shown_as`` is ``Relevant`` or ``Not relevant``: the claim that the reviewer judges.
    """

    item_id: str
    position: int
    version_id: str
    score: float
    prediction: str
    shown_as: str
    name: str
    folder: str
    title: str | None
    text: str


def next_items(
    workspace: Workspace, actor: AnyActor, classifier: str, limit: int | None = None
) -> list[ItemToReview]:
    """Return the items of the open batch that have no verdict, in order; none if none is open.

    Raises:
        NotPermitted: the actor may not review the classifier.
    """
    with snapshot(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        items = tx.session.scalars(
            select(ReviewItemRow)
            .join(
                BatchRow,
                (BatchRow.classifier_id == ReviewItemRow.classifier_id)
                & (BatchRow.number == ReviewItemRow.batch),
            )
            .outerjoin(
                ReviewRow,
                (ReviewRow.classifier_id == ReviewItemRow.classifier_id)
                & (ReviewRow.item_id == ReviewItemRow.item_id),
            )
            .where(
                ReviewItemRow.classifier_id == row.id,
                BatchRow.closed_at.is_(None),
                ReviewRow.item_id.is_(None),
            )
            .order_by(ReviewItemRow.position)
            .limit(limit)
        ).all()
    if not items:
        return []
    texts = _texts(workspace, row.test_set_sha256 or "", [item.item_id for item in items])
    return [_item(item, texts[item.item_id]) for item in items]


def _item(item: ReviewItemRow, text: dict[str, str | None]) -> ItemToReview:
    prediction = item.prediction or ""
    return ItemToReview(
        item.item_id, item.position, item.version_id or "", item.score or 0.0, prediction,
        shown_as(prediction), text["name"] or "", text["folder"] or "", text["title"],
        text["text"] or "",
    )  # fmt: skip


def _texts(
    workspace: Workspace, test_set_sha256: str, wanted: list[str]
) -> dict[str, dict[str, str | None]]:
    columns = ["item_id", "name", "folder", "title", "text"]
    reference = workspace.artifacts.reference(test_set_sha256)
    return {
        row["item_id"]: row
        for rows in item_rows(workspace.artifacts, reference, wanted, columns)
        for row in rows.to_pylist()
    }


def write_reviews(
    workspace: Workspace, classifier: str
) -> tuple[ArtifactReference, ArtifactReference]:
    """Write the closed batches as the artifacts ``reviews`` and ``accuracy``.

    Raises:
        NotReady: code ``nothing-reviewed``; no batch is closed.
    """
    with workspace.registry.reading() as session:
        row = classifier_named(session, classifier)
        points = accuracy_by_batch(batches := closed_batches(session, row.id))
        reviewed = closed_reviews(session, row.id)
    if not points:
        raise NotReady(
            "nothing-reviewed",
            f"No batch of {row.name} is closed yet.",
            remedy=Remedy(NextStep.REVIEW, row.id),
        )
    inputs = {"test_set": row.test_set_sha256 or ""}
    reviews = pa.Table.from_pylist(
        [_review(item, review.verdict) for item, review in reviewed], schema=REVIEWS.arrow
    )
    accuracy = pa.Table.from_pylist(
        [_point(batch, point) for batch, point in zip(batches, points, strict=True)],
        schema=ACCURACY.arrow,
    )
    store = workspace.artifacts
    kept = store.write(REVIEWS.name, reviews, producer=Producer.REVIEW_GATE, inputs=inputs)
    judged = store.write(
        ACCURACY.name, accuracy, producer=Producer.REVIEW_GATE, inputs={"reviews": kept}
    )
    return kept, judged


def _point(batch: BatchCounts, point: AccuracyPoint) -> dict[str, float]:
    """Return a batch's own counts with the accuracy over all batches up to it."""
    return {
        "batch": point.batch,
        "presented": batch.presented,
        "decided": batch.decided,
        "agreed": batch.agreed,
        "accuracy": point.accuracy,
        "lower": point.lower,
        "upper": point.upper,
    }


def _review(item: ReviewItemRow, verdict: str) -> dict[str, object]:
    relevant = is_relevant(item.prediction or "", verdict)
    return {
        "item_id": item.item_id,
        "batch": item.batch,
        "position": item.position,
        "version_id": item.version_id,
        "score": item.score,
        "prediction": item.prediction,
        "verdict": verdict,
        "relevant": None if relevant is None else int(relevant),
    }
