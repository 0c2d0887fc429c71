"""Evaluate a gate over an artifact, keep its result in the registry, and show it.

The suite decides; this reads the narrow projection that it asks for, never text.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from prefect.artifacts import create_table_artifact
from prefect.runtime import flow_run

import expectations
from cultivar.core.errors import GateClosed
from cultivar.core.gates import Check, GateResult
from cultivar.core.limits import Thresholds
from cultivar.core.reference import ArtifactReference
from cultivar.operations.gates import opened, record_gate
from cultivar.operations.transactions import TENANT
from cultivar.store.workspace import Workspace
from tasks import Told, artifact_key, step

NOT_OPEN = "Not open yet"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a gate is asked beside its table, and what it means for the run.

    ``about`` is what it is asked about where a run asks the same gate more than once, such as the
    name of a location. ``facts`` are those that the suite knows; ``further`` checks belong to the
    same gate but are no matter of one table. ``classifier_id`` None is a gate of the tenant.
    ``required``: the run may not go on unless the gate opens.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    further: Sequence[Check] = ()
    required: bool = True
    classifier_id: str | None = None
    about: str = ""


def _named(parameters: Mapping[str, Any]) -> str:
    about = parameters["asked"].about
    return f"gate: {parameters['gate'].replace('_', ' ')}{about and f' of {about}'}"


@partial(step, named=_named)
def check(
    workspace: Workspace,
    gate: str,
    artifact: ArtifactReference,
    subject: str,
    asked: Asked = Asked(),
) -> Told[GateResult]:
    """Return the gate's result over an artifact; one that is open already is not evaluated again.

    One that passed already by the same thresholds is not evaluated again.

    ``subject`` is what the gate is shown as a gate of.

    Raises:
        GateClosed: a gate that is required does not open.
    """
    result, opened_before = gate_result(workspace, gate, artifact, asked)
    show_gate(result, asked.about or subject)
    if asked.required:
        _require(result, asked.about)
    said = f"{asked.about}: {result.sentence}" if asked.about else result.sentence
    if not result.opens:
        return Told(result, said, NOT_OPEN, logging.WARNING)
    before = ", as it did before over the same rows" if opened_before else ""
    return Told(result, f"{said}{before}")


def _require(result: GateResult, about: str) -> None:
    try:
        result.require()
    except GateClosed as closed:
        closed.facts["about"] = about
        raise


def gate_result(
    workspace: Workspace, gate: str, artifact: ArtifactReference, asked: Asked
) -> tuple[GateResult, bool]:
    """Return the gate's result over an artifact, and whether it was open before."""
    known = _opened_before(workspace, gate, artifact, asked)
    return known or _evaluated(workspace, gate, artifact, asked), known is not None


def show_gate(result: GateResult, subject: str) -> None:
    """Show every check of a gate as a table, first those that keep it closed."""
    closed = result.blocking()
    passed = [check for check in result.checks if check not in closed]
    create_table_artifact(
        key=artifact_key("gate", result.gate, subject),
        table=[_row(check.as_dict()) for check in (*closed, *passed)],
        description=f"Gate {result.name} of {_in_words(subject)}: **{result.outcome}**",
    )


def _in_words(subject: str) -> str:
    return "the tenant" if subject.startswith(f"{TENANT}:") else subject


def _row(check: Mapping[str, str]) -> dict[str, str]:
    shown = ("name", "outcome", "observed", "expected", "sentence", "code")
    return {column: check[column] for column in shown}


def _evaluated(
    workspace: Workspace, gate: str, artifact: ArtifactReference, asked: Asked
) -> GateResult:
    frame = workspace.artifacts.read(artifact, columns=list(expectations.COLUMNS[gate]))
    found = expectations.evaluate(gate, frame, workspace.settings.thresholds, **asked.facts)
    checks = (*found.checks, *asked.further)
    result = GateResult(gate, checks, asked.classifier_id, artifact_sha256=artifact.sha256)
    record_gate(workspace, result, asked.classifier_id, artifact.sha256, flow_run.id)
    return result


def _opened_before(
    workspace: Workspace, gate: str, artifact: ArtifactReference, asked: Asked
) -> GateResult | None:
    """Return what opens already: an override, or a pass by the same thresholds."""
    known = opened(workspace, gate, artifact.sha256, asked.classifier_id)
    if known is None:
        return None
    thresholds = workspace.settings.thresholds
    return known if known.overridden or _asks_the_same(known, asked, thresholds) else None


def _asks_the_same(known: GateResult, asked: Asked, thresholds: Thresholds) -> bool:
    further = set(asked.further) <= set(known.checks)
    return further and expectations.still_asks(known, thresholds, **asked.facts)
