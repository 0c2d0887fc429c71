"""Reads what an application changed, or would change, and what was applied when.

It shows items only to those who may see them.
"""

from typing import Any

from sqlalchemy import select

from cultivar.core.roles import Action, AnyActor
from cultivar.operations.policies.policies import allow_reading
from cultivar.operations.transactions import snapshot
from cultivar.store.tables import ApplicationRow
from cultivar.store.workspace import Workspace


def changed_items(
    workspace: Workspace, actor: AnyActor, changes_sha256: str, count: int
) -> list[dict[str, Any]]:
    """Return up to ``count`` changes, what is taken back or changed before what is new.

    Raises:
        NotPermitted: the actor may not see items.
    """
    with snapshot(workspace, actor, Action.SEE_ITEMS):
        pass
    store = workspace.artifacts
    sorts: dict[str, list[dict[str, Any]]] = {"removed": [], "changed": [], "added": []}
    for batch in store.batches(store.reference(changes_sha256)):
        for row in batch.to_pylist():
            kept = sorts.get(row["change"])
            if kept is not None and len(kept) < count:
                kept.append(row)
    return [row for kept in sorts.values() for row in kept][:count]


def applications(workspace: Workspace, actor: AnyActor) -> list[dict[str, Any]]:
    """Return every application, the newest first: cause, counts, versions, run, who and when."""
    with snapshot(workspace, actor, None) as tx:
        allow_reading(tx)
        rows = tx.session.scalars(
            select(ApplicationRow).order_by(ApplicationRow.at.desc(), ApplicationRow.location)
        )
        return [
            {
                "location": row.location,
                "number": row.number,
                "cause": row.cause,
                "counts": row.counts,
                "policies": row.basis["policies"],
                "versions": row.basis["versions"],
                "labels": row.labels_sha256,
                "changes": row.changes_sha256,
                "run": row.run_id,
                "actor": row.actor,
                "at": row.at,
            }
            for row in rows
        ]
