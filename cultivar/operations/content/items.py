"""One crawled item, found by its id or its path, and opened: the opening is recorded first.

It reads the newest crawls; it does not go to the content's own store.
"""

import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import InvalidInput, NotFound
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.roles import Action, AnyActor
from cultivar.core.texts.own_words import TEXT_COLUMNS, own_words_of
from cultivar.operations.content.locations import location_named
from cultivar.operations.transactions import snapshot, transaction
from cultivar.store.parts.reading import PartRows
from cultivar.store.tables import LocationRow
from cultivar.store.workspace import Workspace

SHORTEST_ID = 6
_LISTED = 5
# How what a person wrote fits an item, the surest way first: only the items that fit best count.
_WHOLE_ID, _PATH, _BEGINNING, _NAME = range(4)
NAMED = ("item_id", "path", "name")
_SHOWN = [
    "item_id", "location", "workload", "path", "folder", "name", "url", "media_type", "size",
    "created_at", "modified_at", "language", "status", "reason", "title", "text",
]  # fmt: skip
_MOMENTS = ["created_at", "modified_at"]


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


@dataclass(frozen=True, slots=True)
class Found:
    """Where an item's row stands: the part of the items, its row group, and the row in it."""

    item_id: str
    location: str
    part_sha256: str
    group: int
    row: int
    path: str
    fit: int


def open_item(
    workspace: Workspace,
    actor: AnyActor,
    item: str,
    *,
    location: str | None = None,
    why: str = "opened",
) -> Content:
    """Return an item, named as ``find_item`` allows, with its text.

    That the actor opened it, and ``why``, is on record before the content is handed over.

    Raises:
        NotPermitted: the actor may not read the area, or not open content.
        NotFound: code ``unknown-item``.
    """
    return _content(workspace, _opened(workspace, actor, item, location, why))


def counted_text_of(workspace: Workspace, actor: AnyActor, item: str, *, why: str) -> str:
    """Return what counts of an item's text for learning and scoring; recorded as ``open_item`` is.

    Raises:
        NotPermitted: the actor may not read the area, or not open content.
        NotFound: code ``unknown-item``.
    """
    found = _opened(workspace, actor, item, None, why)
    store = workspace.artifacts
    with store.open(store.reference(found.part_sha256)) as file:
        rows = file.read_row_group(found.group, columns=[*TEXT_COLUMNS]).slice(found.row, 1)
    [row] = rows.to_pylist()
    return own_words_of(row) or ""


def _opened(
    workspace: Workspace, actor: AnyActor, item: str, location: str | None, why: str
) -> Found:
    with snapshot(workspace, actor, None) as tx:
        tx.allow(Action.OPEN_CONTENT, Action.READ)
    found = find_item(workspace, item, location=location, purposes=None)
    with transaction(workspace, actor, Action.OPEN_CONTENT) as tx:
        tx.audit(
            AuditAction.CONTENT_OPENED, f"item:{found.item_id}", location=found.location, reason=why
        )
    return found


def _content(workspace: Workspace, found: Found) -> Content:
    store = workspace.artifacts
    with store.open(store.reference(found.part_sha256)) as file:
        row = file.read_row_group(found.group, columns=_SHOWN).slice(found.row, 1)
    # as numbers, since reading moments as such would import pandas, which takes a second
    numbers = {name: row[name].cast("int64").to_pylist()[0] for name in _MOMENTS}
    [values] = row.drop_columns(_MOMENTS).to_pylist()
    return Content(**values | {name: _moment(numbers[name]) for name in _MOMENTS})


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)


