"""Retrainings: begun when enough items are judged, learned from, ended with an overview.

It never moves the published pointer: only a person does, in another module.
"""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from sqlalchemy import select

from cultivar.core.audit_actions import AuditAction
from cultivar.core.policies.retraining import require_retrainable
from cultivar.core.reference import ArtifactReference
from cultivar.core.retraining.feedback import judged_items, retraining_decision
from cultivar.core.roles import Action, AnyActor
from cultivar.core.schemas import FEEDBACK
from cultivar.operations.gates import require_open
from cultivar.operations.identifiers import next_number, version_id
from cultivar.operations.retraining.candidates import own_words_in, use_of
from cultivar.operations.retraining.feedback_events import (
    DEFECT,
    FAILED,
    FINISHED,
    feedback_rows,
    last_feedback_id,
    mark_retraining_due,
    open_retraining,
    standing_until,
    state_of_feedback,
)
from cultivar.operations.retraining.retrainings import refused_to_begin
from cultivar.operations.training.training import add_version
from cultivar.operations.transactions import Transaction, transaction
from cultivar.store.models import read_model
from cultivar.store.origin import Producer
from cultivar.store.tables import ClassifierRow, FeedbackRow, RetrainingRow, VersionRow
from cultivar.store.workspace import Workspace

REASON = "retraining"


@dataclass(frozen=True, slots=True)
class Begun:
    """A retraining at work: its number, the live version, and its model's hash."""

    classifier_id: str
    number: int
    published_version: str
    published_model: str
    resumed: bool


@dataclass(frozen=True, slots=True)
class Made:
    """What a retraining made: the model and the artifacts behind its overview."""

    model: ArtifactReference
    feedback: ArtifactReference
    comparison: ArtifactReference
    overview: ArtifactReference
    figures: dict[str, Any]


def begin_retraining(workspace: Workspace, actor: AnyActor, classifier: str) -> Begun:
    """Begin a retraining, or take up the one that a killed process left.

    It learns from the verdicts that stand at this moment; later ones are kept for the next.

    Raises:
        NotReady: codes ``too-little-feedback``, ``retraining-cap`` (the sentence says until when),
            or a condition of retraining is missing.
        NotPermitted: the actor may not train the classifier.
    """
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        left = open_retraining(tx.session, row.id)
        if left is not None:
            return _begun(tx, left, resumed=True)
        require_retrainable(use_of(tx.session, row))
        decision = retraining_decision(state_of_feedback(tx.session, row.id), tx.at, asked=True)
        if not decision.due:
            facts = {"allowed_at": decision.allowed_at, "missing": decision.missing}
            raise refused_to_begin(row.id, decision.code, decision.sentence, facts)
        return _begun(tx, _add(tx, row), resumed=False)


def _add(tx: Transaction, row: ClassifierRow) -> RetrainingRow:
    of_classifier = RetrainingRow.classifier_id == row.id
    number = next_number(tx.session, RetrainingRow.number, of_classifier)
    made = RetrainingRow(
        classifier_id=row.id, number=number, started_by=tx.actor, started_at=tx.at,
        until_feedback_id=last_feedback_id(tx.session, row.id),
        published_version_id=row.published_version_id,
    )  # fmt: skip
    tx.session.add(made)
    tx.audit(
        AuditAction.RETRAINING_STARTED,
        row.id,
        retraining=made.number,
        version=made.published_version_id,
    )
    return made


def _begun(tx: Transaction, made: RetrainingRow, *, resumed: bool) -> Begun:
    version = tx.session.get_one(VersionRow, made.published_version_id)
    return Begun(
        made.classifier_id, made.number, made.published_version_id, version.model_sha256, resumed
    )


