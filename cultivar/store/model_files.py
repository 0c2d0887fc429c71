"""The bytes of a model file: safetensors, numbers and one JSON header."""

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from cultivar.core.errors import Damaged
from cultivar.store.origin import MODEL

# The layout of the file around the model's own format, which the core numbers by itself.
LAYOUT = 1
_KEY = "header"
# safetensors: eight bytes of length, then that much JSON, then the numbers
_LENGTH_BYTES = 8
_HEADER_AT_MOST = 16 << 20


def packed(arrays: "Mapping[str, npt.NDArray[Any]]", header: Mapping[str, Any]) -> bytes:
    """Return arrays and header as safetensors: no time, no order of insertion, one metadata key."""
    dense = {name: np.ascontiguousarray(arrays[name]) for name in sorted(arrays)}
    return save(dense, metadata={_KEY: _canonical(header)})


def unpacked(data: bytes) -> "tuple[dict[str, npt.NDArray[np.generic]], dict[str, Any]]":
    """Return the arrays and the header of a model file.

    Raises:
        Damaged: the bytes are not safetensors with this layout's header.
    """
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
