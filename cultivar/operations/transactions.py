"""One action of one person: permission first, then one transaction with its audit row.

It knows who acts and on what; what the transaction does is decided by the module that opens it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from cultivar.core.audit_actions import AuditAction
from cultivar.core.audit_chain import Entry
from cultivar.core.errors import Conflict, NotReady
from cultivar.core.lifecycle import Event
from cultivar.core.limits import Thresholds
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.roles import (
    Action,
    Actor,
    AnyActor,
    Ownership,
    Role,
    as_actor,
    may,
    require_entitled,
    require_ownership,
    require_role,
)
from cultivar.operations.identities import ensure_person, find_person, require_not_erased
from cultivar.operations.lookups import classifier_named
from cultivar.store import audit_log
from cultivar.store.tables import (
    ClassifierRow,
    OutboxRow,
    RoleAssignment,
    Tenant,
    TrainerGrant,
)
from cultivar.store.workspace import Workspace

TENANT = "tenant"


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a permitted person does in one open session, at one moment.

    ``thresholds`` are those that the settings state; ``origin`` is what the audit log keeps of how
    the actor came here.
    """

    session: Session
    acting: Actor
    at: datetime
    tenant: Tenant
    thresholds: Thresholds
    origin: Mapping[str, str] | None = None

    @property
    def actor(self) -> str:
        """The person who acts, by name: what records look their id up by."""
        return self.acting.person

    @property
    def actor_id(self) -> str:
        """The id of the person who acts; whoever is new here gets one."""
        return ensure_person(self.session, self.actor, self.at).id

    def audit(self, action: AuditAction | Event, subject: str, **details: Any) -> int:
        """Append to the audit log, in the same transaction; return the entry's number."""
        entry = Entry(self.at, self.actor_id, action.value, subject, details, self.origin)
        return audit_log.append(self.session, entry).number

    def mark_due(self, kind: str, subject: str, **payload: Any) -> None:
        """Leave word of what must happen; what is due already takes the newer payload."""
        due = self.session.scalar(
            select(OutboxRow).where(
                OutboxRow.kind == kind, OutboxRow.subject == subject, OutboxRow.done_at.is_(None)
            )
        )
        payload = {"actor": self.actor_id, **payload}
        if due is not None:
            due.payload = payload
        else:
            row = OutboxRow(kind=kind, subject=subject, payload=payload, created_at=self.at)
            self.session.add(row)

    def clear_due(self, kind: str, subject: str) -> None:
        """Mark what was due as done, if it was."""
        due = self.session.scalars(
            select(OutboxRow).where(
                OutboxRow.kind == kind, OutboxRow.subject == subject, OutboxRow.done_at.is_(None)
            )
        )
        for row in due:
            row.done_at = self.at

    def allow(self, *actions: Action) -> None:
        """Do nothing when the actor's roles allow each of the actions; see ``require_role``.

        The first is what the actor asks for; the others are what that needs as well.
        """
        held = self.roles
        missing = [each for each in actions if not may(held, each)]
        if missing:
            require_role(self.actor, held, missing[0], self.administrators(), also=missing[1:])

    @property
    def roles(self) -> list[str]:
        """The names of the roles that the actor holds and may use here, sorted."""
        return roles_held(self.session, self.acting)

    def administrators(self) -> list[str]:
        """Return the people who can grant roles."""
        role = str(Role.GLOBAL_ADMINISTRATOR)
        return list(
            self.session.scalars(select(RoleAssignment.person).where(RoleAssignment.role == role))
        )

    def classifier(self, name: str, action: Action | None = None) -> ClassifierRow:
        """Return the classifier of that name or id, checking role and ownership for ``action``.

        Raises:
            NotFound: code ``unknown-classifier``; the sentence offers near matches.
            NotPermitted: the actor lacks the role or the ownership.
            NotReady: code ``archived``; it can only be read.
        """
        if action is not None:
            self.allow(action)
        row = classifier_named(self.session, name)
        if action is not None:
            require_ownership(self.actor, ownership_of(self.session, row), action)
            _require_in_use(row, action)
        return row


