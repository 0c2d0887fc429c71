"""What the store said of the state of a kept item's file, which tells it from its copies."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("kept_item", sa.Column("state", sa.Text(), nullable=True))
