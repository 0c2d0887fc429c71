"""Model files: written with their origin, and audited before anything is built of them.

Never runs what it reads: there is no code in a model file, and no pickle on this path.
"""

from typing import TYPE_CHECKING

from cultivar.core.reference import ArtifactReference
from cultivar.store.artifacts import ArtifactStore
from cultivar.store.model_files import LAYOUT, packed, unpacked
from cultivar.store.origin import MODEL, Inputs, Origin

if TYPE_CHECKING:  # loads the compiled kernels, which most commands do not need
    from cultivar.core.learning.model import Model
    from cultivar.core.projects.model import ProjectModel


def write_model(
    store: ArtifactStore,
    model: "Model",
    *,
    producer: str,
    inputs: Inputs | None = None,
    run_id: str | None = None,
) -> ArtifactReference:
    """Write a model; the same model, producer and inputs give the same bytes.

    Raises:
        InvalidInput: an input is no known artifact.
        StoreUnavailable: full, read-only or out of reach; nothing is kept.
    """
    lineage = Origin(producer, inputs or {}).header(MODEL, LAYOUT)
    data = packed(model.to_arrays(), {"lineage": lineage, "model": model.header})
    return store.write_bytes(MODEL, data, producer=producer, inputs=inputs, run_id=run_id)


def read_model(store: ArtifactStore, reference: ArtifactReference) -> "Model":
    """Read a model, audit it, then build it.

    Raises:
        Damaged: bytes, layout, names, types, shapes or values are not as declared.
    """
    from cultivar.core.learning.model import Model  # noqa: PLC0415 - see TYPE_CHECKING above

    arrays, header = unpacked(store.read_bytes(reference))
    return Model.from_arrays(arrays, header["model"])


def write_project_model(
    store: ArtifactStore, model: "ProjectModel", *, producer: str, inputs: Inputs
) -> ArtifactReference:
    """Write a project's model; see ``write_model``."""
    lineage = Origin(producer, inputs).header(MODEL, LAYOUT)
    data = packed(model.to_arrays(), {"lineage": lineage, "model": model.header})
    return store.write_bytes(MODEL, data, producer=producer, inputs=inputs)


def read_project_model(store: ArtifactStore, reference: ArtifactReference) -> "ProjectModel":
    """Read a project's model, audit it, then build it.

    Raises:
        Damaged: bytes, layout, names, types, shapes or values are not as declared.
    """
    from cultivar.core.projects.model import ProjectModel  # noqa: PLC0415 - see TYPE_CHECKING above

    arrays, header = unpacked(store.read_bytes(reference))
    return ProjectModel.from_arrays(arrays, header["model"])
