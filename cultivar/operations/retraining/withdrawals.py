"""Verdicts taken back: a person's own, all of those named or none.

What a retraining has learned from them stays; it is said.
"""

from collections.abc import Sequence
from dataclasses import replace

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import NotFound
from cultivar.core.roles import Action, AnyActor
from cultivar.core.vocabulary import how_many
from cultivar.operations.retraining.feedback import Sent, sent_of
from cultivar.operations.retraining.feedback_events import mark_retraining_due, state_of_feedback
from cultivar.operations.transactions import Transaction, transaction
from cultivar.store.tables import ClassifierRow, FeedbackRow
from cultivar.store.workspace import Workspace


def withdraw_feedback(
    workspace: Workspace, actor: AnyActor, classifier: str, item_ids: Sequence[str]
) -> Sent:
    """Take the actor's own verdicts on items back; all of them or none.

    Raises:
        NotFound: code ``no-verdict``; the actor has no standing verdict on an item.
        NotPermitted: the actor may not train the classifier.
    """
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        state = state_of_feedback(tx.session, row.id)
        standing = state.standing
        absent = [item for item in item_ids if (item, tx.actor) not in standing]
        if absent or not item_ids:
            raise NotFound(
                "no-verdict",
                f"{tx.actor} has no verdict on {len(absent)} of {how_many(len(item_ids), 'item')} "
                f"of {row.name}, so there is nothing to take back.",
            )
        used = sum((item, tx.actor) in state.used for item in dict.fromkeys(item_ids))
        for item_id in dict.fromkeys(item_ids):
            _take_back(tx, row, item_id)
        sent = sent_of(row, len(item_ids), mark_retraining_due(tx, row.id))
        return replace(sent, sentence=f"{learned_from(state.used_by, used)}{sent.sentence}")


def learned_from(retraining: int, verdicts: int) -> str:
    """Say what stays of verdicts that a retraining has learned from; nothing where it has not."""
    if not verdicts:
        return ""
    which, them = ("1 of them", "it") if verdicts == 1 else (f"{verdicts:,} of them", "them")
    return (
        f"Retraining {retraining} learned from {which}: the version that it made stays as it is, "
        f"and the next retraining leaves {them} out. "
    )


def _take_back(tx: Transaction, row: ClassifierRow, item_id: str) -> None:
    last = (
        tx.session.query(FeedbackRow)
        .filter_by(classifier_id=row.id, item_id=item_id, person=tx.actor)
        .order_by(FeedbackRow.id.desc())
        .first()
    )
    assert last is not None  # noqa: S101 - it stands, so it was given
    tx.session.add(put_again(tx, last, verdict=None))
    tx.audit(AuditAction.FEEDBACK_WITHDRAWN, row.id, item=item_id, version=last.version_id)


def put_again(tx: Transaction, given: FeedbackRow, *, verdict: str | None) -> FeedbackRow:
    """Return a row that says something else of what a verdict was on; None takes it back."""
    return FeedbackRow(
        classifier_id=given.classifier_id, item_id=given.item_id, person=given.person,
        verdict=verdict, version_id=given.version_id, score=given.score,
        prediction=given.prediction, location=given.location, items_sha256=given.items_sha256,
        suggested=list(given.suggested) if verdict else [], at=tx.at,
    )  # fmt: skip
