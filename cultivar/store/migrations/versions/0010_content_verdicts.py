"""Batches of the content that people judge, to teach the next version or to compare two."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "content_batch",
        sa.Column("classifier_id", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("version_id", sa.String(length=100), nullable=False),
        sa.Column("retraining", sa.Integer(), nullable=True),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(length=200), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["classifier_id"], ["classifier.id"], name=op.f("fk_content_batch_classifier_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_content_batch_version_id")
        ),
        sa.PrimaryKeyConstraint("classifier_id", "number", name=op.f("pk_content_batch")),
    )
    op.create_table(
        "content_item",
        sa.Column("classifier_id", sa.String(length=80), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("prediction", sa.String(length=20), nullable=False),
        sa.Column("only", sa.String(length=20), nullable=True),
        sa.Column("items_sha256", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=True),
        sa.Column("person", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["classifier_id"], ["classifier.id"], name=op.f("fk_content_item_classifier_id")
        ),
        sa.ForeignKeyConstraint(
            ["items_sha256"], ["artifact.sha256"], name=op.f("fk_content_item_items_sha256")
        ),
        sa.PrimaryKeyConstraint("classifier_id", "item_id", name=op.f("pk_content_item")),
    )
