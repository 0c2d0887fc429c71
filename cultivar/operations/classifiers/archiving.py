"""Classifiers put away and taken back: an archived one is live nowhere, and nothing of it is lost.

Its versions, verdicts and publications stay on record, and its name stays taken.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict, NotReady
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.policies.conditions import classifiers_of
from cultivar.core.roles import Action, AnyActor, require_ownership
from cultivar.operations.policies.policies import enabled_policies
from cultivar.operations.retraining.retrainings import under_retraining
from cultivar.operations.transactions import Transaction, ownership_of, transaction
from cultivar.store.tables import ClassifierRow, PublicationRow
from cultivar.store.workspace import Workspace


def archive_classifier(workspace: Workspace, actor: AnyActor, classifier: str) -> str:
    """Put a classifier away and return its id; an archived one stays as it is.

    It is withdrawn from use: it labels, classifies, drifts and retrains no more.

    Raises:
        NotPermitted: the actor may not train it, or, where it is live, not publish it.
        Conflict: code ``classifier-in-use``; enabled policies ask for it.
        NotReady: code ``retraining-not-finished``.
    """
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = _owned(tx, classifier)
        if row.archived_at is not None:
            return row.id
        if row.published_version_id is not None:
            tx.allow(Action.PUBLISH)
        _require_unused(tx.session, row)
        if row.id in under_retraining(tx.session):
            raise NotReady(
                "retraining-not-finished",
                f"{row.name} is being retrained, or waits for the decision on that.",
                remedy=Remedy(NextStep.FOLLOW_RETRAINING, row.id),
            )
        live = row.published_version_id
        row.published_version_id = None
        row.archived_at, row.archived_by = tx.at, tx.actor
        tx.audit(AuditAction.CLASSIFIER_ARCHIVED, row.id, withdrawn=live)
        return row.id


def restore_classifier(workspace: Workspace, actor: AnyActor, classifier: str) -> str:
    """Take a classifier back as it was and return its id; what was live is live again.

    Raises:
        NotPermitted: as ``archive_classifier``.
    """
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = _owned(tx, classifier)
        if row.archived_at is None:
            return row.id
        last = tx.session.scalars(
            select(PublicationRow)
            .where(PublicationRow.classifier_id == row.id)
            .order_by(PublicationRow.number.desc())
            .limit(1)
        ).first()
        if last is not None:
            tx.allow(Action.PUBLISH)
            row.published_version_id = last.version_id
        row.archived_at = row.archived_by = None
        tx.audit(AuditAction.CLASSIFIER_RESTORED, row.id, live=row.published_version_id)
        return row.id


def _owned(tx: Transaction, classifier: str) -> ClassifierRow:
    # an archived one is taken too, which `tx.classifier` refuses for any action but reading
    row = tx.classifier(classifier)
    require_ownership(tx.actor, ownership_of(tx.session, row), Action.TRAIN)
    return row


def _require_unused(session: Session, row: ClassifierRow) -> None:
    using = [
        policy for policy in enabled_policies(session) if row.id in classifiers_of(policy.condition)
    ]
    if using:
        names = ", ".join(policy.name for policy in using[:5])
        raise Conflict(
            "classifier-in-use",
            f"{row.name} is a condition of {names}. Nothing was archived.",
            {"policies": [policy.policy_id for policy in using]},
            Remedy(NextStep.DISABLE_POLICY, using[0].policy_id),
        )
