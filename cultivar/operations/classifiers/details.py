"""Everything that a classifier's page shows, in one answer.

It only reads; each fact is written by the module that it comes from.
"""

from typing import Any

from sqlalchemy import select

from cultivar.core.lifecycle import Status, Step, usable_conditions
from cultivar.core.limits import TESTING_TAKES_AT_MOST
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.classifiers.classifiers import summary_of
from cultivar.operations.gates import gates_of
from cultivar.operations.outbox import TESTING_DUE
from cultivar.operations.retraining.retrainings import (
    awaiting_decision,
    due_for_retraining,
    held_back,
    under_retraining,
)
from cultivar.operations.review.state import ReviewState, state_of
from cultivar.operations.runs import last_run
from cultivar.operations.transactions import Transaction, snapshot
from cultivar.store.tables import (
    ClassifierRow,
    OutboxRow,
    PublicationRow,
    StepRow,
    TestSourceRow,
    TrainerGrant,
    VersionRow,
)
from cultivar.store.workspace import Workspace

# Why a version was made, as the registry has it.
RETRAINED = "retraining"


def classifier_details(workspace: Workspace, actor: AnyActor, name: str) -> dict[str, Any]:
    """Return a classifier's status, steps, versions, gates, accuracy, and why publish is closed.

    Raises:
        NotPermitted: the actor may not read the area.
        NotFound: code ``unknown-classifier``; the sentence offers near matches.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        row = tx.classifier(name)
        review = state_of(tx, row)
        return {
            **summary_of(
                row, tx.at, row.id in under_retraining(tx.session),
                row.id in due_for_retraining(tx.session),
                row.id in awaiting_decision(tx.session),
            ),
            "testing_overdue": _is_testing_overdue(tx, row),
            "seeds": _seed_source(row),
            "test_sources": _test_sources(tx, row),
            "trainers": _trainers(tx, row),
            "steps": _steps(tx, row),
            "usable_conditions": list(usable_conditions(row.published_version_id is not None)),
            "versions": _versions(tx, row),
            "publications": _publications(tx, row),
            "live": _live(tx, row),
            "reviewed_version": _reviewed_version(tx, row),
            "gates": gates_of(tx.session, row.id),
            "review": review.as_dict(),
            "publish_shut_because": _shut(row, review),
            "retraining_held_back": held_back(tx.session, row.id, tx.at),
            "last_run": last_run(tx.session, row.id, tx.at),
        }  # fmt: skip


def _is_testing_overdue(tx: Transaction, row: ClassifierRow) -> bool:
    """Tell whether test items wait to be scored for longer than they may."""
    since = tx.session.scalar(
        select(OutboxRow.created_at).where(
            OutboxRow.kind == TESTING_DUE,
            OutboxRow.subject == row.id,
            OutboxRow.done_at.is_(None),
        )
    )
    return since is not None and tx.at - since > TESTING_TAKES_AT_MOST


def _shut(row: ClassifierRow, review: ReviewState) -> list[str]:
    if row.candidate_version_id is not None and (
        row.candidate_version_id == row.published_version_id
    ):
        return ["Its newest version is published."]
    if row.status == Status.READY_TO_USE:
        return ["It is learning from the last batch."] if review.learning else []
    if row.status != Status.READY_TO_REVIEW:
        return [f'Its status is "{row.status}"; publish opens once test items are reviewed.']
    return list(review.reasons) or [row.status_reason or "Its accuracy gate is not open."]


def _steps(tx: Transaction, row: ClassifierRow) -> list[dict[str, Any]]:
    rows = {
        each.step: each
        for each in tx.session.scalars(select(StepRow).where(StepRow.classifier_id == row.id))
    }
    return [
        {"step": str(step), "items": rows[step].item_count, "status": rows[step].status}
        for step in Step
        if step in rows
    ]


def _versions(tx: Transaction, row: ClassifierRow) -> list[dict[str, Any]]:
    query = select(VersionRow).where(VersionRow.classifier_id == row.id)
    return [
        {
            "id": each.id,
            "number": each.number,
            "reason": each.reason,
            "threshold": each.threshold,
            "prior": each.prior,
            "created_at": each.created_at,
            "training": each.evidence.get("training", {}),
        }
        for each in tx.session.scalars(query.order_by(VersionRow.number))
    ]


def _publications(tx: Transaction, row: ClassifierRow) -> list[dict[str, Any]]:
    query = select(PublicationRow).where(PublicationRow.classifier_id == row.id)
    return [
        {
            "number": each.number,
            "version": each.version_id,
            "actor": each.actor,
            "at": each.at,
            "evidence": each.evidence,
        }
        for each in tx.session.scalars(query.order_by(PublicationRow.number))
    ]


def _live(tx: Transaction, row: ClassifierRow) -> dict[str, Any] | None:
    """Return what is live, since when, by whom, and the figures that it was published on.

    A version that was pointed back to has the figures of its own publication.
    """
    made = {each["number"]: each for each in _publications(tx, row)}
    if not made:
        return None
    last = made[max(made)]
    first = last
    while first["evidence"].get("points_back_to") in made:
        first = made[first["evidence"]["points_back_to"]]
    evidence = first["evidence"]
    retrained = {
        name: {
            "items": versions["retrained"]["items"],
            "accuracy": versions["retrained"]["accuracy"],
        }
        for name, versions in (evidence.get("comparison") or {}).get("sets", {}).items()
    }
    known = "accuracy" in evidence and "assured" in evidence
    reviewed = {name: evidence[name] for name in ("accuracy", "assured")} if known else None
    return {
        "version": last["version"],
        "since": last["at"],
        "by": last["actor"],
        "retraining": evidence.get("retraining"),
        "reviewed": reviewed,
        "retrained": retrained or None,
    }


def _reviewed_version(tx: Transaction, row: ClassifierRow) -> str | None:
    """Return the version that the review's accuracy speaks of: the newest not made by feedback."""
    made = [each for each in _versions(tx, row) if each["reason"] != RETRAINED]
    return made[-1]["id"] if made else None


def _seed_source(row: ClassifierRow) -> dict[str, str | None]:
    return {"site": row.seed_site, "library": row.seed_library, "folder": row.seed_folder}


def _test_sources(tx: Transaction, row: ClassifierRow) -> list[dict[str, str]]:
    query = select(TestSourceRow).where(TestSourceRow.classifier_id == row.id)
    return [
        {"site": each.site, "library": each.library, "folder": each.folder}
        for each in tx.session.scalars(query)
    ]


def _trainers(tx: Transaction, row: ClassifierRow) -> list[str]:
    query = select(TrainerGrant.person).where(TrainerGrant.classifier_id == row.id)
    return [row.owner, *sorted(tx.session.scalars(query))]
