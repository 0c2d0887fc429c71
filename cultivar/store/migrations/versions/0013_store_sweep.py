"""What the store sweep notes: since when nothing needs an artifact, and what followed a crawl."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("artifact", sa.Column("unneeded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("artifact", sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "swept_crawl",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("next_sha256", sa.String(64), nullable=True),
        sa.Column("difference_sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_swept_crawl"),
        sa.ForeignKeyConstraint(
            ["sha256"], ["artifact.sha256"], name="fk_swept_crawl_sha256_artifact"
        ),
        sa.ForeignKeyConstraint(
            ["next_sha256"], ["artifact.sha256"], name="fk_swept_crawl_next_sha256_artifact"
        ),
        sa.ForeignKeyConstraint(
            ["difference_sha256"],
            ["artifact.sha256"],
            name="fk_swept_crawl_difference_sha256_artifact",
        ),
    )
