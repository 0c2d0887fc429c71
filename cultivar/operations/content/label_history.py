"""Every label that one item was given and that was taken back, by policies and by people.

It reads what each application changed and the audit log; it changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime

import pyarrow.compute as pc
from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.store.tables import ApplicationRow, AuditRow, UndoRow
from cultivar.store.workspace import Workspace

SET, TAKEN_AWAY, LEFT = BY_HAND = (
    AuditAction.LABEL_SET_BY_HAND.value,
    AuditAction.LABEL_TAKEN_AWAY_BY_HAND.value,
    AuditAction.LABEL_LEFT_TO_THE_POLICIES.value,
)
_COLUMNS = [
    "item_id", "kind", "change", "before", "before_policy_id", "before_policy_version", "after",
    "after_policy_id", "after_policy_version",
]  # fmt: skip
_DONE = ("added", "removed", "changed")


@dataclass(frozen=True, slots=True)
class LabelDeed:
    """One moment of an item's labels: what was given, and what it took the place of.

    ``policy`` and its version are those that gave ``given``, or that had given what was taken;
    without one a person decided. ``reason`` is that of an undo.
    """

    at: datetime
    actor: str
    kind: str
    taken: str | None
    given: str | None
    policy: str | None
    policy_version: int | None
    cause: str
    reason: str = ""


def label_deeds(
    workspace: Workspace, session: Session, location: str, item_id: str, on: datetime
) -> list[LabelDeed]:
    """Return what was done with an item's labels up to a moment, the oldest first."""
    applied = session.scalars(
        select(ApplicationRow)
        .where(ApplicationRow.location == location, ApplicationRow.at <= on)
        .order_by(ApplicationRow.number)
    )
    reasons = _reasons(session)
    found = [each for row in applied for each in _changed(workspace, row, item_id, reasons)]
    by_hand = session.scalars(
        select(AuditRow).where(
            AuditRow.subject == f"item:{item_id}", AuditRow.action.in_(BY_HAND), AuditRow.at <= on
        )
    )
    found += [
        LabelDeed(
            row.at, row.actor, row.details["kind"], None, row.details.get("label"), None, None,
            row.action,
        )
        for row in by_hand
    ]  # fmt: skip
    return sorted(found, key=lambda each: each.at)


def _reasons(session: Session) -> dict[tuple[str | None, int | None], str]:
    """Return why each version of a policy was undone."""
    rows = session.scalars(select(UndoRow))
    return {(row.policy_id, row.policy_version): row.reason for row in rows}


def _changed(
    workspace: Workspace,
    row: ApplicationRow,
    item_id: str,
    reasons: dict[tuple[str | None, int | None], str],
) -> list[LabelDeed]:
    store = workspace.artifacts
    found = []
    for batch in store.batches(store.reference(row.changes_sha256), _COLUMNS):
        for each in batch.filter(pc.equal(batch.column("item_id"), item_id)).to_pylist():
            if each["change"] in _DONE:
                side = "after" if each["after"] is not None else "before"
                policy = each[f"{side}_policy_id"], each[f"{side}_policy_version"]
                reason = reasons.get(policy, "") if row.cause == "undo" else ""
                found.append(
                    LabelDeed(
                        row.at, row.actor, each["kind"], each["before"], each["after"], *policy,
                        row.cause, reason,
                    )
                )  # fmt: skip
    return found
