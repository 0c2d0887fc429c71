"""Policies, their versions, what they labelled and the writers' deeds."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "policy",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
        sa.UniqueConstraint("name", name=op.f("uq_policy_name")),
    )
    op.create_table(
        "policy_version",
        sa.Column("policy_id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("writers", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["policy.id"], name=op.f("fk_policy_version_policy_id")
        ),
        sa.PrimaryKeyConstraint("policy_id", "version", name=op.f("pk_policy_version")),
    )
    op.create_table(
        "policy_undo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("policy_id", sa.String(length=80), nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=True),
        sa.Column("classifier_version_id", sa.String(length=100), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["classifier_version_id"],
            ["version.id"],
            name=op.f("fk_policy_undo_classifier_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["policy.id"], name=op.f("fk_policy_undo_policy_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_undo")),
    )
    op.create_table(
        "person_label",
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("location", sa.String(length=200), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=True),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["location"], ["location.name"], name=op.f("fk_person_label_location")
        ),
        sa.PrimaryKeyConstraint("item_id", "kind", name=op.f("pk_person_label")),
    )
    op.create_index(op.f("ix_person_label_location"), "person_label", ["location"], unique=False)
    op.create_table(
        "application",
        sa.Column("location", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("items_sha256", sa.String(length=64), nullable=False),
        sa.Column("labels_sha256", sa.String(length=64), nullable=False),
        sa.Column("changes_sha256", sa.String(length=64), nullable=False),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=True),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changes_sha256"], ["artifact.sha256"], name=op.f("fk_application_changes_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["items_sha256"], ["artifact.sha256"], name=op.f("fk_application_items_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["labels_sha256"], ["artifact.sha256"], name=op.f("fk_application_labels_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["location"], ["location.name"], name=op.f("fk_application_location")
        ),
        sa.PrimaryKeyConstraint("location", "number", name=op.f("pk_application")),
    )
    op.create_table(
        "write",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("location", sa.String(length=200), nullable=False),
        sa.Column("application", sa.Integer(), nullable=False),
        sa.Column("writer", sa.String(length=40), nullable=False),
        sa.Column("deed", sa.String(length=10), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.String(length=80), nullable=False),
        sa.Column("target", sa.JSON(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found", sa.JSON(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["location", "application"],
            ["application.location", "application.number"],
            name=op.f("fk_write_application"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_write")),
    )
    op.create_index(
        op.f("ix_write_place"), "write", ["writer", "item_id", "kind", "slot"], unique=False
    )
    op.create_index(op.f("ix_write_state"), "write", ["state", "next_at"], unique=False)
    op.create_table(
        "written",
        sa.Column("writer", sa.String(length=40), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.String(length=80), nullable=False),
        sa.Column("target", sa.JSON(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("writer", "item_id", "kind", "slot", name=op.f("pk_written")),
    )
    op.create_table(
        "drive",
        sa.Column("location", sa.String(length=200), nullable=False),
        sa.Column("drive_id", sa.String(length=200), nullable=False),
        sa.Column("named_by", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["location"], ["location.name"], name=op.f("fk_drive_location")),
        sa.PrimaryKeyConstraint("location", name=op.f("pk_drive")),
    )
