"""Checks of a stored model's parts that both kinds of model share.

Each names the part that is wrong; what a kind has beside these is checked by its own audit.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cultivar.core.errors import Damaged

Arrays = Mapping[str, npt.NDArray[Any]]
RECORDS = ("engine", "training", "inputs")


def require(holds: bool, part: str, wrong: str) -> None:
    """Do nothing where a part is right; raises ``Damaged``, code ``model-damaged``, elsewhere."""
    if not holds:
        raise damaged(part, wrong)


def damaged(part: str, wrong: str) -> Damaged:
    """Return the error that names a part and what is wrong with it."""
    sentence = f"The model is damaged: its {part} {wrong}. Restore the file or train again."
    return Damaged("model-damaged", sentence, {"part": part, "wrong": wrong})


def finite_number(value: object, part: str) -> float:
    """Return a number of the header as a float; ``Damaged`` where it is none or not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise damaged(part, "is not a finite number")
    return float(value)


def slope_and_intercept(found: object) -> tuple[float, float]:
    """Return the two numbers of a calibration."""
    if not isinstance(found, list | tuple) or len(found) != 2:
        raise damaged("calibration", "is not a slope and an intercept")
    slope, intercept = (finite_number(each, "calibration") for each in found)
    return slope, intercept


def records_of(header: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the records of engine, training and inputs."""
    for name in RECORDS:
        require(isinstance(header.get(name), Mapping), name, "is missing")
    return {name: dict(header[name]) for name in RECORDS}


def check_types(arrays: Arrays, types: Mapping[str, type[np.generic]]) -> None:
    """Refuse arrays that are missing, of another type, or not finite."""
    for name, kind in types.items():
        array = arrays.get(name)
        if array is None:
            raise damaged(name, "is missing")
        require(array.dtype == kind, name, f"holds {array.dtype}, not {np.dtype(kind)}")
        if array.dtype.kind == "f":
            require(bool(np.isfinite(array).all()), name, "holds a number that is not finite")


def check_shapes(arrays: Arrays, shapes: Mapping[str, Sequence[int]]) -> None:
    """Refuse arrays of another shape."""
    for name, shape in shapes.items():
        require(arrays[name].shape == tuple(shape), name, f"has the shape {arrays[name].shape}")


def check_keys(arrays: Arrays, features: int) -> None:
    """Refuse n-grams out of order or beyond ``features``, and pieces that come twice."""
    ascending = arrays["features"].astype(np.int64)
    require(bool((np.diff(ascending) > 0).all()), "features", "are not in ascending order")
    require(bool((ascending < features).all()), "features", "point past the last n-gram")
    keys = arrays["piece_keys"]
    require(len(np.unique(keys)) == len(keys), "piece_keys", "holds a key twice")
