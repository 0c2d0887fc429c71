"""Policies put away and taken back: an archived one is listed no more and labels nothing.

Its versions stay on record, as labels of earlier days name them, and its name stays taken.
"""

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.policies.policy import PERMISSION_FOR
from cultivar.core.roles import AnyActor
from cultivar.operations.policies.evaluation import content_locations, current_application
from cultivar.operations.policies.permitted import allow_some_kind
from cultivar.operations.policies.policies import policy_row, version_of
from cultivar.operations.transactions import Transaction, transaction
from cultivar.store.tables import PolicyRow
from cultivar.store.workspace import Workspace


def archive_policy(workspace: Workspace, actor: AnyActor, name: str) -> str:
    """Put a policy away and return its id; an archived one stays as it is.

    Raises:
        NotFound: code ``unknown-policy``.
        NotPermitted: the actor may not write policies of its kind.
        Conflict: codes ``policy-enabled``, ``labels-rest-on-it``.
    """
    with transaction(workspace, actor, None) as tx:
        row = _permitted(tx, name)
        if row.archived_at is not None:
            return row.id
        if row.enabled:
            raise Conflict(
                "policy-enabled",
                f"{row.name} is enabled. Nothing was archived.",
                {"policy": row.id},
                Remedy(NextStep.DISABLE_POLICY, row.id),
            )
        _require_no_labels(tx, row)
        row.archived_at, row.archived_by = tx.at, tx.actor
        tx.audit(AuditAction.POLICY_ARCHIVED, f"policy:{row.id}", version=row.version)
        return row.id


def restore_policy(workspace: Workspace, actor: AnyActor, name: str) -> str:
    """Take a policy back, disabled as it was, and return its id.

    Raises: as ``archive_policy``.
    """
    with transaction(workspace, actor, None) as tx:
        row = _permitted(tx, name)
        if row.archived_at is not None:
            row.archived_at = row.archived_by = None
            tx.audit(AuditAction.POLICY_RESTORED, f"policy:{row.id}", version=row.version)
        return row.id


def _permitted(tx: Transaction, name: str) -> PolicyRow:
    allow_some_kind(tx)
    row = policy_row(tx.session, name)
    tx.allow(PERMISSION_FOR[version_of(tx.session, row).kind])
    return row


def _require_no_labels(tx: Transaction, row: PolicyRow) -> None:
    for location in content_locations(tx.session):
        active = current_application(tx.session, location)
        if active is not None and row.id in active.basis["policies"]:
            raise Conflict(
                "labels-rest-on-it",
                f"Labels at {location} rest on {row.name}. Nothing was archived.",
                {"policy": row.id, "location": location},
                Remedy(NextStep.APPLY_POLICIES, location, "takes them back first"),
            )
