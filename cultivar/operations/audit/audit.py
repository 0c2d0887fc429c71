"""The audit log for those who answer for it: verified, exported, and looked through.

It only reads; each row is written by the action that it tells of.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, select, type_coerce
from sqlalchemy.orm import Session

from cultivar.core.audit_chain import Anchor, Verdict, held_against, verify_lines
from cultivar.core.people.names import with_names
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.identities import id_of, names_of_people
from cultivar.operations.transactions import snapshot
from cultivar.store import audit_log
from cultivar.store.tables import AuditRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row of the log as a person reads it; ``number`` is its place in the chain."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
    origin: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows to show; what is None does not matter."""

    subject: str | None = None
    actor: str | None = None
    action: str | None = None


def verify_audit(workspace: Workspace, actor: AnyActor, kept: Anchor | None = None) -> Verdict:
    """Walk the whole log, byte for byte, and say whether it is whole or where it is broken.

    The log must end where its own anchor says; ``kept`` is an anchor that was noted elsewhere,
    which also shows a log and an anchor that were both rewritten.

    Raises:
        NotPermitted: the actor may not read the area.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        return checked_log(tx.session, kept)


def checked_log(session: Session, kept: Anchor | None = None) -> Verdict:
    """Walk the log of an open session; see ``verify_audit``."""
    verdict = verify_lines(audit_log.lines(session), kept)
    return held_against(verdict, audit_log.anchor_of(session))


def export_audit(workspace: Workspace, actor: AnyActor) -> Iterator[str]:
    """Yield every row as one line of canonical JSON, from one moment of the registry.

    ``cultivar.core.audit_chain.verify_lines`` verifies such lines without a registry.

    Raises:
        NotPermitted: the actor may not read the area.
        Damaged: code ``audit-unreadable``; a row holds bytes that are no text.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        yield from audit_log.lines(tx.session)


def audit_entries(
    workspace: Workspace,
    actor: AnyActor,
    wanted: Wanted = Wanted(),
    *,
    before: int | None = None,
    limit: int = 50,
) -> list[AuditEntry]:
    """Return rows of the log, the newest first; ``before`` is the number of the last one seen.

    People stand by name, where the row holds an id; exports and hashes have what is stored.

    Raises:
        NotPermitted: the actor may not read the area.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        people = names_of_people(tx.session)
        query = _wanted(tx.session, wanted).order_by(AuditRow.id.desc()).limit(limit)
        if before is not None:
            query = query.where(AuditRow.id < before)
        return [
            AuditEntry(
                row.id, row.at, row.actor, row.action, people.get(row.subject, row.subject),
                with_names(row.details, people), row.origin,
            )
            for row in tx.session.scalars(query)
        ]  # fmt: skip


def _wanted(session: Session, wanted: Wanted) -> Select[AuditRow]:
    """Return the query of some rows; the oldest name people, all later ones hold their ids."""
    query = select(AuditRow)
    for column, value in ((AuditRow.subject, wanted.subject), (AuditRow.actor, wanted.actor)):
        if value is not None:
            ways = type_coerce(column, String).in_({value, id_of(session, value)})
            query = query.where(ways)
    return query if wanted.action is None else query.where(AuditRow.action == wanted.action)
