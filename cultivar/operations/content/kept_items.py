"""Items that something given by a person rests on: found again by the next crawl, or reported.

A label by hand (a hold is one) or a verdict of an item that no crawl finds any more is kept, and
stands again when the item returns: with its Message-ID, its content or its store's id, wherever
in the location. No new item takes its place.
"""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.content.crawl.identities import TRACED, trace_of
from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Damaged
from cultivar.core.identity.matching import Trace
from cultivar.operations.content.left_items import resting_on
from cultivar.operations.transactions import Transaction
from cultivar.store.item_rows import item_rows
from cultivar.store.tables import KeptItemRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Kept:
    """What a crawl of a location means for the items that something rests on."""

    present: Mapping[str, Trace]
    missing: Mapping[str, Trace]

    def record(self, tx: Transaction, location: str) -> int:
        """Keep how the items look now, and put on record which left and which returned.

        Return how many left.
        """
        left = 0
        held = {row.item_id: row for row in _rows(tx.session, location)}
        for item_id, trace in {**self.missing, **self.present}.items():
            row = held.pop(item_id, None)
            if row is None:
                row = KeptItemRow(item_id=item_id, location=location)
                tx.session.add(row)
            if item_id in self.present:
                _found(tx, row, trace)
            else:
                left += _not_found(tx, row, trace)
        for row in held.values():  # nothing rests on them any more
            tx.session.delete(row)
        return left


def _found(tx: Transaction, row: KeptItemRow, trace: Trace) -> None:
    if row.left_at is not None:
        tx.audit(
            AuditAction.ITEM_FOUND_AGAIN, f"item:{row.item_id}", location=row.location,
            left_at=row.left_at.isoformat(),
        )  # fmt: skip
    row.left_at = None
    _describe(row, trace)


def _not_found(tx: Transaction, row: KeptItemRow, trace: Trace) -> bool:
    """Put on record that an item left; tell whether it had not left before."""
    if row.left_at is not None:
        return False
    row.left_at = tx.at
    _describe(row, trace)
    resting = resting_on(tx.session, [row.item_id])[row.item_id]
    tx.audit(
        AuditAction.ITEM_NOT_FOUND_AGAIN, f"item:{row.item_id}", location=row.location,
        resting=list(resting),
    )  # fmt: skip
    return True


def _describe(row: KeptItemRow, trace: Trace) -> None:
    row.path, row.content = trace.path, trace.content
    row.message_id, row.store_id, row.state = trace.message_id, trace.store_id, trace.state


def _trace(row: KeptItemRow) -> Trace:
    return Trace(row.item_id, row.path, row.content, row.message_id, row.store_id, row.state)


def _rows(session: Session, location: str) -> Iterable[KeptItemRow]:
    return session.scalars(select(KeptItemRow).where(KeptItemRow.location == location))


def left_traces(workspace: Workspace, location: str, *, all_of_them: bool = False) -> list[Trace]:
    """Return the items of a location that left and may return.

    ``all_of_them`` is for a crawl that has no earlier one to build on.
    """
    with workspace.registry.reading() as session:
        return [
            replace(_trace(row), has_left=True)
            for row in _rows(session, location)
            if all_of_them or row.left_at is not None
        ]


def kept_by(
    workspace: Workspace, location: str, before_sha256: str | None, items_sha256: str
) -> Kept:
    """Return which items that something rests on a crawl found, and which it did not.

    ``before_sha256`` is the crawl before; nothing is changed.
    """
    with workspace.registry.reading() as session:
        resting = resting_on(session).keys()
        held = {row.item_id: row for row in _rows(session, location)}
        missing = {item_id: _trace(row) for item_id, row in held.items() if item_id in resting}
    if before_sha256 is not None:
        # what cannot be read is known from the crawls before it
        with suppress(Damaged):
            missing |= _traces(workspace, before_sha256, resting)
    present = _traces(workspace, items_sha256, resting)
    return Kept(present, {each: missing[each] for each in missing if each not in present})


def _traces(workspace: Workspace, sha256: str, items: Collection[str]) -> dict[str, Trace]:
    reference = workspace.artifacts.reference(sha256)
    return {
        row["item_id"]: trace_of(row)
        for rows in item_rows(workspace.artifacts, reference, items, TRACED)
        for row in rows.to_pylist()
    }
