"""Evaluate a gate over an artifact and keep its result in the registry.

The suite decides; this reads the narrow projection that it asks for, never text.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from prefect.runtime import flow_run

import expectations
from cultivar.core.gates import Check, GateResult, gate_result_from
from cultivar.core.limits import Thresholds
from cultivar.core.reference import ArtifactReference
from cultivar.operations.gates import newest, record_gate
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
    """Return the gate's result over an artifact.

    One that passed already by the same thresholds is not evaluated again.

    ``classifier_id`` None is a gate of the tenant; ``facts`` are those that the suite knows;
    ``further`` checks belong to the same gate but are no matter of one table.
    """
    stated, asked = dict(facts or {}), workspace.settings.thresholds
    known = _passed_before(workspace, gate, artifact, classifier_id)
    if known is not None and _asks_the_same(known, further, asked, stated):
        return known
    frame = workspace.artifacts.read(artifact, columns=list(expectations.COLUMNS[gate]))
    found = expectations.evaluate(gate, frame, asked, **stated)
    result = GateResult(gate, (*found.checks, *further))
    record_gate(workspace, result, classifier_id, artifact.sha256, flow_run.id)
    return result


def _asks_the_same(
    known: GateResult, further: Sequence[Check], asked: Thresholds, facts: Mapping[str, Any]
) -> bool:
    return set(further) <= set(known.checks) and expectations.still_asks(known, asked, **facts)


def _passed_before(
    workspace: Workspace, gate: str, artifact: ArtifactReference, classifier_id: str | None
) -> GateResult | None:
    with workspace.registry.reading() as session:
        row = newest(session, classifier_id, gate, artifact.sha256)
        if row is None or row.outcome != "pass":
            return None
        return gate_result_from({"gate": row.gate, "checks": row.checks})
