"""One crawled item, found by its id or its path, and opened: the opening is recorded first.

It reads the newest crawls; it does not go to the content's own store.
"""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from cultivar.core.errors import InvalidInput, NotFound
from cultivar.core.roles import Action
from cultivar.operations.deeds import doing, viewing
from cultivar.store.tables import LocationRow
from cultivar.store.workspace import Workspace

SHORTEST_ID = 6
_LISTED = 5
_SHOWN = [
    "item_id", "location", "workload", "path", "folder", "name", "url", "media_type", "size",
    "created_at", "modified_at", "language", "status", "reason", "title", "text",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Content:
    """An item with its text; ``reason`` says why there is none."""

    item_id: str
    location: str
    workload: str
    path: str
    folder: str
    name: str
    url: str
    media_type: str
    size: int
    created_at: datetime
    modified_at: datetime
    language: str | None
    status: str
    reason: str | None
    title: str | None
    text: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Found:
    """Where an item's row stands: the items artifact, its row group, and the row in it."""

    item_id: str
    location: str
    items_sha256: str
    group: int
    row: int


def open_item(
    workspace: Workspace, actor: str, item: str, *, location: str | None = None, why: str = "opened"
) -> Content:
    """Return an item (id, how it begins, or path) with its text.

    That the actor opened it, and ``why``, is on record before the content is handed over.

    Raises:
        NotPermitted: the actor may not read the area, or not open content.
        NotFound: code ``unknown-item``.
    """
    with viewing(workspace, actor, Action.READ) as deed:
        deed.allow(Action.OPEN_CONTENT)
    found = find_item(workspace, item, location=location, purposes=None)
    with doing(workspace, actor, Action.OPEN_CONTENT) as deed:
        deed.record("content opened", f"item:{found.item_id}", location=found.location, reason=why)
    return _content(workspace, found)


def _content(workspace: Workspace, found: Found) -> Content:
    store = workspace.artifacts
    with store.open(store.reference(found.items_sha256)) as file:
        group = file.read_row_group(found.group, columns=_SHOWN)
    [row] = group.slice(found.row, 1).to_pylist()
    return Content(**row)


def find_item(
    workspace: Workspace,
    item: str,
    *,
    location: str | None = None,
    purposes: Collection[str] | None = ("content",),
) -> Found:
    """Return where a crawled item stands, by its id (or how it begins) or its path.

    Raises:
        NotFound: code ``unknown-item``.
        InvalidInput: code ``ambiguous-item``; it fits several items.
    """
    query = select(LocationRow.name, LocationRow.items_sha256).where(
        LocationRow.items_sha256.is_not(None)
    )
    query = query.where(LocationRow.name == location) if location is not None else query
    query = query.where(LocationRow.purpose.in_(purposes)) if purposes is not None else query
    with workspace.registry.reading() as session:
        places = session.execute(query.order_by(LocationRow.name)).all()
    found = [
        each for name, sha256 in places for each in _found_in(workspace, name, sha256 or "", item)
    ]
    # the whole id means that one item, whatever else is named so
    chosen = [each for each in found if each.item_id == item] or found
    if len(chosen) > 1:
        listed = ", ".join(f"{each.item_id} ({each.location})" for each in chosen[:_LISTED])
        raise InvalidInput(
            "ambiguous-item",
            f"{item!r} fits {len(chosen)} items: {listed}{' …' if len(chosen) > _LISTED else ''}. "
            "Give the id of one of them.",
        )
    if chosen:
        return chosen[0]
    raise NotFound("unknown-item", f"No crawled item has the id or the path {item!r}.")


def _found_in(workspace: Workspace, location: str, sha256: str, item: str) -> Iterator[Found]:
    import pyarrow.compute as pc  # noqa: PLC0415 - who only asks for a status must not wait for it

    store = workspace.artifacts
    with store.open(store.reference(sha256)) as file:
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group, columns=["item_id", "path"])
            meant = pc.or_(pc.equal(rows["item_id"], item), pc.equal(rows["path"], item))
            if len(item) >= SHORTEST_ID:
                meant = pc.or_(meant, pc.starts_with(rows["item_id"], item))
            for row in pc.indices_nonzero(meant).to_pylist():
                yield Found(rows["item_id"][row].as_py(), location, sha256, group, row)
