"""The people whom an organisation knows: added, listed, renamed.

A name is changed in one place, and everything shows the new one.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict
from cultivar.core.people.names import person_address, person_name
from cultivar.core.roles import Action, AnyActor, may
from cultivar.operations.identities import ensure_person, person_named
from cultivar.operations.lookups import name_key
from cultivar.operations.transactions import Transaction, snapshot, transaction
from cultivar.store.tables import BindingRow, PersonRow, RoleAssignment
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Person:
    """A person as administrators see them. Erased, only the id and that moment are left."""

    id: str
    name: str
    address: str | None
    accounts: tuple[str, ...]
    roles: tuple[str, ...]
    added_at: datetime
    erased_at: datetime | None


def add_person(
    workspace: Workspace, actor: AnyActor, name: str, address: str | None = None
) -> Person:
    """Add a person, who holds no role yet.

    Raises:
        NotPermitted: the actor is not a global administrator.
        InvalidInput: codes ``empty-name``, ``bad-person-name``, ``bad-address``.
        Conflict: code ``name-taken``; somebody has the name, the case of letters aside.
    """
    name = person_name(name)
    address = None if address is None else person_address(address)
    with transaction(workspace, actor, Action.GRANT_ROLES) as tx:
        _require_free(tx, name)
        row = ensure_person(tx.session, name, tx.at)
        row.address = address
        tx.audit(AuditAction.PERSON_ADDED, row.id)
        return _plain(row, (), ())


def rename_person(
    workspace: Workspace,
    actor: AnyActor,
    person: str,
    name: str,
    address: str | None = None,
) -> Person:
    """Give a person another name, and another address where one is stated.

    What they did stays theirs. The oldest rows of the audit log keep the name of then.

    Raises:
        NotPermitted: the actor is not a global administrator; code ``person-erased``.
        NotFound: code ``unknown-person``.
        InvalidInput: codes ``empty-name``, ``bad-person-name``, ``bad-address``.
        Conflict: code ``name-taken``.
    """
    name = person_name(name)
    address = None if address is None else person_address(address)
    with transaction(workspace, actor, Action.GRANT_ROLES) as tx:
        row = person_named(tx.session, person)
        # first, as who renames themselves acts by the name of before
        tx.audit(AuditAction.PERSON_RENAMED, row.id)
        if name != row.name:
            _require_free(tx, name, row.id)
            row.former_names = sorted({*row.former_names, row.name})
            row.name = name
        row.address = row.address if address is None else address
        tx.session.flush()
        return _plain(row, _accounts(tx.session)[name], _roles(tx.session)[name])


def _require_free(tx: Transaction, name: str, own: str = "") -> None:
    wanted = name_key(name)
    for person_id, known in tx.session.execute(select(PersonRow.id, PersonRow.name)):
        if person_id != own and name_key(known) == wanted:
            raise Conflict(
                "name-taken",
                f"There is {known} already ({person_id}). Two people with names that read alike "
                "could be taken for each other; choose another name.",
                {"person": person_id},
            )


def list_people(workspace: Workspace, actor: AnyActor) -> list[Person]:
    """Return everybody by name, those erased last; addresses and accounts for administrators alone.

    Raises:
        NotPermitted: the actor holds no role that reads.
    """
    with snapshot(workspace, actor, None) as tx:
        administers = may(tx.roles, Action.GRANT_ROLES)
        if not administers:
            tx.allow(Action.READ)
        accounts = _accounts(tx.session) if administers else {}
        roles = _roles(tx.session)
        rows = tx.session.scalars(select(PersonRow).order_by(PersonRow.name, PersonRow.id)).all()
        found = [
            _plain(row, accounts.get(row.name, ()), roles.get(row.name, ()), address=administers)
            for row in rows
        ]
        return sorted(found, key=lambda each: each.erased_at is not None)


def _accounts(session: Session) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for person, account in session.execute(select(BindingRow.person, BindingRow.subject)):
        found[person] = tuple(sorted((*found[person], account)))
    return found


def _roles(session: Session) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for person, role in session.execute(select(RoleAssignment.person, RoleAssignment.role)):
        found[person] = tuple(sorted((*found[person], role)))
    return found


def _plain(
    row: PersonRow, accounts: tuple[str, ...], roles: tuple[str, ...], *, address: bool = True
) -> Person:
    return Person(
        row.id, row.name, row.address if address else None, accounts, roles, row.added_at,
        row.erased_at,
    )  # fmt: skip
