"""At which operating point a version labels content; null where the review's threshold does."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    for table in ("classifier", "publication", "labelling"):
        op.add_column(table, sa.Column("operating_point", sa.String(length=20), nullable=True))
