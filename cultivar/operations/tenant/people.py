"""People and their roles.

It grants and revokes; what a role allows is the core's.
"""

from sqlalchemy import func, select

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import InvalidInput, NotReady
from cultivar.core.roles import Action, AnyActor, Role, as_actor, role_named
from cultivar.operations.transactions import Transaction, roles_held, snapshot, transaction
from cultivar.store.tables import RoleAssignment
from cultivar.store.workspace import Workspace


def grant_role(workspace: Workspace, actor: AnyActor, person: str, role: str) -> None:
    """Give a person a role; a role held already stays as it is.

    Raises:
        NotPermitted: the actor is not a global administrator.
        InvalidInput: codes ``unknown-role``, ``empty-name``.
    """
    named = role_named(role)
    if not person.strip():
        raise InvalidInput("empty-name", "The person who gets the role has no name.")
    with transaction(workspace, actor, Action.GRANT_ROLES) as tx:
        if tx.session.get(RoleAssignment, (person, str(named))) is not None:
            return
        row = RoleAssignment(
            person=person, role=str(named), granted_by=tx.actor, granted_at=tx.at
        )  # fmt: skip
        tx.session.add(row)
        tx.audit(AuditAction.ROLE_GRANTED, person, role=str(named))


def revoke_role(workspace: Workspace, actor: AnyActor, person: str, role: str) -> None:
    """Take a role from a person.

    Raises:
        NotPermitted: the actor is not a global administrator.
        NotReady: code ``last-administrator``; nobody could grant roles any more.
    """
    named = role_named(role)
    with transaction(workspace, actor, Action.GRANT_ROLES) as tx:
        row = tx.session.get(RoleAssignment, (person, str(named)))
        if row is None:
            return
        if named is Role.GLOBAL_ADMINISTRATOR and _administrators(tx) == 1:
            raise NotReady(
                "last-administrator",
                f"{person} is the only {named}; grant that role to somebody else first.",
            )
        tx.session.delete(row)
        tx.audit(AuditAction.ROLE_REVOKED, person, role=str(named))


def _administrators(tx: Transaction) -> int:
    count = select(func.count()).where(RoleAssignment.role == str(Role.GLOBAL_ADMINISTRATOR))
    return tx.session.scalar(count) or 0


def everybodys_roles(workspace: Workspace, actor: AnyActor) -> dict[str, list[str]]:
    """Return the roles of everybody who holds one, by person; it needs a reader's role."""
    with snapshot(workspace, actor, Action.READ) as tx:
        people = tx.session.scalars(select(RoleAssignment.person).distinct())
        return {person: roles_held(tx.session, person) for person in sorted(people)}


def roles_of(workspace: Workspace, actor: AnyActor, person: str) -> list[str]:
    """Return a person's roles, sorted; one's own need no role, another's need a reader's."""
    is_own = as_actor(actor).person == person
    with snapshot(workspace, actor, None if is_own else Action.READ) as tx:
        return tx.roles if is_own else roles_held(tx.session, person)