def find_item(
    workspace: Workspace,
    item: str,
    *,
    location: str | None = None,
    purposes: Collection[str] | None = ("content",),
) -> Found:
    """Return where a crawled item stands.

    It may be named by all that is shown of it: its id or how that begins (six characters or more),
    its path with or without the location before it, folder and name, or the name alone. Accents
    and Hangul may be written in one character or in parts.

    Raises:
        NotFound: codes ``unknown-item``, ``unknown-location``.
        InvalidInput: code ``ambiguous-item``; it fits several items.
    """
    if location is not None:
        location_named(workspace, location)
    query = select(LocationRow.name, LocationRow.items_sha256).where(
        LocationRow.items_sha256.is_not(None)
    )
    query = query.where(LocationRow.name == location) if location is not None else query
    query = query.where(LocationRow.purpose.in_(purposes)) if purposes is not None else query
    with workspace.registry.reading() as session:
        places = session.execute(query.order_by(LocationRow.name)).all()
    wanted = item.removeprefix("item:")
    for folded in (False, True):
        found = [
            each
            for name, sha256 in places
            for each in _found_in(workspace, name, sha256 or "", wanted, folded=folded)
        ]
        if found:
            break
    best = min((each.fit for each in found), default=None)
    chosen = [each for each in found if each.fit == best]
    if len(chosen) > 1:
        raise _ambiguous(item, chosen)
    if chosen:
        return chosen[0]
    raise NotFound(
        "unknown-item",
        f"No crawled item has the id, the path or the name {item!r}; the beginning of an id has "
        "six characters or more.",
        remedy=Remedy(NextStep.LIST_ITEMS),
    )


def item_id_of(workspace: Workspace, actor: AnyActor, item: str) -> str:
    """Return the id of a crawled item, named as ``find_item`` allows.

    Raises:
        NotPermitted: the actor may not read the area, or not see items.
        NotFound, InvalidInput: as ``find_item``.
    """
    with snapshot(workspace, actor, None) as tx:
        tx.allow(Action.SEE_ITEMS, Action.READ)
    return find_item(workspace, item).item_id


def _ambiguous(item: str, chosen: Sequence[Found]) -> InvalidInput:
    first = sorted(chosen, key=lambda each: (each.location, each.path))[:_LISTED]
    listed = ", ".join(f"{each.item_id} ({each.location}/{each.path})" for each in first)
    more = " …" if len(chosen) > _LISTED else ""
    return InvalidInput(
        "ambiguous-item",
        f"{item!r} fits {len(chosen)} items: {listed}{more}. Give the id of one of them.",
    )


def _found_in(
    workspace: Workspace, location: str, sha256: str, item: str, *, folded: bool
) -> Iterator[Found]:
    def meant(rows: "pa.Table") -> "pa.Array":
        masks = [mask for _, mask in fits(rows, location, item, folded=folded)]
        return reduce(pc.or_, masks)

    store, named = workspace.artifacts, list(NAMED)
    for each in PartRows(store, store.reference(sha256)).chosen(named, meant, named):
        rows = each.rows
        for fit, mask in fits(rows, location, item, folded=folded):
            for row in pc.indices_nonzero(mask).to_pylist():
                item_id, path = rows["item_id"][row].as_py(), rows["path"][row].as_py()
                within = int(each.within[row])
                yield Found(item_id, location, each.part, each.group, within, path, fit)


def fits(
    rows: "pa.Table | pa.RecordBatch", location: str, item: str, *, folded: bool = False
) -> "Iterator[tuple[int, pa.Array]]":
    """Yield in which way what a person wrote may fit, and which of a location's rows it fits so.

    ``rows`` has the columns ``NAMED``. Names that are ``folded`` are equal whatever the form in
    which Unicode writes their letters.
    """
    location, item = (_folded(each) if folded else each for each in (location, item))

    def is_one_of(column: str, *texts: str) -> "pa.Array":
        # a pattern, as comparing with a value would import pandas, which takes a second
        quoted = "|".join(_quoted(each) for each in texts)
        names = pc.utf8_normalize(rows[column], "NFKC") if folded else rows[column]
        return pc.match_substring_regex(names, rf"\A(?:{quoted})\z")

    yield _WHOLE_ID, is_one_of("item_id", item)
    yield _PATH, is_one_of("path", item, item.removeprefix(f"{location}/"))
    if len(item) >= SHORTEST_ID:
        yield _BEGINNING, pc.starts_with(rows["item_id"], pattern=item)
    yield _NAME, is_one_of("name", item)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _quoted(text: str) -> str:
    """Return a pattern of RE2 that a text alone matches."""
    return "\\Q" + text.replace("\\E", "\\E\\\\E\\Q") + "\\E"
