"""Verdicts of closed batches put right: on record with a reason, and learned from again.

The predictions that were judged stay as they were; only what people said of them changes.
"""

from collections.abc import Mapping

from sqlalchemy import select

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import InvalidInput, NotFound, NotReady
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.review.accuracy import accuracy_by_batch
from cultivar.core.review.order import NO, NOT_SURE, VERDICTS, YES
from cultivar.core.roles import Action, AnyActor
from cultivar.core.texts.given_texts import require_reason
from cultivar.operations.outbox import BATCH_COMPLETE
from cultivar.operations.review.batches import closed_batches, is_learning, members_of
from cultivar.operations.review.state import ReviewState, state_of
from cultivar.operations.transactions import Transaction, transaction
from cultivar.store.tables import BatchRow, ClassifierRow, ReviewItemRow, ReviewRow
from cultivar.store.workspace import Workspace


def correct_verdicts(
    workspace: Workspace,
    actor: AnyActor,
    classifier: str,
    verdicts: Mapping[str, str],
    reason: str,
) -> ReviewState:
    """Change verdicts of closed batches (item id → verdict), all or none.

    Accuracy is counted again from the batches as they are now, and what follows (learning from all
    reviews, judging stability) is left behind as due; until it is done, nothing is published.

    Raises:
        InvalidInput: codes ``unknown-verdict``, ``no-reason``.
        NotFound: code ``not-reviewed``; an item is in no closed batch.
        NotReady: code ``learning``; the classifier is learning from a batch at this moment.
        NotPermitted: the actor may not review the classifier.
    """
    unknown = sorted(set(verdicts.values()) - set(VERDICTS))
    if unknown:
        raise InvalidInput(
            "unknown-verdict", f"{unknown[0]!r} is not a verdict. Say {YES}, {NO} or {NOT_SURE}."
        )
    stated = require_reason(reason)
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        _require_learned(tx, row)
        changed = {
            item_id: verdict
            for item_id, verdict in verdicts.items()
            if _correct(tx, row, item_id, verdict, stated)
        }
        if changed:
            tx.session.flush()
            _count_again(tx, row)
            tx.mark_due(BATCH_COMPLETE, row.id, corrected=len(changed))
        return state_of(tx, row)


def _require_learned(tx: Transaction, row: ClassifierRow) -> None:
    if is_learning(tx.session, row.id):
        raise NotReady(
            "learning",
            f"{row.name} is still to learn from its last batch.",
            remedy=Remedy(NextStep.REVIEW, row.id, "makes it learn; correct after that"),
        )


def _correct(tx: Transaction, row: ClassifierRow, item_id: str, verdict: str, reason: str) -> bool:
    """Change one verdict; return whether it was another one."""
    item = tx.session.get(ReviewItemRow, (row.id, item_id))
    batch = item and item.batch and tx.session.get(BatchRow, (row.id, item.batch))
    review = tx.session.get(ReviewRow, (row.id, item_id))
    if not batch or batch.closed_at is None or review is None:
        raise NotFound(
            "not-reviewed",
            f"The item {item_id[:12]} is in no closed batch of {row.name}, so there is nothing to "
            "correct.",
            remedy=Remedy(NextStep.REVIEW, row.id),
        )
    if review.verdict == verdict:
        return False
    before = review.verdict
    review.verdict, review.person, review.at = verdict, tx.actor, tx.at
    tx.audit(
        AuditAction.VERDICT_CORRECTED, row.id,
        item=item_id, batch=batch.number, verdict=verdict, before=before, reason=reason,
    )  # fmt: skip
    return True


def _count_again(tx: Transaction, row: ClassifierRow) -> None:
    query = select(BatchRow).where(
        BatchRow.classifier_id == row.id, BatchRow.closed_at.is_not(None)
    )
    batches = list(tx.session.scalars(query.order_by(BatchRow.number)))
    for batch in batches:
        found = [
            tx.session.get_one(ReviewRow, (row.id, item.item_id)).verdict
            for item in members_of(tx.session, batch)
        ]
        batch.agreed = found.count(YES)
        batch.decided = batch.agreed + found.count(NO)
    tx.session.flush()
    points = accuracy_by_batch(closed_batches(tx.session, row.id))
    for batch, point in zip(batches, points, strict=True):
        batch.accuracy, batch.lower, batch.upper = point.accuracy, point.lower, point.upper
