"""Names taken out of the audit log's oldest rows, so that the chain still proves all the rest.

Rows of before the checkpoint name people, and what they say is in their hashes. A redaction puts
ids in the place of a person's names and leaves each row's recorded hash, and so every link, as it
was. A row at the end of the chain attests, for each row that was redacted, the hash of what it says
since. A redacted row is whole when the chain runs through its recorded hash and its words are the
attested ones. (The redactable part of a log is what the checkpoint says, so no later row can be
changed this way.)
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cultivar.core.audit_actions import AuditAction

if TYPE_CHECKING:
    from cultivar.core.audit_chain import Anchor, Entry, Row

# where rows of before the checkpoint name a person, beside the one who acted
NAMED_SUBJECTS = frozenset({AuditAction.ROLE_GRANTED.value, AuditAction.ROLE_REVOKED.value})
_NAMED_DETAILS = frozenset({"person", "owner", "by"})
# one attesting row stays a line that can be read
ATTESTED_AT_ONCE = 500


def checkpoint(head: "Anchor", people: int) -> dict[str, Any]:
    """Return what the row says that ends the part of the log in which people stand by name."""
    return {"rows": head.count, "head": head.head, "people": people}


def redacted(entry: "Entry", names: Iterable[str], person_id: str) -> "Entry":
    """Return an entry with a person's id wherever one of the names stands for that person."""
    known = frozenset(names)

    def shown(text: str) -> str:
        return person_id if text in known else text

    details = {
        key: shown(value) if key in _NAMED_DETAILS and isinstance(value, str) else value
        for key, value in entry.details.items()
    }
    subject = shown(entry.subject) if entry.action in NAMED_SUBJECTS else entry.subject
    return replace(entry, actor=shown(entry.actor), subject=subject, details=details)


def attestation(rows: Iterable["Row"], said: Callable[["Row"], str]) -> dict[str, Any]:
    """Return the details of an attesting row: by row number, the hash of what it says since."""
    return {"rows": {str(row.number): said(row) for row in rows}}


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that says something else than its hash was made of: the hash of what it says."""

    said: str | None
    previous: str


@dataclass(slots=True)
class Redactions:
    """What a walk along the chain meets: rows that say something else, and what attests them."""

    count: int = 0
    changed: dict[int, Changed] = field(default_factory=dict)
    _until: int = 0

    def meet(self, row: "Row", said: str | None) -> None:
        """Take note of a row at its right place; ``said`` is the hash of what it says."""
        if said != row.hash:
            self.changed[row.number] = Changed(said, row.previous)
        elif row.entry.action == AuditAction.NAMES_SEPARATED:
            self._until = self._until or _redactable(row)
        elif row.entry.action == AuditAction.NAMES_REDACTED:
            self._attest(row.entry.details.get("rows"))

    def _attest(self, rows: object) -> None:
        for number, said in rows.items() if isinstance(rows, Mapping) else ():
            place = int(number) if str(number).isdecimal() else 0
            found = self.changed.get(place)
            if place <= self._until and found is not None and found.said == said:
                del self.changed[place]
                self.count += 1

    @property
    def unexplained(self) -> tuple[int, Changed] | None:
        """The first row that was changed and that nothing attests."""
        return min(self.changed.items(), key=lambda each: each[0], default=None)


def _redactable(row: "Row") -> int:
    """Return the last row that may be redacted: the one before the checkpoint, if it says so."""
    before = row.number - 1
    stated = (row.entry.details.get("rows"), row.entry.details.get("head"))
    return before if stated == (before, row.previous) else 0
