"""Overrides of gates: a named person answers for a finding, with a reason, permanently.

It opens no gate whose finding makes the rest meaningless.
"""

from sqlalchemy import select

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import InvalidInput, NotFound, NotReady
from cultivar.core.gates import OVERRIDABLE, SHORT_HASH
from cultivar.core.lifecycle import Event
from cultivar.core.roles import Action, AnyActor
from cultivar.core.texts.given_texts import require_reason
from cultivar.operations.gates import gates_of, is_overridden, newest
from cultivar.operations.review.batches import closed_batches
from cultivar.operations.transactions import Transaction, snapshot, transaction
from cultivar.operations.transitions import apply_transition
from cultivar.store.tables import ArtifactRow, AuditRow, ClassifierRow, GateResultRow
from cultivar.store.workspace import Workspace

ACCURACY = "accuracy"


def override_gate(
    workspace: Workspace,
    actor: AnyActor,
    classifier: str,
    gate: str,
    reason: str,
    *,
    artifact: str | None = None,
) -> None:
    """Open a gate of a classifier on a person's word; name, time and reason are kept permanently.

    ``artifact`` is the hash, or its first digits, of the artifact that the gate judged; its newest
    result unless given.

    With the gate ``accuracy`` open over every closed batch, the classifier becomes ready to use.

    Raises:
        NotPermitted: the actor may not override gates.
        NotFound: codes ``unknown-gate``, ``unknown-gate-result``.
        NotReady: code ``nothing-to-override``; the gate did not fail.
        InvalidInput: codes ``not-overridable``, ``no-reason``.
    """
    with transaction(workspace, actor, Action.OVERRIDE_GATE) as tx:
        override(tx, tx.classifier(classifier), gate, reason, artifact)


def state_reason(workspace: Workspace, actor: AnyActor, classifier: str, reason: str) -> int:
    """Keep in the audit log why somebody will override; return the number of that entry.

    Whatever carries out the override is handed the number alone, as people quote documents in
    their reasons and an orchestrator shows what it is handed.

    Raises:
        NotPermitted: the actor may not override gates.
        InvalidInput: code ``no-reason``.
    """
    with transaction(workspace, actor, Action.OVERRIDE_GATE) as tx:
        row = tx.classifier(classifier)
        return tx.audit(AuditAction.OVERRIDE_STATED, row.id, reason=require_reason(reason))


def stated_reason(workspace: Workspace, actor: AnyActor, classifier: str, number: int) -> str:
    """Return the reason that the actor gave for a classifier; see ``state_reason``.

    Raises:
        InvalidInput: code ``unknown-override``; there is no such entry of the actor.
    """
    with snapshot(workspace, actor, Action.OVERRIDE_GATE) as tx:
        row, entry = tx.classifier(classifier), tx.session.get(AuditRow, number)
        found = (entry.action, entry.actor, entry.subject) if entry else None
        if entry is None or found != (AuditAction.OVERRIDE_STATED, tx.actor, row.id):
            raise InvalidInput(
                "unknown-override",
                f"Entry {number} of the audit log is not a reason that {tx.actor} gave for "
                f"{row.name}. `cultivar publish {row.id} --override REASON` states one and "
                "publishes.",
                {"number": number},
            )
        return str(entry.details["reason"])


def judged_accuracy(tx: Transaction, row: ClassifierRow) -> str | None:
    """Return the accuracy artifact that the last gate judged, if it covers every closed batch."""
    result = newest(tx.session, row.id, ACCURACY)
    if result is None or result.artifact_sha256 is None:
        return None
    artifact = tx.session.get(ArtifactRow, result.artifact_sha256)
    batches = len(closed_batches(tx.session, row.id))
    return artifact.sha256 if artifact is not None and artifact.rows == batches else None


