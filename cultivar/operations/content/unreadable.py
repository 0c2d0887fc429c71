"""Which items of a location could not be read, or not in full, and why.

It only lists; what a status means is decided in ``content``.
"""

from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from cultivar.content.locations import Source
from cultivar.core.roles import Action, AnyActor
from cultivar.core.texts.reading_status import OK
from cultivar.operations.content.locations import items_of
from cultivar.operations.transactions import snapshot
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class UnreadableItem:
    """An item without text, or with a part of it: where it is, its status, and the reason."""

    item_id: str
    path: str
    status: str
    reason: str


def unreadable_items(workspace: Workspace, actor: AnyActor, location: str) -> list[UnreadableItem]:
    """Return a crawled location's items that are not read, or in part, in path order.

    Raises:
        NotPermitted: the actor may not see items.
        NotFound: code ``unknown-location``.
        NotReady: code ``not-crawled``.
    """
    with snapshot(workspace, actor, Action.SEE_ITEMS):
        known = items_of(workspace, Source(location))
    reference = workspace.artifacts.reference(known.items_sha256)
    columns = ["item_id", "path", "status", "reason"]
    found: list[dict[str, Any]] = []
    for batch in workspace.artifacts.batches(reference, columns=columns):
        found += batch.filter(pc.not_equal(batch.column("status"), OK)).to_pylist()
    return [UnreadableItem(**row | {"reason": row["reason"] or ""}) for row in found]
