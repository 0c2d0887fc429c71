"""Projects of tagged documents, their models, deployments and jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "project_job",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project", sa.String(length=50), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("holds", sa.String(length=50), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("phases", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("errors", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waits_for", sa.String(length=240), nullable=True),
        sa.Column("run_id", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_job")),
    )
    op.create_index(op.f("ix_project_job_project"), "project_job", ["project"], unique=False)
    op.create_index(
        "uq_project_job_open",
        "project_job",
        ["holds"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "project",
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("multilingual", sa.Boolean(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("container", sa.String(length=200), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("classes", sa.JSON(), nullable=False),
        sa.Column("documents_sha256", sa.String(length=64), nullable=True),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("tagged", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["documents_sha256"], ["artifact.sha256"], name=op.f("fk_project_documents_sha256")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_project")),
    )
    op.create_table(
        "project_deployment",
        sa.Column("project", sa.String(length=50), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("model_label", sa.String(length=50), nullable=False),
        sa.Column("model_id", sa.String(length=36), nullable=False),
        sa.Column("model_sha256", sa.String(length=64), nullable=False),
        sa.Column("config_version", sa.String(length=40), nullable=False),
        sa.Column("trained_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deployed_by", sa.String(length=200), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_sha256"], ["artifact.sha256"], name=op.f("fk_project_deployment_model_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["project"], ["project.name"], name=op.f("fk_project_deployment_project")
        ),
        sa.PrimaryKeyConstraint("project", "name", name=op.f("pk_project_deployment")),
    )
    op.create_index(
        op.f("ix_project_deployment_model_id"), "project_deployment", ["model_id"], unique=False
    )
    op.create_table(
        "project_model",
        sa.Column("project", sa.String(length=50), nullable=False),
        sa.Column("label", sa.String(length=50), nullable=False),
        sa.Column("model_id", sa.String(length=36), nullable=False),
        sa.Column("model_sha256", sa.String(length=64), nullable=False),
        sa.Column("documents_sha256", sa.String(length=64), nullable=False),
        sa.Column("split_sha256", sa.String(length=64), nullable=False),
        sa.Column("validation_sha256", sa.String(length=64), nullable=True),
        sa.Column("config_version", sa.String(length=40), nullable=False),
        sa.Column("evaluation_options", sa.JSON(), nullable=False),
        sa.Column("evaluation", sa.JSON(), nullable=True),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("trained_by", sa.String(length=200), nullable=False),
        sa.Column("trained_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["documents_sha256"],
            ["artifact.sha256"],
            name=op.f("fk_project_model_documents_sha256"),
        ),
        sa.ForeignKeyConstraint(
            ["model_sha256"], ["artifact.sha256"], name=op.f("fk_project_model_model_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["project"], ["project.name"], name=op.f("fk_project_model_project")
        ),
        sa.ForeignKeyConstraint(
            ["split_sha256"], ["artifact.sha256"], name=op.f("fk_project_model_split_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["validation_sha256"],
            ["artifact.sha256"],
            name=op.f("fk_project_model_validation_sha256"),
        ),
        sa.PrimaryKeyConstraint("project", "label", name=op.f("pk_project_model")),
        sa.UniqueConstraint("model_id", name=op.f("uq_project_model_model_id")),
    )