def plan_override(
    workspace: Workspace,
    actor: AnyActor,
    classifier: str,
    gate: str,
    reason: str,
    *,
    artifact: str | None = None,
) -> list[str]:
    """Return the findings that an override would answer for, in sentences; nothing is changed.

    Raises: as ``override_gate``.
    """
    with snapshot(workspace, actor, Action.OVERRIDE_GATE) as tx:
        row = require_overridable(tx, tx.classifier(classifier), gate, reason, artifact)
        return [check["sentence"] for check in row.checks if check["outcome"] != "pass"]


def require_overridable(
    tx: Transaction,
    classifier: ClassifierRow,
    gate: str,
    reason: str,
    artifact: str | None = None,
) -> GateResultRow:
    """Return the last result of a gate when it may be overridden for that reason.

    Raises: as ``override_gate``.
    """
    require_reason(reason)
    row = newest(tx.session, classifier.id, gate)
    if row is not None and artifact is not None:
        row = _over(tx, classifier, gate, artifact)
    if row is None:
        raise NotFound(
            "unknown-gate",
            f"{classifier.name} has no result of the gate {gate!r}.{_closed_gates(tx, classifier)}",
        )
    if row.outcome == "pass" or row.overridden_by is not None:
        raise NotReady(
            "nothing-to-override",
            f"The gate {gate} of {classifier.name} is open.{_closed_gates(tx, classifier)}",
        )
    _require_overridable(row)
    return row


def _closed_gates(tx: Transaction, classifier: ClassifierRow) -> str:
    names = dict.fromkeys(each.gate for each in gates_of(tx.session, classifier.id))
    rows = [newest(tx.session, classifier.id, name) for name in names]
    closed = [
        row.gate
        for row in rows
        if row and row.outcome != "pass" and not is_overridden(tx.session, row)
    ]
    return (
        f" Not open: {', '.join(closed)}." if closed else " Every gate that was evaluated is open."
    )


def _over(tx: Transaction, classifier: ClassifierRow, gate: str, artifact: str) -> GateResultRow:
    """Return the last result of a gate over the artifact whose hash begins so."""
    query = select(GateResultRow).where(
        GateResultRow.gate == gate, GateResultRow.classifier_id == classifier.id
    )
    rows = tx.session.scalars(query.order_by(GateResultRow.id.desc())).all()
    begun = [row for row in rows if (row.artifact_sha256 or "").startswith(artifact.lower())]
    if not artifact or len({row.artifact_sha256 for row in begun}) != 1:
        known = ", ".join(
            dict.fromkeys((row.artifact_sha256 or "")[:SHORT_HASH] for row in rows[:5])
        )
        raise NotFound(
            "unknown-gate-result",
            f"{'No result' if not begun else 'More than one result'} of the gate {gate} of "
            f"{classifier.name} is over an artifact that begins with {artifact!r}. "
            f"Newest results: {known}.",
        )
    return begun[0]


def override(
    tx: Transaction,
    classifier: ClassifierRow,
    gate: str,
    reason: str,
    artifact: str | None = None,
) -> GateResultRow:
    """Override within an open transaction; see ``override_gate``."""
    reason = require_reason(reason)
    row = require_overridable(tx, classifier, gate, reason, artifact)
    row.overridden_by, row.override_reason, row.overridden_at = tx.actor, reason, tx.at
    if gate == ACCURACY and judged_accuracy(tx, classifier) == row.artifact_sha256:
        why = f"{tx.actor} opened the gate {gate}: {reason}"
        apply_transition(tx, classifier, Event.GATE_OVERRIDDEN, reason=why)
    else:
        tx.audit(
            AuditAction.GATE_OVERRIDDEN, classifier.id, gate=gate, reason=reason, result=row.id
        )
    return row


def _require_overridable(row: GateResultRow) -> None:
    failed = [check for check in row.checks if check["outcome"] != "pass"]
    firm = [check for check in failed if check["code"] not in OVERRIDABLE]
    if firm or not failed:
        raise InvalidInput(
            "not-overridable",
            f"The gate {row.gate} cannot be overridden: "
            + (" ".join(check["sentence"] for check in firm[:5]) or "it held no checks."),
            {"codes": [check["code"] for check in firm]},
        )
