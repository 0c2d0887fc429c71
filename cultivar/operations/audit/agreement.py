"""Whether the registry is what the audit log says that people did, and the database itself whole.

It reads and compares; it repairs nothing.
"""

from collections.abc import Iterator, Mapping

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.people.redaction import NAMED_SUBJECTS
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
    PersonRow,
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
    """Return where the rows of the registry are not those that the audit log leads to.

    A log that began after the registry was set up says nothing of what was before.
    """
    begun = select(AuditRow.id).where(AuditRow.action == str(AuditAction.SET_UP)).limit(1)
    if session.scalar(begun) is None:
        return ()
    ids = ids_of_people(session)
    return differences(replayed(_deeds(session, ids)), held(session, ids))


def ids_of_people(session: Session) -> dict[str, str]:
    """Return the id behind each name that a record may give, also of those that are no more."""
    people = session.scalars(select(PersonRow)).all()
    former = {name: person.id for person in people for name in person.former_names}
    return former | {name: each.id for each in people for name in (each.name, each.id)}


def _deeds(session: Session, ids: Mapping[str, str]) -> Iterator[Deed]:
    columns = (AuditRow.actor, AuditRow.action, AuditRow.subject, AuditRow.details)
    rows = session.execute(
        select(*columns).order_by(AuditRow.id).execution_options(yield_per=_AT_ONCE)
    )
    for actor, action, subject, details in rows:
        about = ids.get(subject, subject) if action in NAMED_SUBJECTS else subject
        person = details.get("person")
        named = {} if person is None else {"person": ids.get(person, person)}
        yield Deed(ids.get(actor, actor), action, about, details | named)


def held(session: Session, ids: Mapping[str, str]) -> Standing:
    """Return what stands in the registry, in the form that the log is replayed to."""
    found = Standing()
    _put_verdicts(session, found, ids)
    _put_people(session, found, ids)
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


def _put_verdicts(session: Session, found: Standing, ids: Mapping[str, str]) -> None:
    for review in session.scalars(select(ReviewRow)):
        found.put(replay.REVIEWS, (review.classifier_id, review.item_id), review.verdict)
    for item in session.scalars(select(ContentItemRow).where(ContentItemRow.verdict.is_not(None))):
        found.put(replay.CONTENT, (item.classifier_id, item.item_id), str(item.verdict))
    for drawn in session.scalars(select(ReleaseItemRow).where(ReleaseItemRow.verdict.is_not(None))):
        found.put(replay.RELEASE, (drawn.version_id, drawn.item_id), str(drawn.verdict))
    # a later row of the same person and item takes the place of an earlier one
    for given in session.scalars(select(FeedbackRow).order_by(FeedbackRow.id)):
        key = (given.classifier_id, given.item_id, ids.get(given.person, given.person))
        found.put(replay.FEEDBACK, key, given.verdict or replay.NOTHING)


def _put_people(session: Session, found: Standing, ids: Mapping[str, str]) -> None:
    for role in session.scalars(select(RoleAssignment)):
        found.put(replay.ROLES, (ids.get(role.person, role.person), role.role), "")
    for grant in session.scalars(select(TrainerGrant)):
        found.put(replay.TRAINERS, (grant.classifier_id, ids.get(grant.person, grant.person)), "")
    for key in session.scalars(select(KeyRow)):
        state = "revoked" if key.revoked_at is not None else "live"
        person = ids.get(key.person, key.person)
        found.put(replay.KEYS, (key.id,), key_value(person, key.roles, state))
