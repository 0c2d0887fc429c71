"""Through which door, by which system account and key a deed came; the roles of a kept reply.

Null for those of before.

A row without it has the hash that it always had.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("audit", sa.Column("origin", sa.Text(), nullable=True))
    op.add_column("kept_reply", sa.Column("roles", sa.JSON(), nullable=True))
