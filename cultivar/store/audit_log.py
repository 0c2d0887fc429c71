"""The audit log in the registry: appended to in the transaction of the action, read as it stands.

Removes nothing, and changes nothing but names in rows of before the checkpoint, by a redaction that
the log itself attests; what a row means is known to the layers above.
"""

import json
from collections.abc import Iterator, Sequence

from sqlalchemy import Row as Stored
from sqlalchemy import String, Text, select, text, type_coerce
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.audit_chain import Anchor, Entry, Row, canonical_json, chained, from_line
from cultivar.core.errors import Damaged
from cultivar.store.tables import AuditAnchorRow, AuditRow

_AT_ONCE = 1_000
# The texts that were hashed, not what they read as: two texts may read as the same moment.
_STORED = select(
    AuditRow.id,
    type_coerce(AuditRow.at, String),
    type_coerce(AuditRow.actor, String),
    AuditRow.action,
    AuditRow.subject,
    type_coerce(AuditRow.details, Text),
    AuditRow.previous,
    AuditRow.hash,
    type_coerce(AuditRow.origin, Text),
).order_by(AuditRow.id)


def append(session: Session, entry: Entry) -> Row:
    """Add an entry to the end of the log, within a transaction of the registry.

    Writers take turns from the first statement of a transaction on, so the end that is read here
    is still the end when the transaction commits.

    Raises:
        InvalidInput: codes ``not-json``, ``no-time-zone``.
        Damaged: code ``audit-anchor-missing``.
    """
    end = _anchor_row(session)
    row = chained(Anchor(end.count, end.head), entry)
    session.add(
        AuditRow(
            id=row.number, at=entry.at, actor=entry.actor, action=entry.action,
            subject=entry.subject, details=dict(entry.details), previous=row.previous,
            hash=row.hash, origin=None if entry.origin is None else dict(entry.origin),
        )
    )  # fmt: skip
    end.count, end.head = row.number, row.hash
    return row


def anchor_of(session: Session) -> Anchor:
    """Return where the log ends, as it was noted with the last row.

    Raises:
        Damaged: code ``audit-anchor-missing``.
    """
    end = _anchor_row(session)
    return Anchor(end.count, end.head)


def _anchor_row(session: Session) -> AuditAnchorRow:
    found = session.get(AuditAnchorRow, 1)
    if found is None:
        raise Damaged(
            "audit-anchor-missing",
            "The anchor of the audit log is gone, so nobody can tell whether its last rows are. "
            "Restore the registry from a copy.",
        )
    return found


def lines(session: Session) -> Iterator[str]:
    """Yield each row as a line of the export, from the bytes that are stored; see ``as_line``.

    Memory stays flat. A row that was changed gives a line that ``verify_lines`` refuses.

    Raises:
        Damaged: code ``audit-unreadable``; a row holds bytes that are no text.
    """
    reached, at_once = 0, _AT_ONCE
    while True:
        try:
            batch = session.execute(_STORED.where(AuditRow.id > reached).limit(at_once)).all()
        except DBAPIError as error:
            if at_once == 1:
                raise _unreadable(reached + 1) from error
            # so that the rows before the broken one are still told
            at_once = 1
            continue
        if not batch:
            return
        yield from map(_line, batch)
        reached = batch[-1].id


def _unreadable(number: int) -> Damaged:
    return Damaged(
        "audit-unreadable",
        f"Row {number} of the audit log is not as it was written.",
        {"row": number},
    )


def _line(stored: "Stored[int, str, str, str, str, str, str, str, str | None]") -> str:
    number, at, actor, action, subject, details, previous, hashed, origin = stored
    said = {
        "action": _text(action), "actor": _text(actor), "at": _text(at), "details": str(details),
        "hash": _text(hashed), "number": str(number),
        **({} if origin is None else {"origin": str(origin)}),
        "previous": _text(previous), "subject": _text(subject),
    }  # fmt: skip
    return "{" + ",".join(f"{canonical_json(name)}:{each}" for name, each in said.items()) + "}"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=repr)


def before_checkpoint(session: Session) -> Iterator[Row]:
    """Yield the rows in which people stand by name: those before the checkpoint, if there is one.

    Raises:
        Damaged: code ``audit-unreadable``.
    """
    first = select(AuditRow.id).where(AuditRow.action == AuditAction.NAMES_SEPARATED)
    end = session.scalar(first.order_by(AuditRow.id).limit(1)) or 0
    for stored in session.execute(_STORED.where(AuditRow.id < end)):
        yield from_line(_line(stored), stored.id)


def redact(session: Session, rows: Sequence[Row]) -> None:
    """Put the words of these rows in the place of those that stand; hashes and links stay.

    What the rows say since must be attested in the same transaction. The triggers that refuse
    changes are put back before it ends.
    """
    if not rows:
        return
    lift, put_back = _GUARDS[session.get_bind().dialect.name]
    session.execute(text(lift))
    for row in rows:
        said = {"actor": row.entry.actor, "subject": row.entry.subject}
        said["details"] = canonical_json(dict(row.entry.details))
        session.execute(_REDACTED, said | {"number": row.number})
    session.execute(text(put_back))


_REDACTED = text(
    "UPDATE audit SET actor = :actor, subject = :subject, details = :details WHERE id = :number"
)
# by database: what lifts the refusal of changes for this transaction, and what puts it back
_GUARDS = {
    "sqlite": (
        "DROP TRIGGER audit_no_update",
        "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    ),
    "postgresql": (
        "ALTER TABLE audit DISABLE TRIGGER audit_append_only",
        "ALTER TABLE audit ENABLE TRIGGER audit_append_only",
    ),
}