def _require_in_use(row: ClassifierRow, action: Action) -> None:
    if row.archived_at is not None and action is not Action.READ:
        raise NotReady(
            "archived",
            f"{row.name} was archived by {row.archived_by}.",
            {"classifier": row.id},
            Remedy(NextStep.RESTORE_CLASSIFIER, row.id),
        )


@contextmanager
def transaction(
    workspace: Workspace, actor: AnyActor, action: Action | None
) -> Iterator[Transaction]:
    """Yield a transaction that writes; all of it is kept, or nothing.

    ``action`` None is for what the machinery records (a crawl's counts, a gate's result): it needs
    the entitlement but no role.

    Raises:
        NotPermitted: the tenant is not entitled, or the actor lacks the role.
        Conflict: code ``changed-meanwhile``; somebody else changed the same thing.
    """
    with _told_of_conflicts(), workspace.registry.transaction() as session:
        tx = _permitted(transaction_in(session, workspace, actor), action)
        ensure_person(session, tx.actor, tx.at)
        yield tx


@contextmanager
def snapshot(workspace: Workspace, actor: AnyActor, action: Action | None) -> Iterator[Transaction]:
    """Yield a transaction that only reads; see ``transaction`` for what is checked."""
    with workspace.registry.reading() as session:
        yield _permitted(transaction_in(session, workspace, actor), action)


def is_set_up(workspace: Workspace) -> bool:
    """Tell whether anybody has used the registry; in an empty one nothing is ever due."""
    with workspace.registry.reading() as session:
        return session.get(Tenant, 1) is not None


def require_permitted(
    workspace: Workspace, actor: AnyActor, action: Action, classifier: str | None = None
) -> None:
    """Do nothing when the actor may do this, to the classifier where one is named.

    Raises:
        NotPermitted: the tenant is not entitled, or the actor lacks the role or the ownership.
        NotFound: code ``unknown-classifier``.
    """
    with snapshot(workspace, actor, action) as tx:
        if classifier is not None:
            tx.classifier(classifier, action)


def transaction_in(session: Session, workspace: Workspace, actor: AnyActor) -> Transaction:
    """Return a transaction in an open session, with nothing checked but that the actor lives on.

    Raises:
        NotPermitted: code ``person-erased``.
    """
    thresholds, acting = workspace.settings.thresholds, as_actor(actor)
    known = find_person(session, acting.person)
    require_not_erased(known)
    acting = replace(acting, person=known.name) if known else acting
    return Transaction(
        session, acting, workspace.clock(), tenant_of(session), thresholds,
        workspace.origin_of(acting.key),
    )  # fmt: skip


def _permitted(tx: Transaction, action: Action | None) -> Transaction:
    require_entitled(tx.tenant.entitled)
    if action is not None:
        tx.allow(action)
    return tx


@contextmanager
def _told_of_conflicts() -> Iterator[None]:
    try:
        yield
    except (StaleDataError, IntegrityError) as error:
        raise Conflict(
            "changed-meanwhile",
            "Somebody else changed the same thing at the same moment, so nothing was done.",
            remedy=Remedy(
                NextStep.LOOK_AT_STATUS, effect="shows the present state; then repeat the command"
            ),
        ) from error


def tenant_of(session: Session) -> Tenant:
    """Return the tenant's row.

    Raises:
        NotReady: code ``not-set-up``; nobody used this registry yet.
    """
    tenant = session.get(Tenant, 1)
    if tenant is None:
        raise NotReady("not-set-up", "This registry is empty.", remedy=Remedy(NextStep.SET_UP))
    return tenant


def roles_held(session: Session, actor: AnyActor) -> list[str]:
    """Return the names of the roles that somebody holds and may use here, sorted."""
    acting = as_actor(actor)
    wanted = select(RoleAssignment.role).where(RoleAssignment.person == acting.person)
    held = set(session.scalars(wanted))
    return sorted(held if acting.within is None else held & acting.within)


def ownership_of(session: Session, classifier: ClassifierRow) -> Ownership:
    """Return who created a classifier and who was granted training."""
    granted = session.scalars(
        select(TrainerGrant.person).where(TrainerGrant.classifier_id == classifier.id)
    )
    return Ownership(classifier.owner, frozenset(granted), classifier.id)
