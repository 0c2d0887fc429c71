"""People and their roles.

It grants and revokes; what a role allows is the core's.
"""

from sqlalchemy import select

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import NotReady
from cultivar.core.roles import Action, AnyActor, Role, role_named
from cultivar.operations.identities import ensure_person, find_person
from cultivar.operations.transactions import roles_held, snapshot, transaction
from cultivar.store.tables import RoleAssignment
from cultivar.store.workspace import Workspace


def grant_role(workspace: Workspace, actor: AnyActor, person: str, role: str) -> None:
    """Give a person a role; a role held already stays as it is.

    Raises:
        NotPermitted: the actor is not a global administrator.
        InvalidInput: codes ``unknown-role``, ``empty-name``, ``bad-person-name``.
    """
    named = role_named(role)
    with transaction(workspace, actor, Action.GRANT_ROLES) as tx:
        holder = ensure_person(tx.session, person, tx.at)
        if tx.session.get(RoleAssignment, (holder.name, str(named))) is not None:
            return
        row = RoleAssignment(
            person=holder.name, role=str(named), granted_by=tx.actor, granted_at=tx.at
        )  # fmt: skip
        tx.session.add(row)
        tx.audit(AuditAction.ROLE_GRANTED, holder.id, role=str(named))


def revoke_role(workspace: Workspace, actor: AnyActor, person: str, role: str) -> None:
    """Take a role from a person.

    Raises:
        NotPermitted: the actor is not a global administrator.
        NotReady: code ``last-administrator``; nobody could grant roles any more.
    """
    named = role_named(role)
    with transaction(workspace, actor, Action.GRANT_ROLES) as tx:
        holder = find_person(tx.session, person)
        row = holder and tx.session.get(RoleAssignment, (holder.name, str(named)))
        if holder is None or row is None:
            return
        if named is Role.GLOBAL_ADMINISTRATOR and len(tx.administrators()) == 1:
            raise NotReady(
                "last-administrator",
                f"{person} is the only {named}; grant that role to somebody else first.",
            )
        tx.session.delete(row)
        tx.audit(AuditAction.ROLE_REVOKED, holder.id, role=str(named))


def everybodys_roles(workspace: Workspace, actor: AnyActor) -> dict[str, list[str]]:
    """Return the roles of everybody who holds one, by person; it needs a reader's role."""
    with snapshot(workspace, actor, Action.READ) as tx:
        people = tx.session.scalars(select(RoleAssignment.person).distinct())
        return {person: roles_held(tx.session, person) for person in sorted(people)}


def roles_of(workspace: Workspace, actor: AnyActor, person: str) -> list[str]:
    """Return a person's roles, sorted; one's own need no role, another's need a reader's."""
    with snapshot(workspace, actor, None) as tx:
        found = find_person(tx.session, person)
        if tx.actor == (found.name if found else person):
            return tx.roles
        tx.allow(Action.READ)
        return roles_held(tx.session, found.name if found else person)
