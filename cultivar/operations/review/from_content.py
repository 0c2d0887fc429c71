"""Verdicts that teach: 30 items of the content at a time, those at the top of its ranking.

What comes first there is drawn again while a batch is judged, by what its verdicts teach.

They are learned from once their batch is closed; they never count towards accuracy, stability, the
reviews that publish needs, or its gates.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cultivar.core.errors import Conflict, NotReady
from cultivar.core.limits import BATCH_SIZE
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.review.content_batch import TEACHING
from cultivar.core.review.order import NO, NOT_SURE, YES, is_relevant
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.outbox import BATCH_COMPLETE
from cultivar.operations.review.batches import closed_batches, is_learning
from cultivar.operations.review.content_batches import (
    Purpose,
    Shown,
    close_content_row,
    closed_content_items,
    keep_content_verdict,
    known_items,
    open_content_row,
    open_item,
    present,
    renew,
    require_verdicts,
    shown_in,
)
from cultivar.operations.transactions import Transaction, snapshot, transaction
from cultivar.store.tables import ClassifierRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ContentState:
    """Where the verdicts from the content stand.

    ``batch`` is the open one, with ``presented`` items, ``unanswered`` of them without a verdict;
    ``judged`` verdicts of closed batches say yes or no and teach. ``learning``: the last batch is
    still to be learned from. ``version_id`` is the version whose ranking is judged next.
    """

    classifier_id: str
    version_id: str | None
    batch: int | None
    presented: int
    unanswered: int
    judged: int
    learning: bool


def content_state(
    workspace: Workspace, actor: AnyActor, classifier: str, purpose: str = TEACHING
) -> ContentState:
    """Return where the verdicts of one purpose stand; changes nothing."""
    with snapshot(workspace, actor, Action.READ) as tx:
        return state_in_content(tx, tx.classifier(classifier), purpose)


def state_in_content(tx: Transaction, row: ClassifierRow, purpose: str) -> ContentState:
    """Return where the verdicts of one purpose stand, within an open transaction."""
    batch = open_content_row(tx.session, row.id, purpose)
    items = shown_in(tx.session, batch) if batch else []
    closed = closed_content_items(tx.session, row.id)
    return ContentState(
        row.id, row.candidate_version_id, batch.number if batch else None, len(items),
        sum(each.verdict is None for each in items),
        sum(item.verdict != NOT_SURE for item, _ in closed),
        is_learning(tx.session, row.id),
    )  # fmt: skip


def open_content_batch(workspace: Workspace, actor: AnyActor, classifier: str) -> ContentState:
    """Present the next 30 items from the top of the content; a batch that is open stays.

    All content is scored with the newest version where it was not yet.

    Raises:
        NotReady: codes ``no-version``, ``learning``, ``no-location``, ``not-crawled``,
            ``nothing-to-review``.
        NotPermitted: the actor may not review the classifier.
    """
    with snapshot(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        if open_content_row(tx.session, row.id, TEACHING) is not None:
            return state_in_content(tx, row, TEACHING)
        require_learned(tx, row)
        version = _version(row)
        known = known_items(tx.session, row.id)
    items = _next_items(workspace, row, version, known)
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        if open_content_row(tx.session, row.id, TEACHING) is None:
            known = known_items(tx.session, row.id)
            fresh = [each for each in items if each.item_id not in known]
            present(tx, row, Purpose(TEACHING, version), fresh)
        return state_in_content(tx, row, TEACHING)


def _version(row: ClassifierRow) -> str:
    if row.candidate_version_id is None:
        raise NotReady(
            "no-version",
            f"{row.name} has no version yet, so nothing ranks the content.",
            remedy=Remedy(NextStep.TRAIN, row.id),
        )
    return row.candidate_version_id


def require_learned(tx: Transaction, row: ClassifierRow) -> None:
    """Do nothing unless a closed batch is still to be learned from.

    Raises:
        NotReady: code ``learning``.
    """
    if is_learning(tx.session, row.id):
        raise NotReady(
            "learning",
            f"{row.name} is still to learn from its last batch.",
            remedy=Remedy(NextStep.REVIEW, row.id, "takes that up"),
        )


def _next_items(
    workspace: Workspace, row: ClassifierRow, version: str, known: set[str]
) -> list[Shown]:
    from cultivar.operations.review import content_choice  # noqa: PLC0415 - brings the kernels

    asked = content_choice.Asked(version, frozenset(known), {}, BATCH_SIZE)
    return content_choice.next_items(workspace, row, asked)


def renew_content_batch(workspace: Workspace, actor: AnyActor, classifier: str) -> ContentState:
    """Draw the items of the open batch that have no verdict again, by what its verdicts teach.

    Nothing changes where no batch is open, or none of its items has a verdict, or each has.

    Raises:
        NotReady: codes ``no-location``, ``not-crawled``.
        NotPermitted: the actor may not review the classifier.
    """
    with snapshot(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        batch = open_content_row(tx.session, row.id, TEACHING)
        items = shown_in(tx.session, batch) if batch else []
        waiting = [each.item_id for each in items if each.verdict is None]
        if batch is None or not 0 < len(waiting) < len(items):
            return state_in_content(tx, row, TEACHING)
        known = known_items(tx.session, row.id).difference(waiting)
        version, number = batch.version_id, batch.number
        verdicts = {each.item_id: (each.prediction, each.verdict) for each in items}
    from cultivar.operations.review import content_choice  # noqa: PLC0415 - brings the kernels

    said = {
        item: bool(is_relevant(prediction, verdict))
        for item, (prediction, verdict) in verdicts.items()
        if verdict in (YES, NO)
    }
    asked = content_choice.Asked(version, frozenset(known), said, BATCH_SIZE)
    found = content_choice.next_items(workspace, row, asked)
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        batch = open_content_row(tx.session, row.id, TEACHING)
        if batch is not None and batch.number == number:
            renew(tx, row, batch, found)
        return state_in_content(tx, row, TEACHING)


def record_content_verdicts(
    workspace: Workspace,
    actor: AnyActor,
    classifier: str,
    verdicts: Mapping[str, str],
    *,
    purpose: str = TEACHING,
) -> ContentState:
    """Keep verdicts on items of the open batch (item id → verdict), all or none.

    ``yes`` agrees with the prediction; a later verdict replaces an earlier one.

    Raises:
        InvalidInput: code ``unknown-verdict``.
        NotFound: code ``not-presented``; an item is not in the open batch.
    """
    require_verdicts(verdicts.values())
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        batch = open_content_row(tx.session, row.id, purpose)
        for item_id, verdict in verdicts.items():
            item = open_item(tx.session, row, batch, item_id)
            keep_content_verdict(tx, row, item, verdict)
        tx.session.flush()
        return state_in_content(tx, row, purpose)


def undo_content_verdict(
    workspace: Workspace,
    actor: AnyActor,
    classifier: str,
    item_id: str,
    *,
    purpose: str = TEACHING,
) -> ContentState:
    """Take back a verdict on an item of the open batch.

    Raises:
        NotFound: code ``not-presented``; the item is not in the open batch.
    """
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        batch = open_content_row(tx.session, row.id, purpose)
        keep_content_verdict(tx, row, open_item(tx.session, row, batch, item_id), None)
        tx.session.flush()
        return state_in_content(tx, row, purpose)


def close_content_batch(workspace: Workspace, actor: AnyActor, classifier: str) -> ContentState:
    """Close the open batch; that the classifier learns from it is left behind as due.

    Raises:
        NotReady: codes ``no-open-batch``, ``batch-not-complete``, ``learning``.
    """
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        require_learned(tx, row)
        batch = open_content_row(tx.session, row.id, TEACHING)
        close_content_row(tx, row, batch)
        tx.mark_due(BATCH_COMPLETE, row.id, from_content=True)
        tx.session.flush()
        return state_in_content(tx, row, TEACHING)


def settle_content(workspace: Workspace, actor: AnyActor, classifier: str) -> None:
    """Tick a batch off that was learned from before any batch of the review is closed.

    Raises:
        Conflict: code ``changed-meanwhile``; a batch of the review was closed since.
    """
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        if closed_batches(tx.session, row.id):
            raise Conflict(
                "changed-meanwhile",
                "Another batch was closed since.",
                remedy=Remedy(NextStep.REVIEW, row.id),
            )
        tx.clear_due(BATCH_COMPLETE, row.id)
