"""Gate results with their figures, and whether a gate is open over an artifact.

It keeps what a gate found; what is checked is decided by the suites.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cultivar.core.errors import GateClosed
from cultivar.core.gates import Check, GateResult, Outcome, gate_result_from
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.identities import person_of_settings
from cultivar.operations.thresholds import note_thresholds
from cultivar.operations.transactions import snapshot
from cultivar.store.tables import GateResultRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class LastOutcome:
    """What a gate said last; ``classifier`` is None where it is a gate of the tenant."""

    outcome: str
    at: datetime
    classifier: str | None


@dataclass(frozen=True, slots=True)
class GateOutcome:
    """A result of a gate with its checks, and who answers for it where somebody overrode it."""

    gate: str
    outcome: str
    checks: tuple[Check, ...]
    at: datetime
    overridden_by: str | None
    override_reason: str | None
    overridden_at: datetime | None


def record_gate(
    workspace: Workspace,
    result: GateResult,
    classifier_id: str | None = None,
    artifact_sha256: str | None = None,
    run_id: str | None = None,
) -> int:
    """Keep a gate's result and return its id; ``classifier_id`` None is the tenant's gate.

    Thresholds that differ from those recorded last are recorded with it.
    """
    with workspace.registry.transaction() as session:
        settings, at = workspace.settings, workspace.clock()
        person = person_of_settings(session, settings)
        note_thresholds(session, settings.thresholds, person, at, workspace.origin_of(None))
        row = GateResultRow(
            classifier_id=classifier_id,
            gate=result.gate,
            outcome=result.outcome,
            checks=[check.as_dict() for check in result.checks],
            artifact_sha256=artifact_sha256,
            at=at,
            run_id=run_id,
        )
        session.add(row)
        session.flush()
        return row.id


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


def opened(
    workspace: Workspace, gate: str, artifact_sha256: str, classifier_id: str | None = None
) -> GateResult | None:
    """Return the last result of a gate over an artifact where it opens: a pass, or an override."""
    with workspace.registry.reading() as session:
        row = newest(session, classifier_id, gate, artifact_sha256)
        if row is None:
            return None
        overridden = is_overridden(session, row)
        stored = gate_result_from({"gate": row.gate, "checks": row.checks})
    known = replace(stored, classifier_id=classifier_id, overridden=overridden)
    return known if known.opens else None


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
            overridden = is_overridden(session, row)
            found[gate] = "pass" if overridden else row.outcome  # type: ignore[assignment]
    return found


def closed_gates(
    session: Session, classifier_id: str | None, artifacts: Mapping[str, str | None]
) -> list[str]:
    """Return the gates that are not open, each over the artifact that is named for it."""
    outcomes = open_gates(session, classifier_id, artifacts)
    return [gate for gate in artifacts if outcomes.get(gate) != "pass"]


def require_open(
    session: Session,
    classifier_id: str | None,
    artifacts: Mapping[str, str | None],
    sentence: str,
) -> None:
    """Do nothing where all these gates are open; ``sentence`` names the others at ``{closed}``.

    Raises:
        GateClosed: code ``gate-closed``.
    """
    closed = closed_gates(session, classifier_id, artifacts)
    if closed:
        listed = sentence.replace("{closed}", ", ".join(closed))
        raise GateClosed("gate-closed", listed, {"gates": closed})


def is_overridden(session: Session, row: GateResultRow) -> bool:
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


def last_outcomes(workspace: Workspace, actor: AnyActor) -> dict[str, LastOutcome]:
    """Return gate → its last outcome, whatever it judged.

    Raises:
        NotPermitted: the actor may not read the area.
    """
    last = select(func.max(GateResultRow.id)).group_by(GateResultRow.gate)
    with snapshot(workspace, actor, Action.READ) as tx:
        rows = tx.session.scalars(select(GateResultRow).where(GateResultRow.id.in_(last)))
        return {row.gate: LastOutcome(row.outcome, row.at, row.classifier_id) for row in rows}


def gates_of(session: Session, classifier_id: str | None) -> tuple[GateOutcome, ...]:
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
    return tuple(_outcome(row) for row in rows if last[row.gate] == row.id or row.overridden_by)


def _outcome(row: GateResultRow) -> GateOutcome:
    return GateOutcome(
        gate=row.gate,
        outcome=row.outcome,
        checks=tuple(Check(**check) for check in row.checks),
        at=row.at,
        overridden_by=row.overridden_by,
        override_reason=row.override_reason,
        overridden_at=row.overridden_at,
    )
