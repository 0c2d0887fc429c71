"""Policies, their versions, what they labelled and the writers' deeds."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Change nothing yet."""
