"""Numbers and ids that the registry gives out: the next of its kind, and the id of a version."""

from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from cultivar.core.errors import NotFound
from cultivar.core.reference import ArtifactReference
from cultivar.store.tables import VersionRow
from cultivar.store.workspace import Workspace

_HASH_CHARACTERS = 12


def next_number(
    session: Session, column: InstrumentedAttribute[int], *where: ColumnElement[bool]
) -> int:
    """Return the number after the greatest in a column, among some rows; 1 for the first."""
    wanted: Any = select(func.max(column)).where(*where)
    return (session.scalar(wanted) or 0) + 1


def version_id(classifier_id: str, model: ArtifactReference) -> str:
    """Return the id of the version that a model makes: the same model is the same version."""
    return f"{classifier_id}-{model.sha256[:_HASH_CHARACTERS]}"


def version_row(workspace: Workspace, version_id: str) -> VersionRow:
    """Return the row of a version.

    Raises:
        NotFound: code ``unknown-version``.
    """
    with workspace.registry.reading() as session:
        row = session.get(VersionRow, version_id)
    if row is None:
        raise NotFound("unknown-version", f"There is no version {version_id}.")
    return row
