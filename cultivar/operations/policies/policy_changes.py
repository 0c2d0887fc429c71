"""Reads what an application changed, or would change, and what was applied when.

It shows items only to those who may see them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from cultivar.core.roles import Action, AnyActor
from cultivar.operations.policies.policies import allow_reading
from cultivar.operations.transactions import snapshot
from cultivar.store.tables import ApplicationRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ChangedLabel:
    """One label that an application changes: a row of the artifact ``label_changes``.

    ``before`` and ``after`` name the label, and are None where there is none.
    """

    item_id: str
    location: str
    path: str
    source_path: str
    kind: str
    slot: str
    change: str
    before: str | None
    before_policy_id: str | None
    before_policy_version: int | None
    after: str | None
    after_policy_id: str | None
    after_policy_version: int | None


@dataclass(frozen=True, slots=True)
class Application:
    """Policies applied at a location: why, what changed, by which versions, and by whom.

    ``counts`` maps a kind of change to how many labels it is about; ``policies`` a policy's id to
    the version applied; ``versions`` a classifier to its version. ``labels`` and ``changes`` are
    the sha256 of the artifacts.
    """

    location: str
    number: int
    cause: str
    counts: Mapping[str, int]
    policies: Mapping[str, int]
    versions: Mapping[str, str]
    labels: str
    changes: str
    run: str | None
    actor: str
    at: datetime


def changed_items(
    workspace: Workspace, actor: AnyActor, changes_sha256: str, count: int
) -> list[ChangedLabel]:
    """Return up to ``count`` changes, what is taken back or changed before what is new.

    Raises:
        NotPermitted: the actor may not see items.
    """
    with snapshot(workspace, actor, Action.SEE_ITEMS):
        pass
    store = workspace.artifacts
    sorts: dict[str, list[ChangedLabel]] = {"removed": [], "changed": [], "added": []}
    for batch in store.batches(store.reference(changes_sha256)):
        for row in batch.to_pylist():
            kept = sorts.get(row["change"])
            if kept is not None and len(kept) < count:
                kept.append(ChangedLabel(**row))
    return [row for kept in sorts.values() for row in kept][:count]


def applications(workspace: Workspace, actor: AnyActor) -> list[Application]:
    """Return every application, the newest first."""
    with snapshot(workspace, actor, None) as tx:
        allow_reading(tx)
        rows = tx.session.scalars(
            select(ApplicationRow).order_by(ApplicationRow.at.desc(), ApplicationRow.location)
        )
        return [
            Application(
                location=row.location,
                number=row.number,
                cause=row.cause,
                counts=row.counts,
                policies=row.basis["policies"],
                versions=row.basis["versions"],
                labels=row.labels_sha256,
                changes=row.changes_sha256,
                run=row.run_id,
                actor=row.actor,
                at=row.at,
            )
            for row in rows
        ]
