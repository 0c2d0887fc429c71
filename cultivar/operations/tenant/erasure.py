"""A person erased: the name goes, what let them act ends, what they did stays under an id.

The oldest rows of the audit log hold names in what was hashed. They are redacted as the core says:
the chain still proves them. Free texts that people wrote are not changed; they are counted.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import JSON, Column, String, Table, Text, cast, delete, func, or_, select
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.audit_chain import Row, canonical_json, said_hash
from cultivar.core.errors import NotReady
from cultivar.core.people.names import erased_name
from cultivar.core.people.redaction import ATTESTED_AT_ONCE, attestation, redacted
from cultivar.core.roles import Action, AnyActor, Role
from cultivar.operations.identities import person_named
from cultivar.operations.transactions import Transaction, snapshot, transaction
from cultivar.store import audit_log
from cultivar.store.tables import (
    AuditRow,
    BindingRow,
    ClassifierRow,
    KeptReplyRow,
    KeyRow,
    OutboxRow,
    PasswordRow,
    PersonRow,
    RoleAssignment,
    SessionRow,
    SetUpLinkRow,
    TrainerGrant,
    all_tables,
)
from cultivar.store.workspace import Workspace

_ENDED_KEY = "a key of an erased person"
# what lets the person act, or begin to
_OF_THE_PERSON = (
    RoleAssignment, TrainerGrant, BindingRow, PasswordRow, SessionRow, SetUpLinkRow,
)  # fmt: skip
# tables whose texts are emptied, redacted or removed by what stands here
_LOOKED_AFTER = frozenset({"person", "binding", "kept_reply", "api_key", "audit"})


@dataclass(frozen=True, slots=True)
class Erasure:
    """What erasing a person does or did.

    ``classifiers`` go to ``heir``. ``rows_redacted`` are those of the audit log from before the
    checkpoint. ``mentions`` counts, by table and column, rows whose free text holds the name; of
    the audit log, those that still do.
    """

    id: str
    heir: str | None
    classifiers: tuple[str, ...]
    keys: int
    rows_redacted: int
    mentions: dict[str, int]


def plan_erasure(
    workspace: Workspace, actor: AnyActor, person: str, heir: str | None = None
) -> Erasure:
    """Return what erasing a person would do; nothing is changed.

    Raises: as ``erase_person``.
    """
    with snapshot(workspace, actor, Action.GRANT_ROLES) as tx:
        row = person_named(tx.session, person)
        to = None if heir is None else person_named(tx.session, heir)
        _require_erasable(tx, row, to)
        rows = len(list(_to_redact(tx.session, row)))
        return _account(tx, row, to, rows)


def erase_person(
    workspace: Workspace, actor: AnyActor, person: str, heir: str | None = None
) -> Erasure:
    """Empty a person's row and end their roles, grants, keys and accounts, in one transaction.

    ``heir`` owns their classifiers from then on, and stands for them in work that is still due. The
    registry is then written afresh, so that no free page of it holds the name.

    Raises:
        NotPermitted: the actor is not a global administrator; code ``person-erased``.
        NotFound: code ``unknown-person``.
        NotReady: codes ``last-administrator``, ``owns-classifiers``.
        StoreUnavailable: the registry could not be written afresh; the next erasure does so.
    """
    with transaction(workspace, actor, Action.GRANT_ROLES) as tx:
        row = person_named(tx.session, person)
        to = None if heir is None else person_named(tx.session, heir)
        _require_erasable(tx, row, to)
        account = _account(tx, row, to, _redact(tx, row))
        _hand_over(tx, row, to)
        _end(tx, row)
        tx.audit(
            AuditAction.PERSON_ERASED, row.id, heir=to.id if to else None,
            classifiers=list(account.classifiers), keys=account.keys,
            rows_redacted=account.rows_redacted,
        )  # fmt: skip
        tx.session.flush()
        row.name, row.address, row.former_names = erased_name(row.id), None, []
        row.erased_at = tx.at
    workspace.registry.compact()
    return account


def _require_erasable(tx: Transaction, row: PersonRow, heir: PersonRow | None) -> None:
    if tx.administrators() == [row.name]:
        raise NotReady(
            "last-administrator",
            f"{row.name} is the only {Role.GLOBAL_ADMINISTRATOR}; grant that role to somebody else "
            "first.",
        )
    owned = _owned(tx.session, row)
    if owned and (heir is None or heir.id == row.id):
        raise NotReady(
            "owns-classifiers",
            f"{row.name} owns {', '.join(owned[:5])}. Nobody could train these or grant training "
            f"any more. `cultivar person erase {row.id} --heir PERSON` hands them over.",
            {"classifiers": owned},
        )


def _owned(session: Session, row: PersonRow) -> list[str]:
    query = select(ClassifierRow.id).where(ClassifierRow.owner == row.name)
    return list(session.scalars(query.order_by(ClassifierRow.id)))


def _account(tx: Transaction, row: PersonRow, heir: PersonRow | None, redactions: int) -> Erasure:
    keys = select(func.count()).select_from(KeyRow)
    live = keys.where(KeyRow.person == row.name, KeyRow.revoked_at.is_(None))
    return Erasure(
        row.id, heir.name if heir else None, tuple(_owned(tx.session, row)),
        tx.session.scalar(live) or 0, redactions,
        {**dict(_mentions(tx.session, row)), **_audit_mentions(tx.session, row)},
    )  # fmt: skip


def _hand_over(tx: Transaction, row: PersonRow, heir: PersonRow | None) -> None:
    if heir is not None:
        for classifier in _owned(tx.session, row):
            tx.session.get_one(ClassifierRow, classifier).owner = heir.name
            tx.audit(AuditAction.OWNER_CHANGED, classifier, person=heir.id, before=row.id)
    stands_in = heir.id if heir else tx.actor_id
    for due in tx.session.scalars(select(OutboxRow).where(OutboxRow.done_at.is_(None))):
        if due.payload.get("actor") == row.id:
            due.payload = {**due.payload, "actor": stands_in}


def _end(tx: Transaction, row: PersonRow) -> None:
    """End what let the person act, and what was said to them by name."""
    for table in _OF_THE_PERSON:
        tx.session.execute(delete(table).where(table.person == row.name))
    for key in tx.session.scalars(select(KeyRow).where(KeyRow.person == row.name)):
        key.name = _ENDED_KEY
        if key.revoked_at is None:
            key.revoked_at, key.revoked_by = tx.at, tx.actor
    for reply in tx.session.scalars(select(KeptReplyRow)):
        if any(each in (reply.body or "") for each in _spelt(row)):
            tx.session.delete(reply)


def _redact(tx: Transaction, row: PersonRow) -> int:
    """Redact the oldest rows of the log, attest that in new ones, and return how many they are."""
    rows = list(_to_redact(tx.session, row))
    audit_log.redact(tx.session, rows)
    for start in range(0, len(rows), ATTESTED_AT_ONCE):
        details = attestation(rows[start : start + ATTESTED_AT_ONCE], said_hash)
        tx.audit(AuditAction.NAMES_REDACTED, row.id, **details)
    return len(rows)


def _to_redact(session: Session, row: PersonRow) -> Iterator[Row]:
    """Yield the rows of before the checkpoint that name the person, as they will stand."""
    names = [row.name, *row.former_names]
    for each in audit_log.before_checkpoint(session):
        entry = redacted(each.entry, names, row.id)
        if entry != each.entry:
            yield replace(each, entry=entry)


def _spelt(row: PersonRow) -> list[str]:
    """Return the ways in which a text or JSON may hold the person's names."""
    names = [row.name, *row.former_names]
    return sorted({*names, *(json.dumps(each)[1:-1] for each in names)})


