"""Evaluate a gate over an artifact and keep its result in the registry.

The suite decides; this reads the narrow projection that it asks for, never text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from prefect.runtime import flow_run

import expectations
from cultivar.core.gates import Check, GateResult, gate_result_from
from cultivar.core.reference import ArtifactReference
from cultivar.operations.gates import is_overridden, newest, record_gate
from cultivar.store.workspace import Workspace
from tasks import step


@partial(step, run_name="check {gate}")
def check(
    workspace: Workspace,
    gate: str,
    artifact: ArtifactReference,
    classifier_id: str | None = None,
    *,
    facts: Mapping[str, Any] | None = None,
    further: Sequence[Check] = (),
) -> GateResult:
    """Return the gate's result over an artifact; one that is open already is not evaluated again.

    ``classifier_id`` None is a gate of the tenant; ``facts`` are those that the suite knows;
    ``further`` checks belong to the same gate but are no matter of one table.
    """
    known = _opened_before(workspace, gate, artifact, classifier_id)
    if known is not None:
        return known
    frame = workspace.artifacts.read(artifact, columns=list(expectations.COLUMNS[gate]))
    found = expectations.evaluate(gate, frame, **dict(facts or {}))
    result = GateResult(gate, (*found.checks, *further), classifier_id)
    record_gate(workspace, result, classifier_id, artifact.sha256, flow_run.id)
    return result


def _opened_before(
    workspace: Workspace, gate: str, artifact: ArtifactReference, classifier_id: str | None
) -> GateResult | None:
    with workspace.registry.reading() as session:
        row = newest(session, classifier_id, gate, artifact.sha256)
        if row is None:
            return None
        overridden = is_overridden(session, row)
        if row.outcome != "pass" and not overridden:
            return None
        stored = gate_result_from({"gate": row.gate, "checks": row.checks})
        return replace(stored, classifier_id=classifier_id, overridden=overridden)
