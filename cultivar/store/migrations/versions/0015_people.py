"""People as ids, with their names in a table of their own; the audit log gets a checkpoint.

Rows of the audit log that were written before keep their names and hashes. The checkpoint is the
next row: how many rows there were, and the hash of the last. After it, the log holds ids.
"""

import secrets
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from cultivar.core.audit_actions import AuditAction
from cultivar.core.audit_chain import Anchor, Entry, canonical_json, chained, moment
from cultivar.core.people.redaction import NAMED_SUBJECTS, checkpoint

revision = "0015"
down_revision = "0013"

# every column that named a person
_NAMES = {
    "api_key": ("person", "created_by", "revoked_by"),
    "application": ("actor",),
    "classifier": ("owner", "archived_by"),
    "content_batch": ("opened_by",),
    "content_item": ("person",),
    "drive": ("named_by",),
    "feedback": ("person",),
    "gate_result": ("overridden_by",),
    "location": ("added_by",),
    "person_label": ("person",),
    "policy": ("created_by", "archived_by"),
    "policy_undo": ("actor",),
    "policy_version": ("created_by",),
    "project": ("owner",),
    "project_deployment": ("deployed_by",),
    "project_job": ("created_by",),
    "project_model": ("trained_by",),
    "publication": ("actor",),
    "release_item": ("person",),
    "release_sample": ("drawn_by",),
    "retraining": ("started_by", "decided_by"),
    "review": ("person",),
    "role_assignment": ("person", "granted_by"),
    "tenant": ("opted_in_by",),
    "test_source": ("added_by",),
    "trainer_grant": ("person", "granted_by"),
}
# who stands as the actor of the checkpoint: nobody asked for it
_ACTOR = "cultivar"


def upgrade() -> None:
    connection = op.get_bind()
    _make_tables()
    op.add_column(
        "tenant",
        sa.Column("bound_claims_only", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    at = datetime.now(UTC)
    people = {name: f"p-{each}" for name, each in zip(_known(connection), _ids(), strict=False)}
    for name, person_id in people.items():
        connection.execute(
            sa.text(
                "INSERT INTO person (id, name, former_names, added_at) "
                "VALUES (:id, :name, '[]', :at)"
            ).bindparams(sa.bindparam("at", type_=sa.DateTime(timezone=True))),
            {"id": person_id, "name": name, "at": at},
        )
    for table, columns in _NAMES.items():
        for column in columns:
            connection.execute(
                sa.text(
                    f"UPDATE {table} SET {column} = "  # noqa: S608 - names of this file
                    f"(SELECT person.id FROM person WHERE person.name = {table}.{column}) "
                    f"WHERE {column} IS NOT NULL"
                )
            )
    _name_what_is_due(connection, people)
    _add_checkpoint(connection, at, len(people))


def _make_tables() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=True),
        sa.Column("former_names", sa.JSON(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("name", name=op.f("uq_person_name")),
    )
    op.create_table(
        "binding",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=320), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("bound_by", sa.String(length=200), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_binding")),
    )
    op.create_index(op.f("ix_binding_person"), "binding", ["person"], unique=False)


def _ids() -> Any:
    given: set[str] = set()
    while True:
        made = secrets.token_hex(4)
        if made not in given:
            given.add(made)
            yield made


def _known(connection: sa.Connection) -> list[str]:
    """Return everybody whom a record names."""
    names = {
        name
        for table, columns in _NAMES.items()
        for column in columns
        for name in _column(connection, table, column)
    }
    names |= set(_column(connection, "audit", "actor"))
    subjects = sa.text("SELECT DISTINCT subject FROM audit WHERE action = :action")
    for action in NAMED_SUBJECTS:
        names |= set(connection.execute(subjects, {"action": action}).scalars())
    return sorted(names)


def _column(connection: sa.Connection, table: str, column: str) -> list[str]:
    query = f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608
    return list(connection.execute(sa.text(query)).scalars())


def _name_what_is_due(connection: sa.Connection, people: dict[str, str]) -> None:
    rows = sa.table("outbox", sa.column("id", sa.Integer), sa.column("payload", sa.JSON))
    for row in connection.execute(sa.select(rows)).all():
        payload = dict(row.payload)
        payload["actor"] = people.get(payload.get("actor", ""), payload.get("actor"))
        connection.execute(sa.update(rows).where(rows.c.id == row.id).values(payload=payload))


def _add_checkpoint(connection: sa.Connection, at: datetime, people: int) -> None:
    count, head = connection.execute(sa.text("SELECT count, head FROM audit_anchor")).one()
    if not count:
        return
    before = Anchor(count, head)
    action, details = AuditAction.NAMES_SEPARATED.value, checkpoint(before, people)
    row = chained(before, Entry(at, _ACTOR, action, "audit", details))
    connection.execute(
        sa.text(
            "INSERT INTO audit (id, at, actor, action, subject, details, previous, hash) "
            "VALUES (:id, :at, :actor, :action, 'audit', :details, :previous, :hash)"
        ),
        {
            "id": row.number, "at": moment(at), "actor": _ACTOR, "action": action,
            "details": canonical_json(details), "previous": row.previous, "hash": row.hash,
        },
    )  # fmt: skip
    connection.execute(
        sa.text("UPDATE audit_anchor SET count = :count, head = :head"),
        {"count": row.number, "head": row.hash},
    )
