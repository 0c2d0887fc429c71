"""Items that no crawl finds any more although something that a person gave rests on them.

It reads the registry alone, so that what is left is told at once.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from cultivar.core.roles import Action, AnyActor
from cultivar.operations.transactions import snapshot
from cultivar.store.tables import (
    ContentItemRow,
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
        resting = resting_on(tx.session, [row.item_id for row in rows])
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
        resting = resting_on(session, [item for _, item in rows])
    counts: dict[str, int] = defaultdict(int)
    for location, item in rows:
        counts[location] += item in resting
    return {name: count for name, count in sorted(counts.items()) if count}


def resting_on(
    session: Session, items: Collection[str] | None = None
) -> dict[str, tuple[str, ...]]:
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
    judged = _of(select(ContentItemRow), ContentItemRow, items)
    for each in session.scalars(judged.where(ContentItemRow.verdict.is_not(None))):
        yield each.item_id, f"verdict {each.verdict} from the content of {each.classifier_id}"
    for review in session.scalars(_of(select(ReviewRow), ReviewRow, items)):
        yield review.item_id, f"review {review.verdict} of {review.classifier_id}"


def _of(query: Any, row: Any, items: Collection[str] | None) -> Any:
    # databases bound the length of a list
    few = items is not None and len(items) <= _FEW
    return query.where(row.item_id.in_(list(items or ()))) if few else query
