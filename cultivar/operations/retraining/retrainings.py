"""What people see of retrainings: the heading they stand under, and the overview of each.

It only reads.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cultivar.core.errors import NotReady
from cultivar.core.limits import RETRAINING_TAKES_AT_MOST
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.retraining.actions import NOT_ENOUGH
from cultivar.core.retraining.feedback import retraining_decision
from cultivar.core.roles import Action, AnyActor
from cultivar.core.serialisation import fields_of
from cultivar.core.vocabulary import MATCH
from cultivar.operations.outbox import RETRAINING_DUE
from cultivar.operations.retraining.feedback_events import (
    FINISHED,
    failed_by_defect,
    open_retraining,
    state_of_feedback,
)
from cultivar.operations.retraining.summaries import (
    ComparedItem,
    RetrainingOverview,
    RetrainingStatus,
    RetrainingSummary,
)
from cultivar.operations.transactions import snapshot
from cultivar.store.tables import ClassifierRow, OutboxRow, RetrainingRow
from cultivar.store.workspace import Workspace

RE_TRAINING = "Re-training"
CAPPED = "retraining-cap"
ROWS_SHOWN = 50
# In the figures of a retraining: what people said of items on which its versions differ.
IN_CONTENT = "in_content"
# that every item on which the versions differed was judged when somebody last asked
NOTHING_LEFT = "nothing_left_to_compare"
_SIDES = ("published", "retrained")


def newest_finished(session: Session, classifier_id: str) -> RetrainingRow | None:
    """Return the last retraining that made a version."""
    query = (
        select(RetrainingRow)
        .where(RetrainingRow.classifier_id == classifier_id, RetrainingRow.outcome == FINISHED)
        .order_by(RetrainingRow.number.desc())
    )
    return session.scalars(query.limit(1)).first()


def under_retraining(session: Session) -> frozenset[str]:
    """Return the classifiers that retrain, or whose retraining waits for a person's decision."""
    running = session.scalars(
        select(RetrainingRow.classifier_id).where(
            RetrainingRow.decision.is_(None), RetrainingRow.ended_at.is_(None)
        )
    )
    return frozenset(running) | awaiting_decision(session)


def awaiting_decision(session: Session) -> frozenset[str]:
    """Return the classifiers whose finished retraining waits for a person's decision.

    The newest one alone can be decided on; those before it that nobody decided on are past.
    """
    newest = (
        select(RetrainingRow.classifier_id, func.max(RetrainingRow.number).label("number"))
        .where(RetrainingRow.outcome == FINISHED)
        .group_by(RetrainingRow.classifier_id)
        .subquery()
    )
    rows = session.execute(
        select(RetrainingRow, ClassifierRow.published_version_id)
        .join(ClassifierRow, ClassifierRow.id == RetrainingRow.classifier_id)
        .join(
            newest,
            (RetrainingRow.classifier_id == newest.c.classifier_id)
            & (RetrainingRow.number == newest.c.number),
        )
        .where(RetrainingRow.decision.is_(None))
    )
    return frozenset(
        row.classifier_id
        for row, live in rows
        if row.ended_at is not None and row.published_version_id == live
    )


def due_for_retraining(session: Session) -> frozenset[str]:
    """Return the classifiers whose retraining is due and has not begun."""
    rows = session.scalars(
        select(OutboxRow.subject).where(
            OutboxRow.kind == RETRAINING_DUE, OutboxRow.done_at.is_(None)
        )
    )
    return frozenset(rows)


def may_retrain(workspace: Workspace, classifier_id: str) -> bool:
    """Tell whether a person may begin a retraining now, or take up one that was left unfinished."""
    return why_not_yet(workspace, classifier_id, asked=True) is None


def why_not_yet(workspace: Workspace, classifier_id: str, *, asked: bool = False) -> str | None:
    """Return why no retraining can begin at this moment, None where one can or is unfinished.

    ``asked``: a person asks for it; else it would begin by itself.
    """
    with workspace.registry.reading() as session:
        if open_retraining(session, classifier_id) is not None:
            return None
        state, at = state_of_feedback(session, classifier_id), workspace.clock()
        decision = retraining_decision(state, at, asked=asked)
        return None if decision.due else decision.sentence


def held_back(session: Session, classifier_id: str, at: datetime) -> str | None:
    """Return until when the cap holds a retraining back that is due, None where it does not."""
    decision = retraining_decision(state_of_feedback(session, classifier_id), at, asked=True)
    return decision.sentence if decision.code == CAPPED else None


_HELPS = {
    "too-little-feedback": (NextStep.JUDGE, ""),
    CAPPED: (NextStep.START_RETRAINING, "starts it then"),
}


def refused_to_begin(
    classifier_id: str, code: str, sentence: str, facts: dict[str, Any] | None = None
) -> NotReady:
    """Return the refusal of a retraining that may not begin, with the command that helps."""
    if code == CAPPED:
        sentence += " It starts by itself where `cultivar up` runs; else"
    step, effect = _HELPS.get(code, (NextStep.FOLLOW_RETRAINING, ""))
    return NotReady(code, sentence, facts, Remedy(step, classifier_id, effect))


