"""The model of a version, by the version's id."""

from typing import TYPE_CHECKING

from cultivar.operations.identifiers import version_row
from cultivar.store.workspace import Workspace

if TYPE_CHECKING:
    from cultivar.core.learning.model import Model


def model_of(workspace: Workspace, version_id: str) -> "Model":
    """Return the model of a version.

    Raises:
        NotFound: code ``unknown-version``.
        Damaged: the model file is not what its hash says.
    """
    # brings the kernels, which who only asks for a version's name must not wait for
    from cultivar.operations.engines import model_at  # noqa: PLC0415

    model = workspace.artifacts.reference(version_model(workspace, version_id))
    return model_at(workspace, model)


def version_model(workspace: Workspace, version_id: str) -> str:
    """Return the sha256 of a version's model file.

    Raises:
        NotFound: code ``unknown-version``.
    """
    return version_row(workspace, version_id).model_sha256
