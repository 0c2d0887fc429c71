"""The tenant: its first person, and its one opt-in with the baseline behind it.

It records what was decided and found; counting the content is the baseline's.
"""

from dataclasses import dataclass
from datetime import datetime

from cultivar.core.audit_actions import AuditAction
from cultivar.core.audit_chain import Entry
from cultivar.core.errors import NotReady
from cultivar.core.limits import BASELINE_TAKES_AT_MOST
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import FOUNDING_ROLES, Action, AnyActor, as_actor
from cultivar.operations.gates import require_open
from cultivar.operations.identities import ensure_person
from cultivar.operations.tenant.accounts import bind_account
from cultivar.operations.transactions import (
    TENANT,
    Transaction,
    snapshot,
    transaction,
    transaction_in,
)
from cultivar.store import audit_log
from cultivar.store.tables import RoleAssignment, Tenant
from cultivar.store.workspace import Workspace

NOT_OPTED_IN = "not opted in"
OPTING_IN = "opting in"
OPTED_IN = "opted in"
BASELINE_GATES = ("baseline", "document_frequencies", "unlabelled")


@dataclass(frozen=True, slots=True)
class TenantState:
    """Where the tenant stands. ``overdue``: the baseline runs longer than it may."""

    name: str
    entitled: bool
    opt_in_status: str
    opted_in_by: str | None
    opted_in_at: datetime | None
    baselined_at: datetime | None
    baseline_documents: int
    accuracy_target: float
    overdue: bool
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Baseline:
    """The artifacts of one baseline, and how many documents were counted for it."""

    baseline: ArtifactReference
    document_frequencies: ArtifactReference
    unlabelled: ArtifactReference
    documents: int


def bootstrap(
    workspace: Workspace,
    actor: AnyActor,
    name: str = "This organisation",
    *,
    account: str | None = None,
) -> bool:
    """Make the first person of an empty registry its administrator; tell whether that happened.

    An installation of one person needs every role that the lifecycle asks for. The grant is
    audited, and nothing happens once there is a tenant. ``account`` is that of the operating system
    under which the person sets up; it is bound to them.
    """
    settings = workspace.settings
    with workspace.registry.transaction() as session:
        if session.get(Tenant, 1) is not None:
            return False
        at = workspace.clock()
        founder = ensure_person(session, as_actor(actor).person, at)
        person = founder.name
        session.add(
            Tenant(
                id=1, name=name, entitled=True, opt_in_status=NOT_OPTED_IN,
                accuracy_target=settings.accuracy_target, seed=settings.seed,
            )
        )  # fmt: skip
        for role in FOUNDING_ROLES:
            session.add(
                RoleAssignment(person=person, role=str(role), granted_by=person, granted_at=at)
            )
        if account is not None:
            bind_account(session, founder, account, at)
        details = {"roles": [str(role) for role in FOUNDING_ROLES]}
        origin = workspace.origin_of(as_actor(actor).key)
        set_up = AuditAction.SET_UP.value
        audit_log.append(session, Entry(at, founder.id, set_up, TENANT, details, origin))
        return True


def start_opt_in(workspace: Workspace, actor: AnyActor) -> str:
    """Begin the tenant's opt-in and return its state; an opt-in that began goes on.

    Raises:
        NotPermitted: the actor is not a global administrator.
    """
    with transaction(workspace, actor, Action.OPT_IN) as tx:
        if tx.tenant.opt_in_status == NOT_OPTED_IN:
            tx.tenant.opt_in_status = OPTING_IN
            tx.tenant.opted_in_by, tx.tenant.opted_in_at = tx.actor, tx.at
            tx.audit(AuditAction.OPT_IN_STARTED, TENANT)
        return tx.tenant.opt_in_status


