"""Evaluated labels activated, and labels undone: one row of the registry per location.

It moves what is active and hands changes to the writers' queue; it evaluates nothing.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict, NotReady
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.policies.basis import Basis
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action, AnyActor
from cultivar.core.schemas import LABELS
from cultivar.operations.gates import require_open
from cultivar.operations.policies.evaluation import (
    Evaluated,
    Sides,
    both_sides,
    current_application,
)
from cultivar.operations.policies.inputs import evaluation_input
from cultivar.operations.policies.label_changes import numbered
from cultivar.operations.policies.policies import enabled_policies
from cultivar.operations.transactions import Transaction, transaction
from cultivar.store.origin import Producer
from cultivar.store.tables import ApplicationRow
from cultivar.store.workspace import Workspace

APPLY, UNDO = "apply", "undo"


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a person has agreed to: differences by their tokens, and additions of any kind."""

    tokens: frozenset[str]
    additions: bool = False

    def covers(self, evaluated: Evaluated) -> bool:
        """Tell whether what is evaluated was agreed to."""
        return evaluated.token in self.tokens or (self.additions and evaluated.only_adds)


def apply_labels(
    workspace: Workspace,
    actor: AnyActor,
    evaluated: Evaluated,
    accepted: Collection[str] = (),
    run_id: str | None = None,
) -> int:
    """Activate evaluated labels at their location and return the application's number.

    All of them at once: before the one transaction nothing is active, after it everything is, so
    a run that is killed and repeated assigns nothing twice. ``accepted`` holds the tokens of the
    differences that a person has seen.

    Raises:
        NotReady: code ``difference-not-accepted``.
        GateClosed: code ``gate-closed``; the gates ``labels`` and ``label_changes`` must have
            passed over these artifacts.
        Conflict: code ``changed-meanwhile``; labels, policies, predictions or items are others by
            now. Nothing was applied.
        NotPermitted: the actor may not label.
    """
    with workspace.registry.reading() as session:
        last = _unchanged_application(session, evaluated)
        _require_accepted(evaluated, accepted)
    labels = _numbered_labels(workspace, evaluated, last)
    with transaction(workspace, actor, Action.LABEL) as tx:
        last = _unchanged_application(tx.session, evaluated)
        _require_gates(tx.session, evaluated)
        counts = evaluated.counts
        return activate(
            tx, evaluated.location, APPLY, (labels, evaluated.changes),
            last=last, basis=evaluated.basis, counts=counts, run_id=run_id,
        )  # fmt: skip


def activate(
    tx: Transaction,
    location: str,
    cause: str,
    made: tuple[ArtifactReference, ArtifactReference],
    *,
    last: ApplicationRow | None,
    basis: Basis,
    counts: Mapping[str, int],
    run_id: str | None,
) -> int:
    """Make labels those of a location, with what they change; return the application's number.

    ``last`` is the application that is active until then.
    """
    labels, changes = made
    number = (last.number if last else 0) + 1
    tx.session.add(
        ApplicationRow(
            location=location, number=number, cause=cause, items_sha256=basis["items"],
            labels_sha256=labels.sha256, changes_sha256=changes.sha256, basis=dict(basis),
            counts=dict(counts), run_id=run_id, actor=tx.actor, at=tx.at, queued=0,
        )
    )  # fmt: skip
    tx.audit(
        AuditAction.LABELS_APPLIED if cause == APPLY else AuditAction.LABELS_UNDONE,
        f"location:{location}",
        application=number, labels=labels.sha256, changes=changes.sha256, counts=dict(counts),
        policies=basis["policies"], versions=basis["versions"],
    )  # fmt: skip
    return number


def _unchanged_application(session: Session, evaluated: Evaluated) -> ApplicationRow | None:
    """Return the active application, where nothing that was evaluated has changed since."""
    last = current_application(session, evaluated.location)
    target = evaluation_input(session, evaluated.location, enabled_policies(session))
    if (last.number if last else 0) != evaluated.before or target.basis != evaluated.basis:
        raise Conflict(
            "changed-meanwhile",
            f"Labels, policies, predictions or items of {evaluated.location} changed since the "
            "labels were evaluated, so nothing was applied.",
            {"location": evaluated.location},
            Remedy(NextStep.APPLY_POLICIES, evaluated.location),
        )
    return last


def _require_accepted(evaluated: Evaluated, accepted: Collection[str]) -> None:
    if not evaluated.needs_acceptance or evaluated.token in accepted:
        return
    raise NotReady(
        "difference-not-accepted",
        f"{evaluated.why_it_waits} `cultivar policy apply --preview` shows which; `cultivar "
        f"policy apply --accept {evaluated.token}` applies exactly that.",
        {"location": evaluated.location, "token": evaluated.token, **evaluated.counts},
    )


def _require_gates(session: Session, evaluated: Evaluated) -> None:
    over = {"labels": evaluated.labels.sha256, "label_changes": evaluated.changes.sha256}
    sentence = f"Not open for the labels of {evaluated.location}: {{closed}}. Nothing was applied."
    require_open(session, None, over, sentence)


def _numbered_labels(
    workspace: Workspace, evaluated: Evaluated, last: ApplicationRow | None
) -> ArtifactReference:
    inputs = {"evaluated": evaluated.labels.sha256}
    inputs |= {"before": last.labels_sha256} if last else {}
    with both_sides(workspace, evaluated.labels, last) as sides:
        return workspace.artifacts.write(
            LABELS.name,
            _numbered(sides, evaluated.before + 1),
            producer=Producer.POLICIES,
            inputs=inputs,
        )


def _numbered(sides: Sides, number: int) -> Iterator[pa.Table]:
    yield LABELS.arrow.empty_table()
    for before, after in sides:
        yield numbered(before, after, number)
