"""The audit of a stored project model before it is believed: shapes, types, ranges, in that order.

It builds nothing; ``ProjectModel.from_arrays`` does, from what passed.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from cultivar.core.errors import CultivarError
from cultivar.core.learning.audit import familiar_of, folding_number
from cultivar.core.learning.text import FEATURES
from cultivar.core.learning.writing.forms import folding_of
from cultivar.core.model_parts import (
    Arrays,
    check_keys,
    check_shapes,
    check_types,
    damaged,
    finite_number,
    records_of,
    require,
    slope_and_intercept,
)
from cultivar.core.projects.calibration import Calibration
from cultivar.core.projects.limits import CLASSES_AT_MOST
from cultivar.core.projects.model_format import NAME, READABLE
from cultivar.core.projects.names import Kind, checked_class

_TYPES: dict[str, type[np.generic]] = {
    "features": np.uint32,
    "frequencies": np.uint32,
    "weights": np.float32,
    "piece_keys": np.uint64,
    "piece_weights": np.float32,
    "bias": np.float64,
}


def audited(arrays: Arrays, header: Mapping[str, Any]) -> dict[str, Any]:
    """Return a model's parts; raises ``Damaged`` naming the first part that is wrong."""
    require(header.get("schema") == NAME, "schema", "is not that of a project's model")
    number = header.get("format")
    if type(number) is not int or number not in READABLE:
        readable = ", ".join(str(each) for each in READABLE)
        raise damaged("format", f"is {number!s:.20}; this version reads {readable}")
    classes = _classes(header.get("classes"))
    _check_arrays(arrays, len(classes))
    documents = header.get("documents")
    require(type(documents) is int and documents > 0, "documents", "is not a number above 0")
    most = int(arrays["frequencies"].max(initial=0))
    require(most <= int(documents or 0), "frequencies", "count more documents than there are")
    threshold = finite_number(header.get("threshold"), "threshold")
    require(0.0 <= threshold <= 1.0, "threshold", "lies outside 0 to 1")
    return {
        **{name: arrays[name] for name in _TYPES},
        **records_of(header),
        "kind": _kind(header.get("kind")),
        "classes": classes,
        "documents": documents,
        "threshold": threshold,
        "folding": folding_of(folding_number(header)),
        "familiar": familiar_of(header),
        "shares": _shares(header, len(classes)),
        "calibration": _calibration(header.get("calibration")),
    }


def _classes(found: object) -> tuple[str, ...]:
    if not isinstance(found, list | tuple) or not 1 <= len(found) <= CLASSES_AT_MOST:
        raise damaged("classes", "are not 1 to 200 names")
    try:
        names = tuple(checked_class(name) for name in found)
    except CultivarError as error:
        raise damaged("classes", "hold what is no name") from error
    require(len(set(names)) == len(names), "classes", "hold a name twice")
    return names


def _shares(header: Mapping[str, Any], classes: int) -> npt.NDArray[np.float32]:
    """Return what a class's share was in training; a header of format 1 names none."""
    found = header.get("shares", [0.0] * classes if header.get("format") == 1 else None)
    if not isinstance(found, list | tuple) or len(found) != classes:
        raise damaged("shares", "are not one number a class")
    shares = [finite_number(each, "shares") for each in found]
    require(all(0.0 <= each <= 1.0 for each in shares), "shares", "lie outside 0 to 1")
    return np.array(shares, dtype=np.float32)


def _kind(found: object) -> Kind:
    if found not in set(Kind):
        raise damaged("kind", "is neither single-label nor multi-label")
    return Kind(str(found))


def _check_arrays(arrays: Arrays, classes: int) -> None:
    check_types(arrays, _TYPES)
    used, pieces = len(arrays["features"]), len(arrays["piece_keys"])
    shapes = {
        "features": (used,),
        "frequencies": (used,),
        "weights": (used, classes),
        "piece_keys": (pieces,),
        "piece_weights": (pieces, classes),
        "bias": (classes,),
    }
    check_shapes(arrays, shapes)
    check_keys(arrays, FEATURES)


def _calibration(found: object) -> Calibration:
    slope, intercept = slope_and_intercept(found)
    require(slope > 0.0, "calibration", "has no slope above 0")
    return Calibration(slope, intercept)
