"""Feedback, retraining, release samples and drift."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "drift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("classifier_id", sa.String(length=80), nullable=False),
        sa.Column("version_id", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["classifier_id"], ["classifier.id"], name=op.f("fk_drift_classifier_id")
        ),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_drift_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drift")),
    )
    op.create_index(op.f("ix_drift_classifier_id"), "drift", ["classifier_id"], unique=False)
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("classifier_id", sa.String(length=80), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=True),
        sa.Column("version_id", sa.String(length=100), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("prediction", sa.String(length=20), nullable=False),
        sa.Column("location", sa.String(length=200), nullable=False),
        sa.Column("items_sha256", sa.String(length=64), nullable=False),
        sa.Column("suggested", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["classifier_id"], ["classifier.id"], name=op.f("fk_feedback_classifier_id")
        ),
        sa.ForeignKeyConstraint(
            ["items_sha256"], ["artifact.sha256"], name=op.f("fk_feedback_items_sha256")
        ),
        sa.ForeignKeyConstraint(["location"], ["location.name"], name=op.f("fk_feedback_location")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_feedback_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    op.create_index(op.f("ix_feedback_classifier_id"), "feedback", ["classifier_id"], unique=False)
    op.create_table(
        "release_sample",
        sa.Column("version_id", sa.String(length=100), nullable=False),
        sa.Column("scores_sha256", sa.String(length=64), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("drawn_by", sa.String(length=200), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["scores_sha256"], ["artifact.sha256"], name=op.f("fk_release_sample_scores_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_release_sample_version_id")
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_release_sample")),
    )
    op.create_table(
        "retraining",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("classifier_id", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_by", sa.String(length=200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_feedback_id", sa.Integer(), nullable=False),
        sa.Column("published_version_id", sa.String(length=100), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("retrained_version_id", sa.String(length=100), nullable=True),
        sa.Column("feedback_sha256", sa.String(length=64), nullable=True),
        sa.Column("comparison_sha256", sa.String(length=64), nullable=True),
        sa.Column("overview_sha256", sa.String(length=64), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=True),
        sa.Column("decision", sa.String(length=20), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["classifier_id"], ["classifier.id"], name=op.f("fk_retraining_classifier_id")
        ),
        sa.ForeignKeyConstraint(
            ["comparison_sha256"], ["artifact.sha256"], name=op.f("fk_retraining_comparison_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["feedback_sha256"], ["artifact.sha256"], name=op.f("fk_retraining_feedback_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["overview_sha256"], ["artifact.sha256"], name=op.f("fk_retraining_overview_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["published_version_id"],
            ["version.id"],
            name=op.f("fk_retraining_published_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["retrained_version_id"],
            ["version.id"],
            name=op.f("fk_retraining_retrained_version_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retraining")),
        sa.UniqueConstraint(
            "classifier_id", "number", name=op.f("uq_retraining_classifier_id_number")
        ),
    )
    op.create_index(
        op.f("ix_retraining_classifier_id"), "retraining", ["classifier_id"], unique=False
    )
    op.create_index(
        "uq_retraining_open",
        "retraining",
        ["classifier_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "release_item",
        sa.Column("version_id", sa.String(length=100), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("prediction", sa.String(length=20), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=True),
        sa.Column("person", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id"], ["release_sample.version_id"], name=op.f("fk_release_item_version_id")
        ),
        sa.PrimaryKeyConstraint("version_id", "item_id", name=op.f("pk_release_item")),
        sa.UniqueConstraint(
            "version_id", "position", name=op.f("uq_release_item_version_id_position")
        ),
    )
    op.create_table(
        "suggestion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("classifier_id", sa.String(length=80), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("version_id", sa.String(length=100), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("prediction", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["classifier_id"], ["classifier.id"], name=op.f("fk_suggestion_classifier_id")
        ),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedback.id"], name=op.f("fk_suggestion_feedback_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_suggestion_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion")),
    )
    op.create_index(
        op.f("ix_suggestion_classifier_id"), "suggestion", ["classifier_id"], unique=False
    )
    op.create_index(op.f("ix_suggestion_feedback_id"), "suggestion", ["feedback_id"], unique=False)
    op.add_column(
        "tenant",
        sa.Column("measured_required", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
