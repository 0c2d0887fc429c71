"""Corrections of verdicts on the content, on record: what rests on them is worked out again.

The classifier learns again from what taught it, and a comparison of versions that nobody decided on
yet is judged again.
"""

from collections.abc import Mapping

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import NotFound
from cultivar.core.review.content_batch import COMPARISON, TEACHING
from cultivar.core.roles import Action, AnyActor
from cultivar.core.texts.given_texts import require_reason
from cultivar.operations.outbox import BATCH_COMPLETE
from cultivar.operations.retraining.content_comparisons import recommend_again
from cultivar.operations.review.content_batches import require_verdicts
from cultivar.operations.review.from_content import (
    ContentState,
    require_learned,
    state_in_content,
)
from cultivar.operations.transactions import Transaction, transaction
from cultivar.store.tables import ClassifierRow, ContentBatchRow, ContentItemRow
from cultivar.store.workspace import Workspace


def correct_content_verdicts(
    workspace: Workspace,
    actor: AnyActor,
    classifier: str,
    verdicts: Mapping[str, str],
    reason: str,
    *,
    purpose: str = TEACHING,
) -> ContentState:
    """Change verdicts of closed batches of a purpose (item id → verdict), all or none.

    What taught is learned again. What compares versions changes what is recommended until somebody
    decides; from then on it taught, too. ``not sure`` takes a verdict away.

    Raises:
        InvalidInput: codes ``unknown-verdict``, ``no-reason``.
        NotFound: code ``not-reviewed``; an item is in no closed batch of the purpose.
        NotReady: code ``learning``.
    """
    require_verdicts(verdicts.values())
    stated = require_reason(reason)
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        require_learned(tx, row)
        every = [_correct(tx, row, purpose, each, stated) for each in verdicts.items()]
        changed = [batch for batch in every if batch is not None]
        tx.session.flush()
        waiting = recommend_again(tx, row) if purpose == COMPARISON and changed else None
        taught = [each for each in changed if purpose == TEACHING or each.retraining != waiting]
        if taught:
            tx.mark_due(BATCH_COMPLETE, row.id, corrected=len(taught))
        tx.session.flush()
        return state_in_content(tx, row, purpose)


def _correct(
    tx: Transaction, row: ClassifierRow, purpose: str, said: tuple[str, str], reason: str
) -> ContentBatchRow | None:
    """Correct one verdict; return its batch, or None where the verdict stood already."""
    item_id, verdict = said
    item = tx.session.get(ContentItemRow, (row.id, item_id))
    batch = item and tx.session.get(ContentBatchRow, (row.id, item.batch))
    if item is None or not batch or batch.closed_at is None or batch.purpose != purpose:
        raise NotFound(
            "not-reviewed",
            f"The item {item_id[:12]} is in no closed batch from the content of {row.name}, so "
            "there is nothing to correct.",
        )
    if item.verdict == verdict:
        return None
    before, item.verdict, item.person, item.at = item.verdict, verdict, tx.actor, tx.at
    tx.audit(
        AuditAction.CONTENT_VERDICT_CORRECTED, row.id,
        item=item_id, batch=batch.number, verdict=verdict, before=before, reason=reason,
    )  # fmt: skip
    return batch
