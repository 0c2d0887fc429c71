"""The queue of labels to be written into the content's own stores, and the work on it.

What an application changed is queued in steps that are kept together with how far they came; each
write is first looked into, then done, then recorded. A crash at any point repeats at most a verb
that may be repeated: no write is lost, and none is done twice with another outcome.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session, aliased

from cultivar.operations.policies.writers.places import CannotWrite, Place, RetryLater, Writer
from cultivar.store.tables import WriteRow, WrittenRow
from cultivar.store.workspace import Workspace

ATTEMPTS_AT_MOST = 12
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=6)
AT_ONCE = 200
ANOTHER_HAND = "a label that somebody else set stands there"
NOTHING_OF_OURS = "nothing of ours stands there"

Advance = Callable[[int, int | None], None]


@dataclass(slots=True)
class Written:
    """What one pass over the queue did."""

    done: int = 0
    skipped: int = 0
    failed: int = 0
    put_off: int = 0


def write_due(
    workspace: Workspace, writers: Mapping[str, Writer], advance: Advance | None = None
) -> Written:
    """Do every write that is due at this moment and whose writer there is; see ``Written``.

    The writes of one place are done in the order in which they were queued. One that does not work
    is tried again later, twice as late each time, for about half a day.
    """
    found = Written()
    # One that is put off is for a later pass, however long this one takes.
    begun = workspace.clock()
    while due := _due(workspace, list(writers), begun):
        for row in due:
            state = _written(workspace, row, writers[row.writer])
            setattr(found, state, getattr(found, state) + 1)
            if advance is not None:
                advance(found.done, None)
    return found


def _due(workspace: Workspace, names: list[str], begun: datetime) -> list[WriteRow]:
    earlier = aliased(WriteRow)
    before = exists().where(earlier.state == "due", earlier.id < WriteRow.id, *same_place(earlier))
    query = select(WriteRow).where(
        and_(
            WriteRow.state == "due",
            WriteRow.next_at <= begun,
            WriteRow.writer.in_(names),
            ~before,
        )
    )
    with workspace.registry.reading() as session:
        return list(session.scalars(query.order_by(WriteRow.id).limit(AT_ONCE)))


def same_place(other: type[WriteRow]) -> list[ColumnElement[bool]]:
    """Return the conditions under which another write (an alias) is of the same label's place."""
    names = ("writer", "item_id", "kind", "slot")
    return [getattr(other, name) == getattr(WriteRow, name) for name in names]


def _written(workspace: Workspace, row: WriteRow, writer: Writer) -> str:
    try:
        if row.deed == "put":
            return _put(workspace, row, writer)
        return _take(workspace, row, writer)
    except RetryLater as error:
        return _put_off(workspace, row, error)
    except CannotWrite as error:
        return _end(workspace, row, error.state, error.reason)


def _put(workspace: Workspace, row: WriteRow, writer: Writer) -> str:
    place = Place(**row.target)
    again = row.found is not None
    found = row.found if row.found is not None else _look(workspace, row, writer, place)
    if found["label"] is not None and not found["ours"]:
        return _end(workspace, row, "skipped", ANOTHER_HAND)
    # An earlier attempt may have come through; anything else was set since by somebody else.
    if again and not writer.blind:
        stands = writer.look(place)
        if stands not in (None, found["label"], writer.form(row.label)):
            return _end(workspace, row, "skipped", ANOTHER_HAND)
    writer.put(place, row.label, key_of(row))
    return _end(workspace, row, "done", None)


def _look(workspace: Workspace, row: WriteRow, writer: Writer, place: Place) -> dict[str, Any]:
    """Keep what stands there before the first attempt, so that a repetition knows its own label."""
    label = None if writer.blind else writer.look(place)
    with workspace.registry.transaction() as session:
        kept = _held(session, row)
        ours = kept is not None and writer.form(kept.label) == label
        found = {"label": label, "ours": ours}
        session.get_one(WriteRow, row.id).found = found
    return found


def _take(workspace: Workspace, row: WriteRow, writer: Writer) -> str:
    with workspace.registry.reading() as session:
        kept = _held(session, row)
    if kept is None:
        return _end(workspace, row, "done", NOTHING_OF_OURS)
    place = Place(**kept.target)
    if not writer.blind and writer.look(place) != writer.form(kept.label):
        return _end(workspace, row, "done", NOTHING_OF_OURS)
    writer.take(place, kept.label, key_of(row))
    return _end(workspace, row, "done", None)


def key_of(row: WriteRow) -> str:
    """Return the key by which a receiver tells a repetition of one write."""
    parts = (row.location, row.application, row.writer, row.deed, row.item_id, row.kind, row.slot)
    return sha256("\n".join(str(part) for part in parts).encode()).hexdigest()


def _held(session: Session, row: WriteRow) -> WrittenRow | None:
    return session.get(WrittenRow, (row.writer, row.item_id, row.kind, row.slot))


def _end(workspace: Workspace, row: WriteRow, state: str, reason: str | None) -> str:
    """Record how a write ended, and what stands there by it."""
    with workspace.registry.transaction() as session:
        kept = session.get_one(WriteRow, row.id)
        kept.state, kept.reason, kept.ended_at = state, reason, workspace.clock()
        held = _held(session, row)
        # What could not be taken still stands there, and is ours to take another time.
        if row.deed == "take" and held is not None and state != "failed":
            session.delete(held)
        if row.deed == "put" and state == "done":
            if held is None:
                held = WrittenRow(
                    writer=row.writer, item_id=row.item_id, kind=row.kind, slot=row.slot
                )
                session.add(held)
            held.target, held.label, held.at = row.target, row.label, workspace.clock()
    return state


def _put_off(workspace: Workspace, row: WriteRow, error: RetryLater) -> str:
    attempts = row.attempts + 1
    if attempts >= ATTEMPTS_AT_MOST:
        reason = f"given up after {attempts} attempts: {error.reason}"
        with workspace.registry.transaction() as session:
            kept = session.get_one(WriteRow, row.id)
            kept.state, kept.reason, kept.attempts = "failed", reason, attempts
            kept.ended_at = workspace.clock()
        return "failed"
    delay = max(min(FIRST_DELAY * 2**row.attempts, LONGEST_DELAY), error.after or timedelta(0))
    with workspace.registry.transaction() as session:
        kept = session.get_one(WriteRow, row.id)
        kept.attempts, kept.reason = attempts, error.reason
        kept.next_at = workspace.clock() + delay
    return "put_off"
