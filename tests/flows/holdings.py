"""What a workspace holds, for tests that compare before and after."""

from sqlalchemy import select

from cultivar.store.tables import ArtifactRow
from cultivar.store.workspace import Workspace


def artifacts(workspace: Workspace) -> frozenset[tuple[str, str]]:
    """Return schema and hash of every artifact."""
    with workspace.registry.reading() as session:
        rows = session.scalars(select(ArtifactRow))
        return frozenset((row.schema_name, row.sha256) for row in rows)
