"""Who sits at the command line: a person bound to the system account, or one that is only claimed.

Whoever can write to the home can act as anybody; what is refused here is a mistake or a shortcut.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict, NotFound, NotPermitted, NotReady
from cultivar.core.people.names import person_address
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.identities import ACCOUNT, bound_to, find_person, id_of, person_named
from cultivar.operations.transactions import TENANT, transaction
from cultivar.settings import system_account
from cultivar.store.tables import BindingRow, PersonRow, Tenant
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who acts at a command line: their name, the account, and whether it is bound to them."""

    person: str
    account: str | None
    bound: bool


def who_acts(workspace: Workspace, claim: str, account: str | None) -> Claimant:
    """Return who acts: whoever is claimed, else the person to whom the account is bound.

    ``claim`` is what the setting says, which is the account's own name where nobody set it.

    Raises:
        NotPermitted: code ``unbound-claim``; the tenant takes no claim that no account backs.
    """
    with workspace.registry.reading() as session:
        bound, claimed = bound_to(session, account), find_person(session, claim)
        person = claimed.name if claimed else claim
        if claim == account and bound is not None:
            person = bound
        found = Claimant(person, account, bound is not None and bound == person)
        tenant = session.get(Tenant, 1)
    if tenant is not None and tenant.bound_claims_only and not found.bound:
        _refuse(found)
    return found


def actor_id(workspace: Workspace, actor: str | None) -> str:
    """Return the id of who acts: a name or id, else whoever the settings and the account say.

    What keeps it, such as an orchestrator, keeps no name. One whom nobody knows stays as named.

    Raises:
        NotPermitted: code ``unbound-claim``.
    """
    if actor is None:
        actor = who_acts(workspace, workspace.settings.user, system_account()).person
    with workspace.registry.reading() as session:
        return id_of(session, actor)


def _refuse(found: Claimant) -> None:
    account = found.account or "no account of the system"
    raise NotPermitted(
        "unbound-claim",
        f"You act as {found.person} under {account}, which is not bound to {found.person}, and "
        "this organisation takes no unbound claims. A global administrator binds it: "
        f"`cultivar person bind {found.person} {found.account or 'ACCOUNT'}`.",
        {"person": found.person, "account": found.account},
    )


def bind_account(session: Session, person: PersonRow, account: str, at: datetime) -> None:
    """Bind an account of the system to a person who sets the registry up, by themselves."""
    row = BindingRow(
        kind=ACCOUNT, subject=account, person=person.name, bound_by=person.name, bound_at=at
    )
    session.add(row)


def bind(workspace: Workspace, actor: AnyActor, person: str, account: str) -> None:
    """Bind an account of the system to a person, who acts under it without claiming anything.

    A person may have several accounts, an account one person.

    Raises:
        NotPermitted: the actor is not a global administrator; code ``person-erased``.
        NotFound: code ``unknown-person``.
        InvalidInput: code ``bad-address``.
        Conflict: code ``account-bound``; it is somebody else's.
    """
    account = person_address(account)
    with transaction(workspace, actor, Action.GRANT_ROLES) as tx:
        found = person_named(tx.session, person)
        holder = bound_to(tx.session, account)
        if holder == found.name:
            return
        if holder is not None:
            raise Conflict(
                "account-bound",
                f"The account {account} is bound to {holder}. First "
                f"`cultivar person bind --remove {holder} {account}`.",
                {"account": account},
            )
        row = BindingRow(
            kind=ACCOUNT, subject=account, person=found.name, bound_by=tx.actor, bound_at=tx.at
        )
        tx.session.add(row)
        tx.audit(AuditAction.PERSON_BOUND, found.id, kind=ACCOUNT)


def unbind(workspace: Workspace, actor: AnyActor, person: str, account: str) -> None:
    """Take an account of the system from a person.

    Raises:
        NotPermitted: the actor is not a global administrator.
        NotFound: codes ``unknown-person``, ``unknown-account``.
        NotReady: code ``would-lock-out``; it is the actor's last while only bound people may act.
    """
    with transaction(workspace, actor, Action.GRANT_ROLES) as tx:
        found = person_named(tx.session, person)
        row = tx.session.get(BindingRow, (ACCOUNT, account))
        if row is None or row.person != found.name:
            raise NotFound(
                "unknown-account", f"No account {account!r} is bound to {found.name}.", {}
            )
        if tx.tenant.bound_claims_only and found.name == tx.actor:
            _require_bound(tx.session, tx.actor, 2)
        tx.session.delete(row)
        tx.audit(AuditAction.PERSON_UNBOUND, found.id, kind=ACCOUNT)


def set_unbound_claims(workspace: Workspace, actor: AnyActor, *, refused: bool) -> None:
    """State whether a command line may act as a person to whom its account is not bound.

    Raises:
        NotPermitted: the actor is not a global administrator.
        NotReady: code ``would-lock-out``; the actor has no account, and could not come back.
    """
    with transaction(workspace, actor, Action.GRANT_ROLES) as tx:
        if tx.tenant.bound_claims_only is refused:
            return
        if refused:
            _require_bound(tx.session, tx.actor, 1)
        tx.tenant.bound_claims_only = refused
        tx.audit(AuditAction.UNBOUND_CLAIMS_SET, TENANT, refused=refused)


def _require_bound(session: Session, person: str, at_least: int) -> None:
    bound = session.scalars(select(BindingRow.subject).where(BindingRow.person == person)).all()
    if len(bound) < at_least:
        raise NotReady(
            "would-lock-out",
            f"Then {person} could not act any more. First `cultivar person bind {person} ACCOUNT`.",
            {"person": person},
        )
