"""The audit log for those who answer for it: verified, exported, and looked through.

It only reads; each row is written by the action that it tells of.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.audit_chain import Anchor, Verdict, held_against, verify_lines
from cultivar.core.roles import Action, AnyActor
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

    Raises:
        NotPermitted: the actor may not read the area.
    """
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    for column, value in (
        (AuditRow.subject, wanted.subject),
        (AuditRow.actor, wanted.actor),
        (AuditRow.action, wanted.action),
    ):
        query = query.where(column == value) if value is not None else query
    if before is not None:
        query = query.where(AuditRow.id < before)
    with snapshot(workspace, actor, Action.READ) as tx:
        return [
            AuditEntry(row.id, row.at, row.actor, row.action, row.subject, row.details)
            for row in tx.session.scalars(query)
        ]
