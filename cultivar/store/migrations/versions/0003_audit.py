"""The audit log's hash chain."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Change nothing yet."""
