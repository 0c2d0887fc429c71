"""The hash chain of the audit log: canonical JSON, the hash of each row, and its verification.

It keeps and reads no log; rows are handed in.

The hash of a row covers its number, everything that it says and the hash of the row before it, so
that a changed, inserted, moved or removed row breaks the chain at a row that can be named. Rows
removed from the end leave a chain that is whole: only an anchor kept elsewhere (how many rows there
were, and the hash of the last one) shows that they are gone. (Schneier and Kelsey 1999, "Secure
audit logs to support computer forensics", without its keys: what protects the anchor is where it
is kept.)
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cultivar.core.errors import Damaged, InvalidInput
from cultivar.core.people.redaction import Redactions

BEFORE_THE_FIRST = "0" * 64
_HEX = frozenset("0123456789abcdef")
_FIELDS = ("number", "at", "actor", "action", "subject", "details", "previous", "hash")
# what parsing a damaged line may raise
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened: the moment (aware of its zone), who, what, to what, and figures as JSON.

    ``origin`` tells through which door it came, by which system account and with which key; rows
    that were written before it was kept have none, and the hash that they always had.
    """

    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]
    origin: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """An entry at its place in the chain, numbered from 1 without gaps."""

    number: int
    entry: Entry
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """How long the chain was, and the hash of its last row."""

    count: int = 0
    head: str = BEFORE_THE_FIRST


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a chain is whole; if not, the number of the first row that is broken, and why."""

    sound: bool
    anchor: Anchor
    broken: int | None = None
    code: str | None = None
    sentence: str = ""

    def require(self) -> "Verdict":
        """Return the verdict itself when the chain is whole.

        Raises:
            Damaged: it is not; code and sentence are the verdict's.
        """
        if not self.sound:
            raise Damaged(self.code or "audit-broken", self.sentence, {"row": self.broken})
        return self


def canonical_json(value: object) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces, no NaN, any script as it is.

    Raises:
        InvalidInput: code ``not-json``; the value holds what JSON cannot say (dates, bytes, NaN,
            keys that are no text, lone surrogates), which would read back as something else.
    """
    try:
        text = _written(value)
        text.encode()
        stable = _written(json.loads(text)) == text
    except (TypeError, ValueError, RecursionError) as error:
        raise _not_json(type(error).__name__) from None
    if not stable:
        raise _not_json("it reads back as something else")
    return text


def _written(value: object) -> str:
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )


def _not_json(reason: str) -> InvalidInput:
    return InvalidInput("not-json", f"The value cannot be kept as JSON ({reason}).")


def chained(previous: Anchor, entry: Entry) -> Row:
    """Return the row that follows, with its hash.

    Raises:
        InvalidInput: code ``not-json``, as ``canonical_json``; code ``no-time-zone``.
    """
    number = previous.count + 1
    return Row(number, entry, previous.head, row_hash(number, entry, previous.head))


def anchored(row: Row) -> Anchor:
    """Return the anchor of a chain that ends with the row."""
    return Anchor(row.number, row.hash)


def row_hash(number: int, entry: Entry, previous: str) -> str:
    """Return the SHA-256 (hex) of a row's canonical JSON."""
    return sha256(canonical_json(_said(number, entry, previous)).encode()).hexdigest()


def said_hash(row: Row) -> str:
    """Return the hash of what a row says, which is its own unless a redaction changed its words."""
    return row_hash(row.number, row.entry, row.previous)


