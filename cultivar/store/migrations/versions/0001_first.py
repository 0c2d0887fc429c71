"""The first form of the registry."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "artifact",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("schema_name", sa.String(length=60), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("producer", sa.String(length=100), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_artifact")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=240), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=240), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "uq_outbox_due",
        "outbox",
        ["kind", "subject"],
        unique=True,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "role_assignment",
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("granted_by", sa.String(length=200), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person", "role", name=op.f("pk_role_assignment")),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=240), nullable=False),
        sa.Column("holder", sa.String(length=240), nullable=False),
        sa.Column("flow_run_id", sa.String(length=64), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("alive_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_index(op.f("ix_run_subject"), "run", ["subject"], unique=False)
    op.create_index(
        "uq_run_open_subject",
        "run",
        ["subject"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "artifact_input",
        sa.Column("output_sha256", sa.String(length=64), nullable=False),
        sa.Column("part", sa.String(length=60), nullable=False),
        sa.Column("input_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["input_sha256"], ["artifact.sha256"], name=op.f("fk_artifact_input_input_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["output_sha256"], ["artifact.sha256"], name=op.f("fk_artifact_input_output_sha256")
        ),
        sa.PrimaryKeyConstraint("output_sha256", "part", name=op.f("pk_artifact_input")),
    )
    op.create_index(
        op.f("ix_artifact_input_input_sha256"), "artifact_input", ["input_sha256"], unique=False
    )
    op.create_table(
        "location",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("workload", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("added_by", sa.String(length=200), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("crawled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("items_sha256", sa.String(length=64), nullable=True),
        sa.Column("crawl", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["items_sha256"], ["artifact.sha256"], name=op.f("fk_location_items_sha256")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_location")),
    )
    op.create_table(
        "tenant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("entitled", sa.Boolean(), nullable=False),
        sa.Column("opt_in_status", sa.String(length=20), nullable=False),
        sa.Column("opted_in_by", sa.String(length=200), nullable=True),
        sa.Column("opted_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("baselined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("baseline_sha256", sa.String(length=64), nullable=True),
        sa.Column("document_frequencies_sha256", sa.String(length=64), nullable=True),
        sa.Column("unlabelled_sha256", sa.String(length=64), nullable=True),
        sa.Column("baseline_documents", sa.Integer(), nullable=False),
        sa.Column("accuracy_target", sa.Float(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_tenant_one_row")),
        sa.ForeignKeyConstraint(
            ["baseline_sha256"], ["artifact.sha256"], name=op.f("fk_tenant_baseline_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["document_frequencies_sha256"],
            ["artifact.sha256"],
            name=op.f("fk_tenant_document_frequencies_sha256"),
        ),
        sa.ForeignKeyConstraint(
            ["unlabelled_sha256"], ["artifact.sha256"], name=op.f("fk_tenant_unlabelled_sha256")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenant")),
    )
    op.create_table(
        "classifier",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.Column("status_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seed_site", sa.String(length=200), nullable=True),
        sa.Column("seed_library", sa.Text(), nullable=False),
        sa.Column("seed_folder", sa.Text(), nullable=False),
        sa.Column("seed_set_sha256", sa.String(length=64), nullable=True),
        sa.Column("test_set_sha256", sa.String(length=64), nullable=True),
        sa.Column("predictions_sha256", sa.String(length=64), nullable=True),
        sa.Column("candidate_version_id", sa.String(length=100), nullable=True),
        sa.Column("published_version_id", sa.String(length=100), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_version_id"], ["version.id"], name="fk_classifier_candidate", use_alter=True
        ),
        sa.ForeignKeyConstraint(
            ["predictions_sha256"],
            ["artifact.sha256"],
            name=op.f("fk_classifier_predictions_sha256"),
        ),
        sa.ForeignKeyConstraint(
            ["published_version_id"], ["version.id"], name="fk_classifier_published", use_alter=True
        ),
        sa.ForeignKeyConstraint(
            ["seed_set_sha256"], ["artifact.sha256"], name=op.f("fk_classifier_seed_set_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["seed_site"], ["location.name"], name=op.f("fk_classifier_seed_site")
        ),
        sa.ForeignKeyConstraint(
            ["test_set_sha256"], ["artifact.sha256"], name=op.f("fk_classifier_test_set_sha256")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_classifier")),
        sa.UniqueConstraint("name", name=op.f("uq_classifier_name")),
    )
    op.create_table(
        "gate_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("classifier_id", sa.String(length=80), nullable=True),
        sa.Column("gate", sa.String(length=60), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("artifact_sha256", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=True),
        sa.Column("overridden_by", sa.String(length=200), nullable=True),
        sa.Column("override_reason", sa.Text(), nullable=True),
        sa.Column("overridden_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["artifact_sha256"], ["artifact.sha256"], name=op.f("fk_gate_result_artifact_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["classifier_id"], ["classifier.id"], name=op.f("fk_gate_result_classifier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_result")),
    )
    op.create_index(
        op.f("ix_gate_result_classifier_id"), "gate_result", ["classifier_id"], unique=False
    )
    op.create_table(
        "review",
        sa.Column("classifier_id", sa.String(length=80), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["classifier_id"], ["classifier.id"], name=op.f("fk_review_classifier_id")
        ),
        sa.PrimaryKeyConstraint("classifier_id", "item_id", name=op.f("pk_review")),
    )
    op.create_table(
        "step",
        sa.Column("classifier_id", sa.String(length=80), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("item_count", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["classifier_id"], ["classifier.id"], name=op.f("fk_step_classifier_id")
        ),
        sa.PrimaryKeyConstraint("classifier_id", "step", name=op.f("pk_step")),
    )
    op.create_table(
        "test_source",
        sa.Column("classifier_id", sa.String(length=80), nullable=False),
        sa.Column("site", sa.String(length=200), nullable=False),
        sa.Column("library", sa.String(length=500), nullable=False),
        sa.Column("folder", sa.String(length=500), nullable=False),
        sa.Column("added_by", sa.String(length=200), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["classifier_id"], ["classifier.id"], name=op.f("fk_test_source_classifier_id")
        ),
        sa.ForeignKeyConstraint(["site"], ["location.name"], name=op.f("fk_test_source_site")),
        sa.PrimaryKeyConstraint(
            "classifier_id", "site", "library", "folder", name=op.f("pk_test_source")
        ),
    )
    op.create_table(
        "trainer_grant",
        sa.Column("classifier_id", sa.String(length=80), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("granted_by", sa.String(length=200), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["classifier_id"], ["classifier.id"], name=op.f("fk_trainer_grant_classifier_id")
        ),
        sa.PrimaryKeyConstraint("classifier_id", "person", name=op.f("pk_trainer_grant")),
    )
    op.create_table(
        "version",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("classifier_id", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("model_sha256", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("prior", sa.Float(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["classifier_id"], ["classifier.id"], name=op.f("fk_version_classifier_id")
        ),
        sa.ForeignKeyConstraint(
            ["model_sha256"], ["artifact.sha256"], name=op.f("fk_version_model_sha256")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version")),
        sa.UniqueConstraint(
            "classifier_id", "number", name=op.f("uq_version_classifier_id_number")
        ),
    )
    op.create_index(op.f("ix_version_classifier_id"), "version", ["classifier_id"], unique=False)
    op.create_table(
        "batch",
        sa.Column("classifier_id", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.String(length=100), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("presented", sa.Integer(), nullable=False),
        sa.Column("decided", sa.Integer(), nullable=False),
        sa.Column("agreed", sa.Integer(), nullable=False),
        sa.Column("accuracy", sa.Float(), nullable=True),
        sa.Column("lower", sa.Float(), nullable=True),
        sa.Column("upper", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["classifier_id"], ["classifier.id"], name=op.f("fk_batch_classifier_id")
        ),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_batch_version_id")),
        sa.PrimaryKeyConstraint("classifier_id", "number", name=op.f("pk_batch")),
    )
    op.create_table(
        "labelling",
        sa.Column("location", sa.String(length=200), nullable=False),
        sa.Column("classifier_id", sa.String(length=80), nullable=False),
        sa.Column("version_id", sa.String(length=100), nullable=False),
        sa.Column("items_sha256", sa.String(length=64), nullable=False),
        sa.Column("assignments_sha256", sa.String(length=64), nullable=False),
        sa.Column("items", sa.BigInteger(), nullable=False),
        sa.Column("matches", sa.BigInteger(), nullable=False),
        sa.Column("close_matches", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignments_sha256"],
            ["artifact.sha256"],
            name=op.f("fk_labelling_assignments_sha256"),
        ),
        sa.ForeignKeyConstraint(
            ["classifier_id"], ["classifier.id"], name=op.f("fk_labelling_classifier_id")
        ),
        sa.ForeignKeyConstraint(
            ["items_sha256"], ["artifact.sha256"], name=op.f("fk_labelling_items_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["location"], ["location.name"], name=op.f("fk_labelling_location")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_labelling_version_id")
        ),
        sa.PrimaryKeyConstraint("location", "classifier_id", name=op.f("pk_labelling")),
    )
    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("classifier_id", sa.String(length=80), nullable=False),
        sa.Column("version_id", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["classifier_id"], ["classifier.id"], name=op.f("fk_publication_classifier_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_publication_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
        sa.UniqueConstraint(
            "classifier_id", "number", name=op.f("uq_publication_classifier_id_number")
        ),
    )
    op.create_index(
        op.f("ix_publication_classifier_id"), "publication", ["classifier_id"], unique=False
    )
    op.create_table(
        "review_item",
        sa.Column("classifier_id", sa.String(length=80), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=True),
        sa.Column("version_id", sa.String(length=100), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("prediction", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["classifier_id"], ["classifier.id"], name=op.f("fk_review_item_classifier_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_review_item_version_id")
        ),
        sa.PrimaryKeyConstraint("classifier_id", "item_id", name=op.f("pk_review_item")),
        sa.UniqueConstraint(
            "classifier_id", "position", name=op.f("uq_review_item_classifier_id_position")
        ),
    )
    # SQLite takes a circular key inside the table and cannot add one later.
    if op.get_bind().dialect.name != "sqlite":
        for column in ("candidate", "published"):
            op.create_foreign_key(
                f"fk_classifier_{column}", "classifier", "version", [f"{column}_version_id"], ["id"]
            )
