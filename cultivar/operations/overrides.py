"""Overrides of gates: a named person answers for a finding, with a reason, for ever.

It opens no gate whose finding makes the rest meaningless.
"""

from cultivar.core.errors import InvalidInput, NotFound, NotReady
from cultivar.core.gates import OVERRIDABLE
from cultivar.core.lifecycle import Event
from cultivar.core.roles import Action
from cultivar.operations.batches import closed_batches
from cultivar.operations.deeds import Deed, doing, viewing
from cultivar.operations.gates import gates_of, is_overridden, newest
from cultivar.operations.moves import move
from cultivar.store.tables import ArtifactRow, AuditRow, ClassifierRow, GateResultRow
from cultivar.store.workspace import Workspace

ACCURACY = "accuracy"
LEAST_REASON = 10
STATED = "override stated"


def override_gate(
    workspace: Workspace, actor: str, classifier: str, gate: str, reason: str
) -> None:
    """Open a gate of a classifier on a person's word; name, time and reason stay for ever.

    With the gate ``accuracy`` open over every closed batch, the classifier becomes ready to use.

    Raises:
        NotPermitted: the actor may not override gates.
        NotReady: code ``nothing-to-override``; the gate did not fail.
        InvalidInput: codes ``not-overridable``, ``no-reason``.
    """
    with doing(workspace, actor, Action.OVERRIDE_GATE) as deed:
        override(deed, deed.classifier(classifier), gate, reason)


def state_reason(workspace: Workspace, actor: str, classifier: str, reason: str) -> int:
    """Keep in the audit log why somebody will override; return the number of that entry.

    Whatever carries out the override is handed the number alone, as people quote documents in
    their reasons and an orchestrator shows what it is handed.

    Raises:
        NotPermitted: the actor may not override gates.
        InvalidInput: code ``no-reason``.
    """
    with doing(workspace, actor, Action.OVERRIDE_GATE) as deed:
        row = deed.classifier(classifier)
        return deed.record(STATED, row.id, reason=_stated(reason))


def stated_reason(workspace: Workspace, actor: str, classifier: str, number: int) -> str:
    """Return the reason that the actor gave for a classifier; see ``state_reason``.

    Raises:
        InvalidInput: code ``unknown-override``; there is no such entry of the actor.
    """
    with viewing(workspace, actor, Action.OVERRIDE_GATE) as deed:
        row, entry = deed.classifier(classifier), deed.session.get(AuditRow, number)
        found = (entry.action, entry.actor, entry.subject) if entry else None
        if entry is None or found != (STATED, actor, row.id):
            raise InvalidInput(
                "unknown-override",
                f"Entry {number} of the audit log is no reason that {actor} gave for {row.name}. "
                f"`cultivar publish {row.id} --override REASON` states one and publishes.",
                {"number": number},
            )
        return str(entry.details["reason"])


def judged_accuracy(deed: Deed, row: ClassifierRow) -> str | None:
    """Return the accuracy artifact that the last gate judged, if it covers every closed batch."""
    result = newest(deed.session, row.id, ACCURACY)
    if result is None or result.artifact_sha256 is None:
        return None
    artifact = deed.session.get(ArtifactRow, result.artifact_sha256)
    batches = len(closed_batches(deed.session, row.id))
    return artifact.sha256 if artifact is not None and artifact.rows == batches else None


def plan_override(
    workspace: Workspace, actor: str, classifier: str, gate: str, reason: str
) -> list[str]:
    """Return the findings that an override would answer for, in sentences; nothing is changed.

    Raises: as ``override_gate``.
    """
    with viewing(workspace, actor, Action.OVERRIDE_GATE) as deed:
        row = require_overridable(deed, deed.classifier(classifier), gate, reason)
        return [check["sentence"] for check in row.checks if check["outcome"] != "pass"]


def require_overridable(
    deed: Deed, classifier: ClassifierRow, gate: str, reason: str
) -> GateResultRow:
    """Return the last result of a gate when it may be overridden for that reason.

    Raises: as ``override_gate``.
    """
    _stated(reason)
    row = newest(deed.session, classifier.id, gate)
    if row is None:
        raise NotFound(
            "unknown-gate",
            f"{classifier.name} has no result of the gate {gate!r}.{_shut_gates(deed, classifier)}",
        )
    if row.outcome == "pass" or row.overridden_by is not None:
        raise NotReady(
            "nothing-to-override",
            f"The gate {gate} of {classifier.name} is open.{_shut_gates(deed, classifier)}",
        )
    _require_overridable(row)
    return row


def _shut_gates(deed: Deed, classifier: ClassifierRow) -> str:
    names = dict.fromkeys(each["gate"] for each in gates_of(deed.session, classifier.id))
    rows = [newest(deed.session, classifier.id, name) for name in names]
    shut = [
        row.gate
        for row in rows
        if row and row.outcome != "pass" and not is_overridden(deed.session, row)
    ]
    return f" Not open: {', '.join(shut)}." if shut else " Every gate that was evaluated is open."


def override(deed: Deed, classifier: ClassifierRow, gate: str, reason: str) -> GateResultRow:
    """Override within a deed that is open already; see ``override_gate``."""
    reason = _stated(reason)
    row = require_overridable(deed, classifier, gate, reason)
    row.overridden_by, row.override_reason, row.overridden_at = deed.actor, reason, deed.at
    if gate == ACCURACY and judged_accuracy(deed, classifier) == row.artifact_sha256:
        why = f"{deed.actor} opened the gate {gate}: {reason}"
        move(deed, classifier, Event.GATE_OVERRIDDEN, reason=why)
    else:
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
