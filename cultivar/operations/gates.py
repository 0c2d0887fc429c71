"""Gate results with their figures, and the overrides that people answer for.

It keeps what a gate found; what is checked is decided by the suites.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.errors import InvalidInput, NotFound, NotReady
from cultivar.core.gates import GateResult, Outcome
from cultivar.core.lifecycle import OVERRIDABLE
from cultivar.core.roles import Action
from cultivar.operations.deeds import Deed, doing
from cultivar.store.tables import ClassifierRow, GateResultRow
from cultivar.store.workspace import Workspace

LEAST_REASON = 10


def record_gate(
    workspace: Workspace,
    result: GateResult,
    classifier_id: str | None = None,
    artifact_sha256: str | None = None,
    run_id: str | None = None,
) -> int:
    """Keep a gate's result and return its id; ``classifier_id`` None is the tenant's gate."""
    with workspace.registry.transaction() as session:
        row = GateResultRow(
            classifier_id=classifier_id,
            gate=result.gate,
            outcome=result.outcome,
            checks=[check.as_dict() for check in result.checks],
            artifact_sha256=artifact_sha256,
            at=workspace.clock(),
            run_id=run_id,
        )
        session.add(row)
        session.flush()
        return row.id


def override_gate(
    workspace: Workspace, actor: str, classifier: str, gate: str, reason: str
) -> None:
    """Open a gate of a classifier on a person's word; name, time and reason stay for ever.

    Raises:
        NotPermitted: the actor may not override gates.
        NotReady: code ``nothing-to-override``; the gate did not fail.
        InvalidInput: codes ``not-overridable``, ``no-reason``.
    """
    with doing(workspace, actor, Action.OVERRIDE_GATE) as deed:
        override(deed, deed.classifier(classifier), gate, reason)


def override(deed: Deed, classifier: ClassifierRow, gate: str, reason: str) -> GateResultRow:
    """Override within a deed that is open already; see ``override_gate``."""
    reason = _stated(reason)
    row = newest(deed.session, classifier.id, gate)
    if row is None:
        raise NotFound("unknown-gate", f"{classifier.name} has no result of the gate {gate!r}.")
    if row.outcome == "pass" or row.overridden_by is not None:
        raise NotReady("nothing-to-override", f"The gate {gate} of {classifier.name} is open.")
    _require_overridable(row)
    row.overridden_by, row.override_reason, row.overridden_at = deed.actor, reason, deed.at
    deed.record("gate overridden", classifier.id, gate=gate, reason=reason, result=row.id)
    return row


def _stated(reason: str) -> str:
    if len(reason.strip()) < LEAST_REASON:
        raise InvalidInput(
            "no-reason",
            f"An override needs a reason of at least {LEAST_REASON} characters; it stays on "
            "record with your name.",
        )
    return reason.strip()


def _require_overridable(row: GateResultRow) -> None:
    shut = [check for check in row.checks if check["outcome"] != "pass"]
    firm = [check for check in shut if check["code"] not in OVERRIDABLE]
    if firm or not shut:
        raise InvalidInput(
            "not-overridable",
            f"The gate {row.gate} cannot be overridden: "
            + (" ".join(check["sentence"] for check in firm[:5]) or "it held no checks."),
            {"codes": [check["code"] for check in firm]},
        )


def newest(
    session: Session, classifier_id: str | None, gate: str, artifact_sha256: str | None = None
) -> GateResultRow | None:
    """Return the last result of a gate, over one artifact if that is named."""
    query = select(GateResultRow).where(GateResultRow.gate == gate)
    query = query.where(
        GateResultRow.classifier_id.is_(None)
        if classifier_id is None
        else GateResultRow.classifier_id == classifier_id
    )
    if artifact_sha256 is not None:
        query = query.where(GateResultRow.artifact_sha256 == artifact_sha256)
    return session.scalars(query.order_by(GateResultRow.id.desc()).limit(1)).first()


def open_gates(
    session: Session, classifier_id: str | None, artifacts: Mapping[str, str | None]
) -> dict[str, Outcome]:
    """Return gate → outcome, each over the artifact that ``artifacts`` names for it.

    A result over another artifact says nothing about this one, so it counts as not evaluated; an
    overridden gate counts as ``pass``.
    """
    found: dict[str, Outcome] = {}
    for gate, sha256 in artifacts.items():
        row = newest(session, classifier_id, gate, sha256) if sha256 else None
        if row is not None:
            overridden = _is_overridden(session, row)
            found[gate] = "pass" if overridden else row.outcome  # type: ignore[assignment]
    return found


def _is_overridden(session: Session, row: GateResultRow) -> bool:
    """Tell whether somebody answers for what this gate finds in this artifact.

    The gate may have been evaluated again since, over the same rows and so with the same result.
    """
    query = select(GateResultRow.id).where(
        GateResultRow.gate == row.gate,
        GateResultRow.artifact_sha256 == row.artifact_sha256,
        GateResultRow.classifier_id == row.classifier_id,
        GateResultRow.overridden_by.is_not(None),
    )
    return session.scalar(query.limit(1)) is not None


def gates_of(session: Session, classifier_id: str | None) -> list[dict[str, Any]]:
    """Return the last result of each gate, and every one that was overridden, oldest first."""
    rows = session.scalars(
        select(GateResultRow)
        .where(
            GateResultRow.classifier_id.is_(None)
            if classifier_id is None
            else GateResultRow.classifier_id == classifier_id
        )
        .order_by(GateResultRow.id)
    ).all()
    last = {row.gate: row.id for row in rows}
    return [_shown(row) for row in rows if last[row.gate] == row.id or row.overridden_by]


def _shown(row: GateResultRow) -> dict[str, Any]:
    return {
        "gate": row.gate,
        "outcome": row.outcome,
        "checks": row.checks,
        "at": row.at,
        "overridden_by": row.overridden_by,
        "override_reason": row.override_reason,
        "overridden_at": row.overridden_at,
    }