def finish_opt_in(
    workspace: Workspace,
    actor: AnyActor,
    *,
    baseline: ArtifactReference,
    document_frequencies: ArtifactReference,
    unlabelled: ArtifactReference,
    documents: int,
) -> None:
    """Take over a baseline whose gates passed; the tenant is opted in from then on.

    Run again it replaces the baseline, and with the same one changes nothing.

    Raises:
        NotReady: code ``not-opted-in``; nobody began the opt-in.
        GateClosed: code ``gate-closed``; a gate of the baseline is not open.
    """
    found = Baseline(baseline, document_frequencies, unlabelled, documents)
    with transaction(workspace, actor, Action.OPT_IN) as tx:
        if tx.tenant.opt_in_status == NOT_OPTED_IN:
            raise NotReady("not-opted-in", "The opt-in was not started, so it cannot finish.")
        _require_gates(tx, found)
        if _unchanged(tx.tenant, found):
            return
        tx.tenant.baseline_sha256 = found.baseline.sha256
        tx.tenant.document_frequencies_sha256 = found.document_frequencies.sha256
        tx.tenant.unlabelled_sha256 = found.unlabelled.sha256
        tx.tenant.baseline_documents = found.documents
        tx.tenant.baselined_at = tx.at
        tx.tenant.opt_in_status = OPTED_IN
        tx.audit(AuditAction.BASELINE_TAKEN, TENANT, documents=found.documents)


def _unchanged(tenant: Tenant, found: Baseline) -> bool:
    return tenant.opt_in_status == OPTED_IN and (
        tenant.baseline_sha256,
        tenant.document_frequencies_sha256,
        tenant.unlabelled_sha256,
    ) == (found.baseline.sha256, found.document_frequencies.sha256, found.unlabelled.sha256)


def _require_gates(tx: Transaction, found: Baseline) -> None:
    artifacts = {gate: getattr(found, gate).sha256 for gate in BASELINE_GATES}
    sentence = "The opt-in cannot finish before these pass: {closed}."
    require_open(tx.session, None, artifacts, sentence)


def require_opted_in(tenant: Tenant) -> None:
    """Do nothing once the tenant is opted in.

    Raises:
        NotReady: code ``not-opted-in``, or ``opting-in`` while the baseline is being taken.
    """
    if tenant.opt_in_status == OPTED_IN:
        return
    if tenant.opt_in_status == OPTING_IN:
        raise NotReady(
            "opting-in",
            "The organisation is opting in: the baseline of its content is not finished. "
            "`cultivar status` shows how far it is;",
            remedy=Remedy(NextStep.OPT_IN, effect="takes it up again"),
        )
    raise NotReady(
        "not-opted-in",
        "The organisation has not opted in. A global administrator opts in once.",
        remedy=Remedy(NextStep.OPT_IN, effect="takes the baseline"),
    )


def set_entitlement(workspace: Workspace, actor: AnyActor, entitled: bool) -> None:
    """State whether the tenant's licence covers trainable classifiers.

    The one call that works without the entitlement, or nobody could switch it on.

    Raises:
        NotPermitted: the actor is not a global administrator.
    """
    with workspace.registry.transaction() as session:
        tx = transaction_in(session, workspace, actor)
        tx.allow(Action.OPT_IN)
        if tx.tenant.entitled is not entitled:
            tx.tenant.entitled = entitled
            tx.audit(AuditAction.ENTITLEMENT_CHANGED, TENANT, entitled=entitled)


def tenant_state(workspace: Workspace, actor: AnyActor) -> TenantState:
    """Return where the tenant stands, and the actor's roles in it."""
    with snapshot(workspace, actor, None) as tx:
        tenant = tx.tenant
        running = tenant.opt_in_status == OPTING_IN and tenant.opted_in_at is not None
        began = tenant.opted_in_at or tx.at
        return TenantState(
            name=tenant.name,
            entitled=tenant.entitled,
            opt_in_status=tenant.opt_in_status,
            opted_in_by=tenant.opted_in_by,
            opted_in_at=tenant.opted_in_at,
            baselined_at=tenant.baselined_at,
            baseline_documents=tenant.baseline_documents,
            accuracy_target=tx.thresholds.accuracy_target,
            overdue=running and tx.at - began > BASELINE_TAKES_AT_MOST,
            roles=tuple(tx.roles),
        )