def retraining_status(workspace: Workspace, actor: AnyActor, classifier: str) -> RetrainingStatus:
    """Return how far a classifier is from its next retraining, and every one so far.

    Raises:
        NotPermitted: the actor may not read the area.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        row = tx.classifier(classifier)
        decision = retraining_decision(state_of_feedback(tx.session, row.id), tx.at, asked=True)
        query = select(RetrainingRow).where(RetrainingRow.classifier_id == row.id)
        rows = tx.session.scalars(query.order_by(RetrainingRow.number))
        return RetrainingStatus(
            classifier=row.id,
            heading=RE_TRAINING if row.id in under_retraining(tx.session) else None,
            awaits_decision=row.id in awaiting_decision(tx.session),
            published_version=row.published_version_id,
            counted=decision.counted,
            missing=decision.missing,
            code=decision.code,
            sentence=decision.sentence,
            allowed_at=decision.allowed_at,
            retrainings=tuple(_summary(each, tx.at) for each in rows),
        )


def _summary(row: RetrainingRow, at: datetime) -> RetrainingSummary:
    recommended = (row.figures or {}).get("recommendation") or {}
    running = row.ended_at is None
    return RetrainingSummary(
        number=row.number,
        started_by=row.started_by,
        started_at=row.started_at,
        ended_at=row.ended_at,
        overdue=running and at - row.started_at > RETRAINING_TAKES_AT_MOST,
        outcome=row.outcome,
        reason=row.reason,
        defect=failed_by_defect(row),
        published_version=row.published_version_id,
        retrained_version=row.retrained_version_id,
        recommendation=recommended.get("decision"),
        decision=row.decision,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def overview(
    workspace: Workspace,
    actor: AnyActor,
    classifier: str,
    *,
    limit: int = ROWS_SHOWN,
    offset: int = 0,
) -> RetrainingOverview:
    """Return what the last retraining came to: recommendation, figures, items side by side.

    ``items`` lists at most ``limit`` from ``offset`` on, flips first; ids and predictions only.

    Raises:
        NotReady: codes ``retraining-not-finished``, ``never-retrained``.
        NotPermitted: the actor may not read the area.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        row = tx.classifier(classifier)
        if open_retraining(tx.session, row.id) is not None:
            raise NotReady(
                "retraining-not-finished",
                f"{row.name} is being retrained; its overview is there when it has finished.",
                remedy=Remedy(NextStep.FOLLOW_RETRAINING, row.id),
            )
        made = newest_finished(tx.session, row.id)
        if made is None:
            raise NotReady(
                "never-retrained",
                f"{row.name} was not retrained yet, so there is no overview.",
                remedy=Remedy(NextStep.FOLLOW_RETRAINING, row.id, "shows how far it is from that"),
            )
    figures = made.figures or {}
    told = fields_of(_summary(made, tx.at)) | {"recommendation": figures["recommendation"]}
    return RetrainingOverview(
        **told,
        classifier=row.id,
        published_now=row.published_version_id,
        sets=figures["sets"],
        mcnemar=figures["mcnemar"],
        items=_rows(workspace, made.comparison_sha256 or "", limit, offset),
        flips=figures["flips"],
        compared=figures["items"],
        in_content=figures.get(IN_CONTENT),
        may_compare=may_compare(made),
    )


def may_compare(made: RetrainingRow) -> bool:
    """Tell whether a comparison is offered: verdicts may decide, and there was one to give."""
    return waits_for_verdicts(made) and not (made.figures or {}).get(NOTHING_LEFT, False)


def waits_for_verdicts(made: RetrainingRow) -> bool:
    """Tell whether verdicts on the content may still decide: at most two batches of them."""
    figures = made.figures or {}
    known = figures.get(IN_CONTENT) or {}
    return (
        made.decision is None
        and figures.get("recommendation", {}).get("decision") == NOT_ENOUGH
        and not known.get("is_exhausted", False)
    )


def _rows(workspace: Workspace, sha256: str, limit: int, offset: int) -> tuple[ComparedItem, ...]:
    every = workspace.artifacts.read(workspace.artifacts.reference(sha256)).to_pylist()
    lowest: dict[tuple[str, int | None, int], float] = {}
    for row in every:
        for side in _SIDES:
            if row[f"{side}_prediction"] == MATCH:
                judge = _judge(row, side)
                score = row[f"{side}_score"]
                lowest[judge] = min(score, lowest.get(judge, score))
    return tuple(
        ComparedItem(
            **row,
            published_from=lowest.get(_judge(row, "published")),
            retrained_from=lowest.get(_judge(row, "retrained")),
        )
        for row in every[offset : offset + limit]
    )


def _judge(row: dict[str, Any], side: str) -> tuple[str, int | None, int]:
    """Return who judged the row for that side, and whether as content is labelled.

    That is the twin of its fold, or (None) the version itself.
    """
    twin = row["fold"] if side == "retrained" or row["published_learned"] else None
    return side, twin, row["with_feedback"]
