"""Artifacts that exist already: the same inputs and code give the same artifact, so none is remade.

What is made, and from what, is the caller's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from cultivar.core.errors import Damaged
from cultivar.core.reference import ArtifactReference
from cultivar.store.origin import CODE_VERSION
from cultivar.store.tables import ArtifactInput, ArtifactRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Made:
    """An artifact, and whether the same work had made it before."""

    artifact: ArtifactReference
    existed: bool


def made_once(
    workspace: Workspace,
    schema_name: str,
    producer: str,
    inputs: Mapping[str, ArtifactReference | str],
    make: Callable[[], ArtifactReference],
) -> Made:
    """Return the artifact that follows from these inputs; it is made only where there is none."""
    known = existing_artifact(workspace, schema_name, producer, inputs)
    return Made(known or make(), existed=known is not None)


def existing_artifact(
    workspace: Workspace,
    schema_name: str,
    producer: str,
    inputs: Mapping[str, ArtifactReference | str],
) -> ArtifactReference | None:
    """Return the artifact that this code once made from exactly these inputs, if it is there.

    ``inputs`` maps a part to its artifact or sha256; without inputs nothing can be found.
    """
    wanted = {part: each if isinstance(each, str) else each.sha256 for part, each in inputs.items()}
    for sha256 in _candidates(workspace, schema_name, producer, wanted):
        found = workspace.artifacts.reference(sha256)
        if workspace.artifacts.inputs_of(sha256) == wanted and is_current(workspace, found):
            return found
    return None


def _candidates(
    workspace: Workspace, schema_name: str, producer: str, wanted: Mapping[str, str]
) -> list[str]:
    if not wanted:
        return []
    part, sha256 = min(wanted.items())
    query = (
        select(ArtifactRow.sha256)
        .join(ArtifactInput, ArtifactInput.output_sha256 == ArtifactRow.sha256)
        .where(
            ArtifactRow.schema_name == schema_name,
            ArtifactRow.producer == str(producer),
            ArtifactInput.part == part,
            ArtifactInput.input_sha256 == sha256,
        )
        .order_by(ArtifactRow.created_at.desc())
    )
    with workspace.registry.reading() as session:
        return list(session.scalars(query))


def is_current(workspace: Workspace, found: ArtifactReference) -> bool:
    """Tell whether an artifact is whole and was made by the code that runs now."""
    try:
        workspace.artifacts.check(found)
        return workspace.artifacts.header(found).get("code_version") == CODE_VERSION
    except Damaged:
        return False
