"""All that is kept about one person, for that person: every row that refers to them.

It finds the columns that hold people by their type, so that no table can be forgotten.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, String, Table, or_, select, type_coerce
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.identities import person_named
from cultivar.operations.transactions import transaction
from cultivar.store.tables import AuditRow, PersonRow, all_tables
from cultivar.store.tables.people import PersonName
from cultivar.store.workspace import Workspace

# what is no statement about a person, and would let whoever reads the export do harm
_SECRET = frozenset({"sha256", "hash", "previous", "encoded"})


def export_person(workspace: Workspace, actor: AnyActor, person: str) -> dict[str, Any]:
    """Return what the registry keeps about a person, by table; one's own needs no role.

    Raises:
        NotPermitted: it is somebody else's, and the actor no global administrator.
        NotFound: code ``unknown-person``.
    """
    with transaction(workspace, actor, None) as tx:
        if person not in (tx.actor, tx.actor_id):
            tx.allow(Action.GRANT_ROLES)
        row = person_named(tx.session, person)
        found: dict[str, Any] = {"person": _said_by(row)}
        for table in all_tables().sorted_tables:
            columns = person_columns(table)
            rows = [_told(each) for each in _rows(tx.session, table, columns, row.id)]
            found |= {table.name: rows} if rows else {}
        found["audit"] = [_told(each) for each in _audited(tx.session, row)]
        tx.audit(AuditAction.PERSON_EXPORTED, row.id)
        return found


def person_columns(table: Table) -> list[Column[Any]]:
    """Return the columns of a table that hold people's ids."""
    return [column for column in table.columns if isinstance(column.type, PersonName)]


def _rows(
    session: Session, table: Table, columns: list[Column[Any]], person_id: str
) -> Iterator[dict[str, Any]]:
    if columns:
        wanted = or_(*(type_coerce(column, String) == person_id for column in columns))
        for each in session.execute(select(table).where(wanted)).mappings():
            yield dict(each)


def _said_by(row: PersonRow) -> dict[str, Any]:
    return {
        "id": row.id, "name": row.name, "address": row.address, "added_at": row.added_at,
        "former_names": list(row.former_names),
    }  # fmt: skip


def _audited(session: Session, row: PersonRow) -> Iterator[dict[str, Any]]:
    """Yield the audit entries of what the person did, and of what was done to them."""
    meant = {row.id, row.name, *row.former_names}
    wanted = or_(
        type_coerce(AuditRow.actor, String).in_(meant),
        AuditRow.subject == row.id,
        type_coerce(AuditRow.details, String).contains(row.id),
    )
    for each in session.scalars(select(AuditRow).where(wanted).order_by(AuditRow.id)):
        yield {
            "number": each.id, "at": each.at, "actor": each.actor, "action": each.action,
            "subject": each.subject, "details": each.details,
        }  # fmt: skip


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _SECRET}
