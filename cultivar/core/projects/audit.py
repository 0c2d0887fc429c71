"""The audit of a stored project model before it is believed: shapes, types, ranges, in that order.

It builds nothing; ``ProjectModel.from_arrays`` does, from what passed.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from cultivar.core.errors import CultivarError, Damaged
from cultivar.core.learning.text import FEATURES
from cultivar.core.projects.calibration import Calibration
from cultivar.core.projects.limits import CLASSES_AT_MOST
from cultivar.core.projects.model_format import FORMAT, NAME
from cultivar.core.projects.names import Kind, checked_class

_TYPES = {
    "features": np.uint32,
    "frequencies": np.uint32,
    "weights": np.float32,
    "piece_keys": np.uint64,
    "piece_weights": np.float32,
    "bias": np.float64,
}
_RECORDS = ("engine", "training", "inputs")
Arrays = Mapping[str, npt.NDArray[Any]]


def audited(arrays: Arrays, header: Mapping[str, Any]) -> dict[str, Any]:
    """Return a model's parts; raises ``Damaged`` naming the first part that is wrong."""
    _require(header.get("schema") == NAME, "schema", "is not that of a project's model")
    number = header.get("format")
    _require(number == FORMAT, "format", f"is {number!s:.20}; this version reads {FORMAT}")
    classes = _classes(header.get("classes"))
    _check_arrays(arrays, len(classes))
    documents = header.get("documents")
    _require(type(documents) is int and documents > 0, "documents", "is not a number above 0")
    most = int(arrays["frequencies"].max(initial=0))
    _require(most <= int(documents or 0), "frequencies", "count more documents than there are")
    threshold = _number(header.get("threshold"), "threshold")
    _require(0.0 <= threshold <= 1.0, "threshold", "lies outside 0 to 1")
    return {
        **{name: arrays[name] for name in _TYPES},
        **_records(header),
        "kind": _kind(header.get("kind")),
        "classes": classes,
        "documents": documents,
        "threshold": threshold,
        "calibration": _calibration(header.get("calibration")),
    }


def _classes(found: object) -> tuple[str, ...]:
    if not isinstance(found, list | tuple) or not 1 <= len(found) <= CLASSES_AT_MOST:
        raise _damaged("classes", "are not 1 to 200 names")
    try:
        names = tuple(checked_class(name) for name in found)
    except CultivarError as error:
        raise _damaged("classes", "hold what is no name") from error
    _require(len(set(names)) == len(names), "classes", "hold a name twice")
    return names


def _kind(found: object) -> Kind:
    if found not in set(Kind):
        raise _damaged("kind", "is neither single-label nor multi-label")
    return Kind(str(found))


def _check_arrays(arrays: Arrays, classes: int) -> None:
    for name, kind in _TYPES.items():
        array = arrays.get(name)
        if array is None:
            raise _damaged(name, "is missing")
        _require(array.dtype == kind, name, f"holds {array.dtype}, not {np.dtype(kind)}")
        if array.dtype.kind == "f":
            _require(bool(np.isfinite(array).all()), name, "holds a number that is not finite")
    used, pieces = len(arrays["features"]), len(arrays["piece_keys"])
    shapes = {
        "features": (used,),
        "frequencies": (used,),
        "weights": (used, classes),
        "piece_keys": (pieces,),
        "piece_weights": (pieces, classes),
        "bias": (classes,),
    }
    for name, shape in shapes.items():
        _require(arrays[name].shape == shape, name, f"has the shape {arrays[name].shape}")
    ascending = arrays["features"].astype(np.int64)
    _require(bool((np.diff(ascending) > 0).all()), "features", "are not in ascending order")
    _require(bool((ascending < FEATURES).all()), "features", "point past the last n-gram")
    keys = arrays["piece_keys"]
    _require(len(np.unique(keys)) == len(keys), "piece_keys", "holds a key twice")


def _calibration(found: object) -> Calibration:
    if not isinstance(found, list | tuple) or len(found) != 2:
        raise _damaged("calibration", "is not a slope and an intercept")
    slope, intercept = (_number(each, "calibration") for each in found)
    _require(slope > 0.0, "calibration", "has no slope above 0")
    return Calibration(slope, intercept)


def _records(header: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    for name in _RECORDS:
        _require(isinstance(header.get(name), Mapping), name, "is missing")
    return {name: dict(header[name]) for name in _RECORDS}


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _damaged(name, "is not a finite number")
    return float(value)


def _require(holds: bool, part: str, wrong: str) -> None:
    if not holds:
        raise _damaged(part, wrong)


def _damaged(part: str, wrong: str) -> Damaged:
    sentence = f"The model is damaged: its {part} {wrong}. Restore the file or train again."
    return Damaged("model-damaged", sentence, {"part": part, "wrong": wrong})
