"""What a crawl noticed beside its items: folders it could not list, emptied mailboxes, copies.

Names are for those who may see items; the audit log holds ids, and no path.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from cultivar.content.crawl.identities import TRACED, trace_of
from cultivar.core.audit_actions import AuditAction
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.content.left_items import resting_on
from cultivar.operations.content.locations import NOTICED, location_row
from cultivar.operations.transactions import Transaction, snapshot
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Noticed:
    """``unlisted`` says why a folder could not be listed, ``emptied`` how many items a file held.

    ``undecided`` are ids of items that came to one of several copies where nothing told which of
    them it is.
    """

    unlisted: Mapping[str, str] = field(default_factory=dict)
    emptied: Mapping[str, int] = field(default_factory=dict)
    undecided: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A folder that the last crawl could not list, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Emptied:
    """A mailbox or an archive that held items before the last crawl, and holds none."""

    path: str
    held: int


@dataclass(frozen=True, slots=True)
class FoundTwice:
    """An item of which there are copies: what people gave stays with the one at ``path``."""

    item_id: str
    path: str
    copies: tuple[str, ...]
    resting: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoticedAt:
    """What the last crawl of a location noticed, by name."""

    unlisted: tuple[Unlisted, ...] = ()
    emptied: tuple[Emptied, ...] = ()
    found_twice: tuple[FoundTwice, ...] = ()


def record_noticed(
    tx: Transaction, location: str, noticed: Noticed, ids: Mapping[str, str]
) -> dict[str, Any]:
    """Put on record what was noticed, and return it as the location's row keeps it.

    ``ids`` maps the path of each emptied file to its id.
    """
    for path, held in noticed.emptied.items():
        tx.audit(
            AuditAction.MAILBOX_EMPTIED, f"item:{ids[path]}", location=location, held=held
        )  # fmt: skip
    before = (location_row(tx.session, location).crawl or {}).get(NOTICED, {})
    told = set(before.get("found_twice", ()))
    resting = resting_on(tx.session, [*told, *noticed.undecided])
    for item_id in noticed.undecided:
        if item_id in resting and item_id not in told:
            tx.audit(AuditAction.ITEM_FOUND_TWICE, f"item:{item_id}", location=location)
    return {
        "unlisted": dict(noticed.unlisted),
        "emptied": dict(noticed.emptied),
        "found_twice": sorted(each for each in {*told, *noticed.undecided} if each in resting),
    }


def ids_at(workspace: Workspace, items_sha256: str, paths: Collection[str]) -> dict[str, str]:
    """Return path → item id, of a few paths."""
    if not paths:
        return {}
    reference = workspace.artifacts.reference(items_sha256)
    wanted = pa.array(sorted(paths), pa.string())
    found: dict[str, str] = {}
    for batch in workspace.artifacts.batches(reference, columns=["path", "item_id"]):
        rows = batch.filter(pc.is_in(batch.column("path"), value_set=wanted)).to_pylist()
        found |= {row["path"]: row["item_id"] for row in rows}
    return found


def noticed_at(workspace: Workspace, actor: AnyActor, location: str) -> NoticedAt:
    """Return what the last crawl of a location noticed, by name.

    Raises:
        NotPermitted: the actor may not see items.
        NotFound: code ``unknown-location``.
    """
    with snapshot(workspace, actor, Action.SEE_ITEMS) as tx:
        row = location_row(tx.session, location)
        told = (row.crawl or {}).get(NOTICED, {})
        twice = told.get("found_twice", [])
        resting = {
            item: said for item, said in resting_on(tx.session, twice).items() if item in twice
        }
        items = row.items_sha256
    return NoticedAt(
        tuple(Unlisted(*each) for each in sorted(told.get("unlisted", {}).items())),
        tuple(Emptied(*each) for each in sorted(told.get("emptied", {}).items())),
        tuple(_copies(workspace, items, resting)) if items and resting else (),
    )


def _copies(
    workspace: Workspace, items_sha256: str, resting: Mapping[str, tuple[str, ...]]
) -> list[FoundTwice]:
    reference = workspace.artifacts.reference(items_sha256)
    batches = workspace.artifacts.batches(reference, columns=TRACED)
    traces = [trace_of(row) for batch in batches for row in batch.to_pylist()]
    held = {each.item_id: each for each in traces if each.item_id in resting}
    found = []
    for item_id, trace in sorted(held.items(), key=lambda pair: pair[1].path):
        copies = [
            each.path
            for each in traces
            if each.item_id != item_id and trace.content and each.content == trace.content
        ]
        if copies:
            found.append(FoundTwice(item_id, trace.path, tuple(copies), resting[item_id]))
    return found
