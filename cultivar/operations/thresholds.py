"""Thresholds of the gates over time: a change is one row of the audit log, by whoever applies it.

The settings give what is active; the last row says what was active before.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.audit_chain import Entry
from cultivar.core.limits import DEFAULTS, Thresholds, changed_thresholds
from cultivar.operations.identities import ensure_person
from cultivar.store import audit_log
from cultivar.store.tables import AuditRow, Tenant

SUBJECT = "thresholds"
CHANGED = AuditAction.THRESHOLDS_CHANGED.value


def note_thresholds(
    session: Session,
    asked: Thresholds,
    actor: str,
    at: datetime,
    origin: Mapping[str, str] | None = None,
) -> None:
    """Record what differs from the thresholds recorded last, in the transaction that applies them.

    Nothing is recorded where nothing differs.
    """
    before = recorded_thresholds(session)
    after = changed_thresholds(before, asked)
    if not after:
        return
    details = {"before": {name: before[name] for name in after}, "after": after}
    details |= {"in force": asked.as_dict()}
    person = ensure_person(session, actor, at).id
    audit_log.append(session, Entry(at, person, CHANGED, SUBJECT, details, origin))
    tenant = session.get(Tenant, 1)
    if tenant is not None:
        tenant.accuracy_target = asked.accuracy_target


def recorded_thresholds(session: Session) -> dict[str, float]:
    """Return what was recorded last; before the first change that is the defaults.

    The target of accuracy is recorded with the tenant from the start.
    """
    query = select(AuditRow.details).where(AuditRow.subject == SUBJECT)
    last = session.scalars(query.order_by(AuditRow.id.desc()).limit(1)).first()
    if last is not None:
        return DEFAULTS.as_dict() | last["in force"]
    tenant = session.get(Tenant, 1)
    stated = {} if tenant is None else {"accuracy_target": tenant.accuracy_target}
    return DEFAULTS.as_dict() | stated
