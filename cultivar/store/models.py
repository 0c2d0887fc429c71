"""Model files: safetensors, numbers and one JSON header; audited before anything is built.

Never runs what it reads: there is no code in a model file, and no pickle on this path.
"""

import json
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cultivar.core.errors import Damaged
from cultivar.core.reference import ArtifactReference
from cultivar.store.artifacts import ArtifactStore
from cultivar.store.origin import MODEL, Inputs, Origin

if TYPE_CHECKING:  # loads the compiled kernels, which most commands do not need
    import numpy as np
    import numpy.typing as npt

    from cultivar.core.learning.model import Model
    from cultivar.core.projects.model import ProjectModel

# The layout of the file around the model's own format, which the core numbers by itself.
LAYOUT = 1
_KEY = "header"
# safetensors: eight bytes of length, then that much JSON, then the numbers
_LENGTH_BYTES = 8
_HEADER_AT_MOST = 16 << 20


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


def packed(arrays: "Mapping[str, npt.NDArray[Any]]", header: Mapping[str, Any]) -> bytes:
    """Return arrays and header as safetensors: no time, no order of insertion, one metadata key."""
    import numpy as np  # noqa: PLC0415
    from safetensors.numpy import save  # noqa: PLC0415

    dense = {name: np.ascontiguousarray(arrays[name]) for name in sorted(arrays)}
    return save(dense, metadata={_KEY: _canonical(header)})


def unpacked(data: bytes) -> "tuple[dict[str, npt.NDArray[np.generic]], dict[str, Any]]":
    """Return the arrays and the header of a model file.

    Raises:
        Damaged: the bytes are not safetensors with this layout's header.
    """
    from safetensors import SafetensorError  # noqa: PLC0415
    from safetensors.numpy import load  # noqa: PLC0415

    header = _header(data)
    try:
        return load(data), header
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise _damaged("its numbers are not laid out as safetensors") from error


def model_header(data: bytes) -> dict[str, Any]:
    """Return what a model file says of itself: schema, producer, code version, inputs.

    Raises:
        Damaged: there is no such header, or it is of an unknown layout.
    """
    lineage: dict[str, Any] = _header(data)["lineage"]
    return lineage


def _canonical(header: Mapping[str, Any]) -> str:
    return json.dumps(header, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _header(data: bytes) -> dict[str, Any]:
    if len(data) < _LENGTH_BYTES:
        raise _damaged("it is too short to have a header")
    (length,) = struct.unpack("<Q", data[:_LENGTH_BYTES])
    if length > min(_HEADER_AT_MOST, len(data) - _LENGTH_BYTES):
        raise _damaged("its header is longer than the file or the limit")
    try:
        outer = json.loads(data[_LENGTH_BYTES : _LENGTH_BYTES + length])
        header = json.loads(outer["__metadata__"][_KEY])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged("its header is not the JSON of a model") from error
    if not isinstance(header, dict):
        raise _damaged("its header is not the JSON of a model")
    return _checked(header)


def _checked(header: dict[str, Any]) -> dict[str, Any]:
    lineage, model = header.get("lineage"), header.get("model")
    if not isinstance(lineage, dict) or not isinstance(model, dict):
        raise _damaged("its header lacks the lineage or the model")
    if lineage.get("schema") != MODEL or lineage.get("schema_version") != LAYOUT:
        raise _damaged(
            f"its layout is {lineage.get('schema_version')!s:.20}; this release reads {LAYOUT}"
        )
    return header


def _damaged(wrong: str) -> Damaged:
    return Damaged(
        "model-damaged",
        f"The model file cannot be used: {wrong}. Restore the file or train again.",
        {"wrong": wrong},
    )
