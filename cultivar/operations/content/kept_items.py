"""Items that something given by a person rests on: found again by the next crawl, or reported.

A label by hand (a hold is one) or a verdict of an item that no crawl finds any more is kept, and
stands again when the item returns: with its Message-ID, its content or its store's id, wherever
in the location. No new item takes its place.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from cultivar.content.identities import TRACED, trace_of
from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Damaged
from cultivar.core.identity.matching import Trace
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.transactions import Transaction, snapshot
from cultivar.store.item_rows import item_rows
from cultivar.store.tables import (
    FeedbackRow,
    KeptItemRow,
    LocationRow,
    PersonLabelRow,
    ReleaseItemRow,
    ReviewRow,
)
from cultivar.store.workspace import Workspace

_FEW = 1_000


@dataclass(frozen=True, slots=True)
class LeftItem:
    """An item that crawls do not find any more, and what rests on it, in words."""

    item_id: str
    location: str
    path: str
    left_at: datetime
    resting: tuple[str, ...]


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
    resting = _resting(tx.session, [row.item_id])[row.item_id]
    tx.audit(
        AuditAction.ITEM_NOT_FOUND_AGAIN, f"item:{row.item_id}", location=row.location,
        resting=list(resting),
    )  # fmt: skip
    return True


def _describe(row: KeptItemRow, trace: Trace) -> None:
    row.path, row.content = trace.path, trace.content
    row.message_id, row.store_id = trace.message_id, trace.store_id


def _rows(session: Session, location: str) -> Iterable[KeptItemRow]:
    return session.scalars(select(KeptItemRow).where(KeptItemRow.location == location))


def left_traces(workspace: Workspace, location: str, *, all_of_them: bool = False) -> list[Trace]:
    """Return the items of a location that left and may return.

    ``all_of_them`` is for a crawl that has no earlier one to build on.
    """
    with workspace.registry.reading() as session:
        return [
            Trace(row.item_id, row.path, row.content, row.message_id, row.store_id, has_left=True)
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
        resting = _resting(session).keys()
        held = {row.item_id: row for row in _rows(session, location)}
        missing = {
            item_id: Trace(item_id, row.path, row.content, row.message_id, row.store_id)
            for item_id, row in held.items()
            if item_id in resting
        }
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


def left_items(
    workspace: Workspace, actor: AnyActor, location: str | None = None
) -> list[LeftItem]:
    """Return the items that left although something rests on them, the latest first.

    Raises:
        NotPermitted: the actor may not see items.
    """
    query = select(KeptItemRow).where(KeptItemRow.left_at.is_not(None))
    query = query.where(KeptItemRow.location == location) if location is not None else query
    with snapshot(workspace, actor, Action.SEE_ITEMS) as tx:
        rows = tx.session.scalars(query).all()
        resting = _resting(tx.session, [row.item_id for row in rows])
        found = [
            LeftItem(row.item_id, row.location, row.path, row.left_at, resting[row.item_id])
            for row in rows
            if row.left_at is not None and row.item_id in resting
        ]
    return sorted(found, key=lambda each: (-each.left_at.timestamp(), each.location, each.path))


def left_item_id(workspace: Workspace, item: str) -> str | None:
    """Return the id of the one item that left and has this id or had this path; else None."""
    query = select(KeptItemRow.item_id).where(
        KeptItemRow.left_at.is_not(None), or_(KeptItemRow.item_id == item, KeptItemRow.path == item)
    )
    with workspace.registry.reading() as session:
        found = session.scalars(query).all()
    return found[0] if len(found) == 1 else None


def how_many_left(workspace: Workspace) -> dict[str, int]:
    """Return how many such items there are, by location, where any."""
    query = select(KeptItemRow.location, KeptItemRow.item_id).join(
        LocationRow, LocationRow.name == KeptItemRow.location
    )
    with workspace.registry.reading() as session:
        rows = session.execute(query.where(KeptItemRow.left_at.is_not(None))).all()
        resting = _resting(session, [item for _, item in rows])
    counts: dict[str, int] = defaultdict(int)
    for location, item in rows:
        counts[location] += item in resting
    return {name: count for name, count in sorted(counts.items()) if count}


def _resting(session: Session, items: Collection[str] | None = None) -> dict[str, tuple[str, ...]]:
    """Return what people gave each item, in words; of some items at least, or of all."""
    found: dict[str, list[str]] = defaultdict(list)
    for item_id, said in chain(_labels(session, items), _verdicts(session, items)):
        found[item_id].append(said)
    return {item: tuple(said) for item, said in found.items()}


def _labels(session: Session, items: Collection[str] | None) -> Iterator[tuple[str, str]]:
    for row in session.scalars(_of(select(PersonLabelRow), PersonLabelRow, items)):
        given = f"{row.kind} {row.label} given" if row.label else f"{row.kind} taken away"
        yield row.item_id, f"{given} by {row.person}"


def _verdicts(session: Session, items: Collection[str] | None) -> Iterator[tuple[str, str]]:
    latest: dict[tuple[str, str, str], FeedbackRow] = {}
    for given in session.scalars(_of(select(FeedbackRow), FeedbackRow, items).order_by("id")):
        latest[given.classifier_id, given.item_id, given.person] = given
    for given in latest.values():
        if given.verdict is not None:
            said = f"verdict {given.verdict} on {given.classifier_id} by {given.person}"
            yield given.item_id, said
    drawn = _of(select(ReleaseItemRow), ReleaseItemRow, items)
    for row in session.scalars(drawn.where(ReleaseItemRow.verdict.is_not(None))):
        yield row.item_id, f"verdict {row.verdict} in a release sample"
    for review in session.scalars(_of(select(ReviewRow), ReviewRow, items)):
        yield review.item_id, f"review {review.verdict} of {review.classifier_id}"


def _of(query: Any, row: Any, items: Collection[str] | None) -> Any:
    # databases bound the length of a list
    few = items is not None and len(items) <= _FEW
    return query.where(row.item_id.in_(list(items or ()))) if few else query
