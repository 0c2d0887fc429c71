"""Labels that a person sets, takes away, or leaves to the policies again.

What a person decided stays: no policy overwrites it, and only a person takes it back.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from cultivar.core.errors import InvalidInput, NotFound
from cultivar.core.policies.policy import DEEDS, Kind
from cultivar.operations.deeds import Deed, doing, viewing
from cultivar.operations.policies import allow_reading
from cultivar.store.tables import LocationRow, PersonLabelRow
from cultivar.store.workspace import Workspace

SHORTEST_ID = 6


@dataclass(frozen=True, slots=True)
class PersonLabel:
    """A person's decision on one item; ``label`` None says that it has none of that kind."""

    item_id: str
    location: str
    kind: str
    label: str | None
    person: str
    at: datetime


def set_label(
    workspace: Workspace, actor: str, item: str, kind: str, label: str | None
) -> PersonLabel:
    """Give an item (id, how it begins, or path) a label by hand; None takes it away for good.

    It stands at once, and in place of a policy's label of that kind from the next application on.

    Raises:
        InvalidInput: codes ``unknown-kind``, ``no-label``.
        NotFound: code ``unknown-item``.
        NotPermitted: the actor may not write policies of that kind.
    """
    named = _labelled_kind(kind)
    if label is not None and not label.strip():
        raise InvalidInput("no-label", "No label is named.")
    with viewing(workspace, actor, DEEDS[named]):
        pass
    item_id, location = find_item(workspace, item)
    with doing(workspace, actor, DEEDS[named]) as deed:
        row = deed.session.get(PersonLabelRow, (item_id, str(named)))
        if row is None:
            row = PersonLabelRow(item_id=item_id, kind=str(named))
            deed.session.add(row)
        row.location, row.label = location, label and label.strip()
        row.person, row.at = actor, deed.at
        _record(deed, "label set by hand" if label else "label taken away by hand", row)
        return _plain(row)


def release_label(workspace: Workspace, actor: str, item: str, kind: str) -> bool:
    """Leave an item's label of a kind to the policies again; return whether a person held it.

    Raises: as ``set_label``.
    """
    named = _labelled_kind(kind)
    with viewing(workspace, actor, DEEDS[named]):
        pass
    item_id, _ = find_item(workspace, item)
    with doing(workspace, actor, DEEDS[named]) as deed:
        row = deed.session.get(PersonLabelRow, (item_id, str(named)))
        if row is None:
            return False
        _record(deed, "label left to the policies", row)
        deed.session.delete(row)
    return True


def peoples_labels(workspace: Workspace, actor: str) -> list[PersonLabel]:
    """Return every label that a person decided, by location and item."""
    with viewing(workspace, actor, None) as deed:
        allow_reading(deed)
        rows = deed.session.scalars(
            select(PersonLabelRow).order_by(PersonLabelRow.location, PersonLabelRow.item_id)
        )
        return [_plain(row) for row in rows]


def find_item(workspace: Workspace, item: str) -> tuple[str, str]:
    """Return the id and the location of a crawled item, by its id (or how it begins) or its path.

    Raises:
        NotFound: code ``unknown-item``.
    """
    with workspace.registry.reading() as session:
        places = session.execute(
            select(LocationRow.name, LocationRow.items_sha256)
            .where(LocationRow.items_sha256.is_not(None), LocationRow.purpose == "content")
            .order_by(LocationRow.name)
        ).all()
    for name, sha256 in places:
        found = _item_in(workspace, sha256 or "", item)
        if found is not None:
            return found, name
    raise NotFound("unknown-item", f"No crawled item has the id or the path {item!r}.")


def _item_in(workspace: Workspace, sha256: str, item: str) -> str | None:
    store = workspace.artifacts
    for batch in store.batches(store.reference(sha256), ["item_id", "path"], 65_536):
        ids, paths = (column.to_pylist() for column in batch.columns)
        for item_id, path in zip(ids, paths, strict=True):
            if item in (path, item_id) or (len(item) >= SHORTEST_ID and item_id.startswith(item)):
                return str(item_id)
    return None


def _labelled_kind(kind: str) -> Kind:
    known = {str(each): each for each in (Kind.SENSITIVITY, Kind.RETENTION)}
    short = {each.split()[0]: each for each in known}
    found = known.get(short.get(kind, kind))
    if found is None:
        raise InvalidInput(
            "unknown-kind",
            f"{kind!r} is no kind of label that a person sets. There are: {', '.join(known)}.",
        )
    return found


def _record(deed: Deed, action: str, row: PersonLabelRow) -> None:
    deed.record(
        action, f"item:{row.item_id}", location=row.location, kind=row.kind, label=row.label
    )


def _plain(row: PersonLabelRow) -> PersonLabel:
    return PersonLabel(row.item_id, row.location, row.kind, row.label, row.person, row.at)
