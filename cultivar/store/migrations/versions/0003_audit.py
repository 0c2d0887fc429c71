"""The audit log's hash chain, its anchor, and triggers that make it append-only.

Rows that were written before are chained in the order in which they were written.
"""

from datetime import UTC

import sqlalchemy as sa
from alembic import op

from cultivar.core.audit_chain import Anchor, Entry, anchored, canonical_json, chained, moment

revision = "0003"
down_revision = "0002"

_BEFORE = sa.table(
    "audit",
    sa.column("id", sa.Integer),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("actor", sa.String),
    sa.column("action", sa.String),
    sa.column("subject", sa.String),
    sa.column("details", sa.JSON),
)

_SQLITE = (
    """CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_anchor_no_delete BEFORE DELETE ON audit_anchor
    BEGIN SELECT RAISE(ABORT, 'the anchor of the audit log stays'); END""",
    """CREATE TRIGGER audit_anchor_no_return BEFORE UPDATE ON audit_anchor
    WHEN NEW.count <= OLD.count
    BEGIN SELECT RAISE(ABORT, 'the anchor of the audit log moves on only'); END""",
)

_POSTGRES = (
    """CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = '23001'; END $$""",
    """CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
    """CREATE TRIGGER audit_anchor_stays BEFORE DELETE OR TRUNCATE ON audit_anchor
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
    """CREATE TRIGGER audit_anchor_no_return BEFORE UPDATE ON audit_anchor
    FOR EACH ROW WHEN (NEW.count <= OLD.count) EXECUTE FUNCTION audit_refuse()""",
)


def upgrade() -> None:
    connection = op.get_bind()
    before = connection.execute(sa.select(_BEFORE).order_by(_BEFORE.c.id)).all()
    op.drop_table("audit")
    audit = op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=240), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_hash")),
    )
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"], unique=False)
    anchor = op.create_table(
        "audit_anchor",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_anchor_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_anchor")),
    )
    rows, head = _chained(before)
    op.bulk_insert(audit, rows)
    op.bulk_insert(anchor, [{"id": 1, "count": head.count, "head": head.head}])
    for trigger in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRES:
        op.execute(trigger)


def _chained(before: list) -> tuple[list[dict], Anchor]:
    rows, head = [], Anchor()
    for each in before:
        at = each.at if each.at.tzinfo else each.at.replace(tzinfo=UTC)
        row = chained(head, Entry(at, each.actor, each.action, each.subject, each.details))
        head = anchored(row)
        rows.append(
            {
                "id": row.number, "at": moment(at), "actor": each.actor, "action": each.action,
                "subject": each.subject, "details": canonical_json(each.details),
                "previous": row.previous, "hash": row.hash,
            }
        )  # fmt: skip
    return rows, head
