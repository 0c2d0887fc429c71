"""What a person needs to judge a classifier's listed items one by one: the items and their texts.

It reads, and records that texts are opened; verdicts are sent by another module.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from cultivar.core.audit_actions import AuditAction
from cultivar.core.retraining.feedback import retraining_decision
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.retraining.candidates import Candidate, texts_of
from cultivar.operations.retraining.feedback_events import state_of_feedback
from cultivar.operations.retraining.feedback_views import items_to_judge
from cultivar.operations.transactions import snapshot, transaction
from cultivar.store.tables import ClassifierRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ToJudge:
    """The listed items, close matches first; ``judged`` maps item id to the actor's own verdict.

    ``counted`` items count towards the next retraining, ``missing`` more make it due; it may start
    from ``allowed_at`` on, None while one runs.
    """

    classifier_id: str
    items: tuple[Candidate, ...]
    judged: dict[str, str]
    counted: int
    missing: int
    allowed_at: datetime | None


def to_judge(workspace: Workspace, actor: AnyActor, classifier: str) -> ToJudge:
    """Return what the actor may judge, and what they said of it so far.

    Raises:
        NotPermitted: the actor may not see items, or not train the classifier.
        NotReady: a condition of retraining is missing; the sentence names it.
    """
    items = tuple(items_to_judge(workspace, actor, classifier))
    with snapshot(workspace, actor, Action.READ) as tx:
        row = tx.classifier(classifier)
        state = state_of_feedback(tx.session, row.id)
        decision = retraining_decision(state, tx.at)
        own = {
            item: given.verdict for (item, who), given in state.standing.items() if who == tx.actor
        }
        return ToJudge(row.id, items, own, decision.counted, decision.missing, decision.allowed_at)


def open_listed(
    workspace: Workspace, actor: AnyActor, classifier: str, items: Collection[Candidate]
) -> dict[str, str]:
    """Return item id → text; that the actor opens them is on record before.

    Raises:
        NotPermitted: the actor may not open content.
    """
    with transaction(workspace, actor, Action.OPEN_CONTENT) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        ids = [each.item_id for each in items]
        tx.audit(AuditAction.CONTENT_OPENED, row.id, items=ids, reason="feedback")
    crawls: dict[str, list[str]] = {}
    for each in items:
        crawls.setdefault(each.items_sha256, []).append(each.item_id)
    return texts_of(workspace, crawls)


def suggestable(workspace: Workspace, actor: AnyActor, classifier: str) -> list[tuple[str, str]]:
    """Return id and name of each other published classifier, by name: it can judge an item."""
    with snapshot(workspace, actor, Action.READ) as tx:
        own = tx.classifier(classifier).id
        query = tx.session.query(ClassifierRow).filter(
            ClassifierRow.published_version_id.is_not(None), ClassifierRow.id != own
        )
        return [(row.id, row.name) for row in query.order_by(ClassifierRow.name)]