def write_feedback(workspace: Workspace, begun: Begun) -> ArtifactReference:
    """Write what the standing verdicts say of each judged item, with its text.

    Each text is that of the crawl in which the item was judged.
    """
    with workspace.registry.reading() as session:
        made = _row_of(session, begun)
        standing = standing_until(session, begun.classifier_id, made.until_feedback_id)
        rows = [
            row
            for row in feedback_rows(session, begun.classifier_id)
            if row.id <= made.until_feedback_id and row.verdict is not None
        ]
    newest = {row.item_id: row for row in rows}
    crawls: dict[str, list[str]] = {}
    judged = judged_items(standing)
    for each in judged:
        crawls.setdefault(newest[each.item_id].items_sha256, []).append(each.item_id)
    texts = own_words_in(workspace, crawls)
    table = [
        _judged(newest[each.item_id], texts[each.item_id])
        | {"matches": each.matches, "others": each.others}
        | {"relevant": None if each.relevant is None else int(each.relevant)}
        for each in judged
    ]
    return workspace.artifacts.write(
        FEEDBACK.name,
        pa.Table.from_pylist(table, schema=FEEDBACK.arrow),
        producer=Producer.RETRAIN,
        inputs={f"items {place}": sha256 for place, sha256 in enumerate(sorted(crawls), start=1)},
    )


def _row_of(session: Any, begun: Begun) -> RetrainingRow:
    query = select(RetrainingRow).where(
        RetrainingRow.classifier_id == begun.classifier_id, RetrainingRow.number == begun.number
    )
    found: RetrainingRow = session.scalars(query).one()
    return found


def _judged(row: FeedbackRow, text: str) -> dict[str, object]:
    return {
        "item_id": row.item_id,
        "location": row.location,
        "version_id": row.version_id,
        "score": row.score,
        "prediction": row.prediction,
        "text": text,
    }


def finish_retraining(workspace: Workspace, actor: AnyActor, begun: Begun, made: Made) -> str:
    """Keep the retrained version and its overview, and return the version's id.

    The live version stays what it is. What was judged meanwhile counts for the next retraining.

    Raises:
        GateClosed: code ``gate-closed``; the gates ``feedback``, ``comparison`` and ``overview``
            did not all pass over these artifacts.
    """
    trained = read_model(workspace.artifacts, made.model)
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(begun.classifier_id, Action.TRAIN)
        require_evidence(tx, row.id, made.feedback.sha256, made.comparison.sha256)
        version = version_id(row.id, made.model)
        if tx.session.get(VersionRow, version) is None:
            add_version(tx, row, (made.model, trained), REASON)
        kept = _row_of(tx.session, begun)
        kept.retrained_version_id = version
        kept.feedback_sha256, kept.comparison_sha256 = made.feedback.sha256, made.comparison.sha256
        kept.overview_sha256, kept.figures = made.overview.sha256, made.figures
        _end(tx, kept, FINISHED, None)
        return version


def require_evidence(
    tx: Transaction, classifier_id: str, feedback: str | None, comparison: str | None
) -> None:
    """Do nothing when the gates of a retraining are open over its artifacts.

    Raises:
        GateClosed: code ``gate-closed``.
    """
    sentence = (
        "The retraining waits for what must pass first: {closed}. "
        f"`cultivar gate show {classifier_id}` says what was found."
    )
    artifacts = {"feedback": feedback, "comparison": comparison}
    require_open(tx.session, classifier_id, artifacts, sentence)


def fail_retraining(
    workspace: Workspace, actor: AnyActor, begun: Begun, reason: str, *, defect: bool = False
) -> None:
    """Record why a retraining came to nothing; its verdicts count again.

    ``defect`` tells that nobody foresaw it: the reason is the name of an error.
    """
    with transaction(workspace, actor, Action.TRAIN) as tx:
        tx.classifier(begun.classifier_id, Action.TRAIN)
        kept = _row_of(tx.session, begun)
        if kept.ended_at is None:
            kept.figures = {DEFECT: defect}
            _end(tx, kept, FAILED, reason)


def _end(tx: Transaction, kept: RetrainingRow, outcome: str, reason: str | None) -> None:
    kept.ended_at, kept.outcome, kept.reason = tx.at, outcome, reason
    figures = kept.figures or {}
    tx.audit(
        AuditAction(f"retraining {outcome}"), kept.classifier_id, retraining=kept.number,
        version=kept.retrained_version_id, reason=reason,
        recommendation=figures.get("recommendation", {}).get("decision"),
    )  # fmt: skip
    mark_retraining_due(tx, kept.classifier_id)