def _said(number: int, entry: Entry, previous: str) -> dict[str, Any]:
    origin = {} if entry.origin is None else {"origin": dict(entry.origin)}
    return {
        "number": number,
        "at": moment(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "details": dict(entry.details),
        "previous": previous,
        **origin,
    }


def moment(at: datetime) -> str:
    """Return the one text of a moment: UTC, six digits of a second, ``Z``; its order is time's.

    Raises:
        InvalidInput: code ``no-time-zone``.
    """
    if at.tzinfo is None:
        raise InvalidInput("no-time-zone", "A moment of the audit log needs a time zone.")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def verify(rows: Iterable[Row], anchor: Anchor | None = None) -> Verdict:
    """Walk the chain from its first row and name the first one that is broken.

    ``anchor`` is one that was kept elsewhere: the chain must reach it with the same hash, and may
    have grown since. Rows that a recorded redaction put ids into count as whole.
    """
    redactions = Redactions()
    verdict = _walked(iter(rows), anchor, redactions)
    changed = redactions.unexplained
    if changed is None or (verdict.broken is not None and verdict.broken < changed[0]):
        return verdict
    number, before = changed
    return Verdict(
        False, Anchor(number - 1, before.previous), number, "audit-changed",
        f"Row {number} of the audit log was changed: its hash is not that of what it says.",
    )  # fmt: skip


def _walked(rows: Iterator[Row], anchor: Anchor | None, redactions: Redactions) -> Verdict:
    """Return the verdict on a chain's links; what its rows say is noted in ``redactions``."""
    head = Anchor()
    # an anchor of an empty log is met by every chain
    met = anchor is None or anchor == head
    try:
        for row in rows:
            fault = _fault(row, head) or _differs(row, anchor)
            if fault:
                _look_on(rows, redactions)
                return Verdict(False, head, head.count + 1, *fault)
            redactions.meet(row, _computed(row))
            head = anchored(row)
            met = met or head == anchor
    except Damaged as error:
        return Verdict(False, head, head.count + 1, error.code, error.sentence)
    if not met and anchor is not None:
        return Verdict(False, head, head.count + 1, *_shortened(head, anchor))
    less = f" Names were taken out of {redactions.count:,} of them, as it says."
    told = f"All {head.count:,} rows of the audit log are whole."
    return Verdict(True, head, sentence=told + (less if redactions.count else ""))


def _look_on(rows: Iterable[Row], redactions: Redactions) -> None:
    """Read on behind a broken row: a redaction of a row before it may be attested there."""
    try:
        for row in rows:
            redactions.meet(row, _computed(row))
    except Damaged:
        return


def _fault(row: Row, before: Anchor) -> tuple[str, str] | None:
    expected = before.count + 1
    if row.number != expected:
        return "audit-gap", (
            f"Row {expected} of the audit log is missing or moved: row {row.number} stands there."
        )
    if row.previous != before.head:
        return "audit-unlinked", (
            f"Row {expected} of the audit log does not follow the row before it: one of the two "
            "was replaced."
        )
    return None


def _computed(row: Row) -> str | None:
    """Return the hash of what a row says; None where it says what no row can."""
    try:
        return row_hash(row.number, row.entry, row.previous)
    except InvalidInput:
        return None


def _differs(row: Row, anchor: Anchor | None) -> tuple[str, str] | None:
    if anchor is None or row.number != anchor.count or row.hash == anchor.head:
        return None
    return "audit-rewritten", (
        f"Row {row.number} of the audit log is not the one that the anchor remembers: the log was "
        "written again."
    )


def _shortened(head: Anchor, anchor: Anchor) -> tuple[str, str]:
    return "audit-shortened", (
        f"The audit log ends after {head.count:,} rows; the anchor remembers {anchor.count:,}. "
        "The last ones were removed."
    )


def held_against(verdict: Verdict, kept: Anchor) -> Verdict:
    """Return the verdict on a whole chain that must end exactly where the log says that it does.

    ``kept`` is the anchor that is written with every row, so that the last rows cannot be removed,
    nor others added behind them, by changing the log alone.
    """
    if not verdict.sound or verdict.anchor == kept:
        return verdict
    head = verdict.anchor
    if head.count < kept.count:
        return Verdict(False, head, head.count + 1, *_shortened(head, kept))
    return Verdict(
        False, head, min(head.count, kept.count + 1), "audit-unanchored",
        f"The audit log ends with row {head.count}; its anchor names row {kept.count} and another "
        "end. Rows were added, or the anchor was changed, behind the program's back.",
    )  # fmt: skip


def anchor_named(text: str) -> Anchor:
    """Read an anchor as ``anchor_name`` writes it.

    Raises:
        InvalidInput: code ``bad-anchor``.
    """
    count, _, head = text.strip().partition(":")
    if not (count.isdecimal() and len(head) == len(BEFORE_THE_FIRST) and set(head) <= _HEX):
        raise InvalidInput(
            "bad-anchor",
            "An anchor is the number of rows, a colon and the hash of the last row, as "
            f"`cultivar audit verify` prints it; found {text[:80]!r}.",
        )
    return Anchor(int(count), head)


def anchor_name(anchor: Anchor) -> str:
    """Return an anchor as one word, to be kept elsewhere."""
    return f"{anchor.count}:{anchor.head}"


def as_line(row: Row) -> str:
    """Return a row as one line of the export: canonical JSON, with its hash."""
    said = _said(row.number, row.entry, row.previous)
    return canonical_json(said | {"hash": row.hash})


def from_line(line: str, place: int) -> Row:
    """Read a row of an export; ``place`` is its number among the lines, from 1.

    Raises:
        Damaged: code ``audit-unreadable``; the line is not exactly what ``as_line`` writes.
    """
    try:
        found = json.loads(line)
        said = [found.pop(name) for name in _FIELDS]
        number, at, actor, action, subject, details, previous, hashed = said
        origin = found.pop("origin", None)
        entry = Entry(datetime.fromisoformat(at), actor, action, subject, details, origin)
        row = Row(number, entry, previous, hashed)
        exact = not found and as_line(row) == line
    except (*_UNREADABLE, InvalidInput) as error:
        raise _unreadable(place) from error
    if not exact:
        raise _unreadable(place)
    return row


def _unreadable(place: int) -> Damaged:
    return Damaged(
        "audit-unreadable",
        f"Row {place} of the audit log is not as it was written.",
        {"row": place},
    )


def verify_lines(lines: Iterable[str], anchor: Anchor | None = None) -> Verdict:
    """Verify an export (lines without their ends), byte for byte."""
    return verify((from_line(line, place) for place, line in enumerate(lines, start=1)), anchor)
