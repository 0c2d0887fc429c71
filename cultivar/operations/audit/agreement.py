"""Whether the registry is what the audit log says that people did, and the database itself whole.

It reads and compares; it repairs nothing.
"""

from collections.abc import Iterator

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cultivar.core.vocabulary import REMOVED
from cultivar.operations.audit import replay
from cultivar.operations.audit.replay import (
    Deed,
    Difference,
    Standing,
    differences,
    key_value,
    replayed,
)
from cultivar.store.tables import (
    AuditRow,
    ClassifierRow,
    ContentItemRow,
    FeedbackRow,
    KeyRow,
    LocationRow,
    PolicyRow,
    ProjectRow,
    ReleaseItemRow,
    ReviewRow,
    RoleAssignment,
    Tenant,
    TrainerGrant,
)

_AT_ONCE = 1_000
_SHOWN = 3


def faults_of_database(session: Session) -> list[str]:
    """Return what the database says is wrong with its own file; PostgreSQL checks as it reads."""
    if session.get_bind().dialect.name != "sqlite":
        return []
    told = [str(row[0]) for row in session.execute(text("PRAGMA integrity_check(20)"))]
    orphans = session.execute(text("PRAGMA foreign_key_check")).all()
    faults = [each for each in told if each != "ok"]
    if orphans:
        names = ", ".join(sorted({str(row[0]) for row in orphans})[:_SHOWN])
        faults.append(f"{len(orphans):,} rows refer to rows that are gone (of {names})")
    return faults


def disagreements(session: Session) -> tuple[Difference, ...]:
    """Return where the rows of the registry are not those that the audit log leads to."""
    return differences(replayed(_deeds(session)), held(session))


def _deeds(session: Session) -> Iterator[Deed]:
    columns = (AuditRow.actor, AuditRow.action, AuditRow.subject, AuditRow.details)
    rows = session.execute(
        select(*columns).order_by(AuditRow.id).execution_options(yield_per=_AT_ONCE)
    )
    for actor, action, subject, details in rows:
        yield Deed(actor, action, subject, details)


def held(session: Session) -> Standing:
    """Return what stands in the registry, in the form that the log is replayed to."""
    found = Standing()
    _put_verdicts(session, found)
    _put_people(session, found)
    for classifier in session.scalars(select(ClassifierRow)):
        found.put(replay.STATUSES, (classifier.id,), classifier.status)
    for policy in session.scalars(select(PolicyRow.id)):
        found.put(replay.POLICIES, (policy,), "")
    for location in session.scalars(select(LocationRow.name).where(LocationRow.purpose != REMOVED)):
        found.put(replay.LOCATIONS, (location,), "")
    for project in session.scalars(select(ProjectRow.name)):
        found.put(replay.PROJECTS, (project,), "")
    tenant = session.get(Tenant, 1)
    if tenant is not None:
        found.put(replay.ENTITLEMENT, ("tenant",), str(tenant.entitled))
    return found


def _put_verdicts(session: Session, found: Standing) -> None:
    for review in session.scalars(select(ReviewRow)):
        found.put(replay.REVIEWS, (review.classifier_id, review.item_id), review.verdict)
    for item in session.scalars(select(ContentItemRow).where(ContentItemRow.verdict.is_not(None))):
        found.put(replay.CONTENT, (item.classifier_id, item.item_id), str(item.verdict))
    for drawn in session.scalars(select(ReleaseItemRow).where(ReleaseItemRow.verdict.is_not(None))):
        found.put(replay.RELEASE, (drawn.version_id, drawn.item_id), str(drawn.verdict))
    # a later row of the same person and item takes the place of an earlier one
    for given in session.scalars(select(FeedbackRow).order_by(FeedbackRow.id)):
        key = (given.classifier_id, given.item_id, given.person)
        found.put(replay.FEEDBACK, key, given.verdict or replay.NOTHING)


def _put_people(session: Session, found: Standing) -> None:
    for role in session.scalars(select(RoleAssignment)):
        found.put(replay.ROLES, (role.person, role.role), "")
    for grant in session.scalars(select(TrainerGrant)):
        found.put(replay.TRAINERS, (grant.classifier_id, grant.person), "")
    for key in session.scalars(select(KeyRow)):
        state = "revoked" if key.revoked_at is not None else "live"
        found.put(replay.KEYS, (key.id,), key_value(key.person, key.roles, state))