def _mentions(session: Session, row: PersonRow) -> Iterator[tuple[str, int]]:
    """Yield how many rows hold the name within a text that somebody wrote, by table and column."""
    for table in all_tables().sorted_tables:
        for column in _texts(table):
            text = cast(column, Text)
            found = or_(*(text.contains(each, autoescape=True) for each in _spelt(row)))
            count = session.scalar(select(func.count()).select_from(table).where(found))
            if count:
                yield f"{table.name}.{column.name}", count


def _audit_mentions(session: Session, row: PersonRow) -> dict[str, int]:
    """Return how many rows of the log hold the name in a text, those aside that are redacted."""
    names, count = [row.name, *row.former_names], 0
    redactable = {
        each.number: redacted(each.entry, names, row.id)
        for each in audit_log.before_checkpoint(session)
    }
    for each in session.scalars(select(AuditRow)):
        entry = redactable.get(each.id)
        said = (entry.subject, entry.details) if entry else (each.subject, each.details)
        count += any(name in canonical_json(list(said)) for name in names)
    return {"audit.details": count} if count else {}


def _texts(table: Table) -> list[Column[str]]:
    """Return the columns of a table that may hold free text; the log's are redacted apart."""
    if table.name in _LOOKED_AFTER:
        return []
    return [
        column
        for column in table.columns
        if isinstance(column.type, String | JSON) and not column.foreign_keys
    ]
