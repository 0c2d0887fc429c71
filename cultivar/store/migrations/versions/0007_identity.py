"""Items that something given by a person rests on; what a crawl read with."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "kept_item",
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("location", sa.String(length=200), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("store_id", sa.Text(), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["location"], ["location.name"], name=op.f("fk_kept_item_location")
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_kept_item")),
    )
    op.create_index(op.f("ix_kept_item_location"), "kept_item", ["location"], unique=False)
    op.add_column("location", sa.Column("read_with", sa.JSON(), nullable=True))
