"""What a policy version or a classifier version labelled, taken back.

It takes away and gives nothing; what other policies would give in its place is for the next
application, which shows it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict, InvalidInput
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.policies.basis import Basis
from cultivar.core.policies.policy import PERMISSION_FOR
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action, AnyActor
from cultivar.core.schemas import LABEL_CHANGES, LABELS
from cultivar.operations.lookups import unknown
from cultivar.operations.outbox import UNDO_DUE
from cultivar.operations.policies.application import UNDO, activate
from cultivar.operations.policies.evaluation import current_application
from cultivar.operations.policies.label_changes import changes_between
from cultivar.operations.policies.policies import policy_row, version_of
from cultivar.operations.transactions import Transaction, snapshot, transaction
from cultivar.store.origin import Producer
from cultivar.store.tables import ApplicationRow, UndoRow, VersionRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Undone:
    """What is undone: a version of a policy, or a version of a classifier."""

    policy_id: str | None = None
    policy_version: int | None = None
    classifier_version_id: str | None = None

    @property
    def subject(self) -> str:
        """How it is named in the registry."""
        if self.classifier_version_id is not None:
            return f"version:{self.classifier_version_id}"
        return f"policy:{self.policy_id}/{self.policy_version}"

    @property
    def name(self) -> str:
        """How people call it."""
        if self.classifier_version_id is not None:
            return f"the classifier version {self.classifier_version_id}"
        return f"version {self.policy_version} of the policy {self.policy_id}"

    @classmethod
    def named(cls, subject: str) -> "Undone":
        """Return what a subject names."""
        kind, _, name = subject.partition(":")
        if kind == "version":
            return cls(classifier_version_id=name)
        policy_id, _, version = name.rpartition("/")
        return cls(policy_id, int(version))

    def is_behind(self, application: ApplicationRow) -> bool:
        """Tell whether labels of an application may rest on it."""
        if self.classifier_version_id is not None:
            return self.classifier_version_id in application.basis["versions"].values()
        return application.basis["policies"].get(self.policy_id or "") == self.policy_version

    def rows(self, labels: pa.Table) -> pa.Array:
        """Return for each label whether it rests on it."""
        if self.classifier_version_id is not None:
            return pc.fill_null(pc.equal(labels["version_id"], self.classifier_version_id), False)
        return pc.and_(
            pc.equal(labels["policy_id"], self.policy_id),
            pc.equal(labels["policy_version"], self.policy_version),
        )


def begin_undo(
    workspace: Workspace,
    actor: AnyActor,
    *,
    policy: str | None = None,
    version: int | None = None,
    classifier_version: str | None = None,
    reason: str = "",
) -> Undone:
    """Record that a policy's version (the newest unless named) or a classifier's is undone.

    From then on nothing is assigned because of it; ``undo_location`` takes back what was. Undoing
    twice changes nothing.

    Raises:
        InvalidInput: code ``nothing-to-undo``; neither or both are named.
        NotFound: codes ``unknown-policy``, ``unknown-policy-version``, ``unknown-version``.
        NotPermitted: the actor may not write policies of that kind, or not label.
    """
    with transaction(workspace, actor, None) as tx:
        undone = _undone(tx, policy, version, classifier_version)
        if undone.subject not in _recorded(tx.session):
            tx.session.add(
                UndoRow(
                    policy_id=undone.policy_id, policy_version=undone.policy_version,
                    classifier_version_id=undone.classifier_version_id, reason=reason,
                    actor=tx.actor, at=tx.at,
                )
            )  # fmt: skip
            tx.audit(AuditAction.UNDONE, undone.subject, reason=reason)
        tx.mark_due(UNDO_DUE, undone.subject)
    return undone


def plan_undo(
    workspace: Workspace,
    actor: AnyActor,
    *,
    policy: str | None = None,
    version: int | None = None,
    classifier_version: str | None = None,
) -> tuple[Undone, dict[str, int]]:
    """Return what an undoing would undo, and location → active labels that it would take back.

    Raises: as ``begin_undo``.
    """
    with snapshot(workspace, actor, None) as tx:
        undone = _undone(tx, policy, version, classifier_version)
        last = [
            current_application(tx.session, name) for name in locations_to_undo(workspace, undone)
        ]
    store = workspace.artifacts
    return undone, {
        each.location: sum(
            pc.sum(undone.rows(pa.Table.from_batches([batch]))).as_py() or 0
            for batch in store.batches(store.reference(each.labels_sha256))
        )
        for each in last
        if each is not None
    }


def undone_on_record(workspace: Workspace, actor: AnyActor, subject: str) -> Undone:
    """Return what a subject names, once somebody who may undo it has done so.

    Raises:
        NotPermitted: the actor may not undo it.
        InvalidInput: code ``nothing-to-undo``; nothing of that name was undone.
    """
    with workspace.registry.reading() as session:
        known = _recorded(session)
    if subject in known:
        undone = Undone.named(subject)
        with snapshot(workspace, actor, None) as tx:
            _undone(tx, undone.policy_id, undone.policy_version, undone.classifier_version_id)
        return undone
    raise InvalidInput(
        "nothing-to-undo",
        f"Nothing named {subject!r} was undone, so no label is taken back for it.",
        {"subject": subject},
        Remedy(NextStep.UNDO_POLICY),
    )


def _undone(
    tx: Transaction, policy: str | None, version: int | None, classifier_version: str | None
) -> Undone:
    if (policy is None) == (classifier_version is None):
        raise InvalidInput(
            "nothing-to-undo",
            "Name either a policy or a version of a classifier to undo: `cultivar policy undo "
            "NAME`, or `cultivar policy undo --classifier-version ID`.",
        )
    if policy is not None:
        return _of_policy(tx, policy, version)
    return _of_classifier(tx, classifier_version or "")


def _of_policy(tx: Transaction, name: str, version: int | None) -> Undone:
    row = policy_row(tx.session, name)
    policy = version_of(tx.session, row, version)
    tx.allow(PERMISSION_FOR[policy.kind])
    return Undone(row.id, policy.version)


def _of_classifier(tx: Transaction, version_id: str) -> Undone:
    tx.allow(Action.LABEL)
    if tx.session.get(VersionRow, version_id) is None:
        known = tx.session.scalars(select(VersionRow.id)).all()
        raise unknown("version", version_id, known, {})
    return Undone(classifier_version_id=version_id)


def _recorded(session: Session) -> set[str]:
    return {
        Undone(row.policy_id, row.policy_version, row.classifier_version_id).subject
        for row in session.scalars(select(UndoRow))
    }


def locations_to_undo(workspace: Workspace, undone: Undone) -> list[str]:
    """Return the locations whose active labels may rest on what is undone."""
    with workspace.registry.reading() as session:
        names = session.scalars(select(ApplicationRow.location).distinct()).all()
        last = [current_application(session, name) for name in sorted(names)]
    return [each.location for each in last if each is not None and undone.is_behind(each)]


def undo_location(
    workspace: Workspace, actor: AnyActor, location: str, undone: Undone, run_id: str | None = None
) -> int:
    """Take back a location's labels that rest on what is undone; return how many there were.

    Raises:
        Conflict: code ``changed-meanwhile``; another application came in between.
    """
    with workspace.registry.reading() as session:
        last = current_application(session, location)
    if last is None or not undone.is_behind(last):
        return 0
    labels = workspace.artifacts.reference(last.labels_sha256)
    left = _write(workspace, LABELS.name, labels, _left(workspace, labels, undone))
    gone = _write(workspace, LABEL_CHANGES.name, labels, _gone(workspace, labels, undone))
    counts = {**last.counts, "labels": left.rows, "removed": gone.rows, "unchanged": left.rows}
    counts |= {"added": 0, "changed": 0, "renewed": 0, "carried": 0}
    with transaction(workspace, actor, None) as tx:
        now = current_application(tx.session, location)
        if now is None or now.number != last.number:
            raise _overtaken(location)
        activate(
            tx, location, UNDO, (left, gone), last=now, basis=_basis(last, undone), counts=counts,
            run_id=run_id,
        )  # fmt: skip
    return gone.rows


def finish_undo(workspace: Workspace, actor: AnyActor, undone: Undone) -> None:
    """Tick an undoing off once every location is done."""
    with transaction(workspace, actor, None) as tx:
        tx.clear_due(UNDO_DUE, undone.subject)


def _overtaken(location: str) -> Conflict:
    return Conflict(
        "changed-meanwhile",
        f"Labels were applied at {location} at the same moment, so nothing was undone there. "
        "Repeat the undoing.",
        {"location": location},
    )


def _basis(last: ApplicationRow, undone: Undone) -> Basis:
    """Return what the labels that are left follow from.

    They are not what an evaluation would give: that is due as soon as something else may take the
    place of what was undone, so the basis equals none.
    """
    kept = last.basis.copy()
    kept["policies"] = {
        name: version
        for name, version in kept["policies"].items()
        if (name, version) != (undone.policy_id, undone.policy_version)
    }
    kept["versions"] = {
        name: version
        for name, version in kept["versions"].items()
        if version != undone.classifier_version_id
    }
    kept["undone"] = sorted({*kept["undone"], undone.subject})
    kept["partial"] = undone.subject
    return kept


def _write(
    workspace: Workspace, schema: str, labels: ArtifactReference, rows: Iterator[pa.Table]
) -> ArtifactReference:
    return workspace.artifacts.write(
        schema, rows, producer=Producer.UNDO, inputs={"before": labels}
    )


def _left(workspace: Workspace, labels: ArtifactReference, undone: Undone) -> Iterator[pa.Table]:
    for batch in workspace.artifacts.batches(labels):
        table = pa.Table.from_batches([batch])
        yield table.filter(pc.invert(undone.rows(table)))
    yield LABELS.arrow.empty_table()


def _gone(workspace: Workspace, labels: ArtifactReference, undone: Undone) -> Iterator[pa.Table]:
    for batch in workspace.artifacts.batches(labels):
        table = pa.Table.from_batches([batch])
        found = table.filter(undone.rows(table))
        yield changes_between(found, LABELS.arrow.empty_table(), {}).changes
    yield LABEL_CHANGES.arrow.empty_table()
