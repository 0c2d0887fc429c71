"""The audit of a stored model before it is believed: shapes, types, ranges, in that order.

It builds nothing; ``Model.from_arrays`` does, from what passed.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cultivar.core.errors import Damaged
from cultivar.core.learning.format import NAME, READABLE

_TYPES = {
    "idf": np.float32,
    "features": np.uint32,
    "weights": np.float32,
    "piece_keys": np.uint64,
    "piece_weights": np.float32,
}
# Present where the engine is a transformer.
_OPTIONAL = {"whole_weights": np.float32}
_PROBABILITIES = ("threshold", "close_threshold", "prior")
_RECORDS = ("engine", "training", "inputs")


@dataclass(frozen=True)
class Audited:
    """The parts of a stored model, each found to be as declared."""

    arrays: dict[str, npt.NDArray[Any]]
    numbers: dict[str, float]
    calibration: tuple[float, float]
    records: dict[str, dict[str, Any]]


def audited(arrays: Mapping[str, npt.NDArray[Any]], header: Mapping[str, Any]) -> Audited:
    """Return the parts of a model; raises ``Damaged`` naming the first part that is wrong."""
    _check_format(header)
    _check_arrays(arrays)
    numbers = {name: _number(header.get(name), name) for name in ("bias", *_PROBABILITIES)}
    for name in _PROBABILITIES:
        _require(0.0 <= numbers[name] <= 1.0, name, "lies outside 0 to 1")
    ordered = numbers["close_threshold"] <= numbers["threshold"]
    _require(ordered, "close_threshold", "lies above the threshold")
    return Audited(dict(arrays), numbers, _calibration(header), _records(header))


def _check_format(header: Mapping[str, Any]) -> None:
    _require(header.get("schema") == NAME, "schema", "is not that of a Cultivar model")
    number = header.get("format")
    if type(number) is not int or number not in READABLE:
        readable = ", ".join(str(each) for each in sorted(READABLE))
        _require(False, "format", f"is {number!s:.20}; this version of Cultivar reads {readable}")


def _check_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    given = {name: kind for name, kind in _OPTIONAL.items() if name in arrays}
    for name, kind in (_TYPES | given).items():
        array = arrays.get(name)
        if array is None:
            raise _damaged(name, "is missing")
        _require(array.dtype == kind, name, f"holds {array.dtype}, not {np.dtype(kind)}")
        _require(array.ndim == 1, name, f"has {array.ndim} dimensions, not 1")
        if array.dtype.kind == "f":
            _require(bool(np.isfinite(array).all()), name, "holds a number that is not finite")
    size = len(arrays["idf"])
    _require(size > 0 and size & (size - 1) == 0, "idf", f"has {size} rows, not a power of two")
    _require(bool((arrays["idf"] >= 0).all()), "idf", "holds a negative number")
    _require(len(arrays["features"]) == len(arrays["weights"]), "weights", "do not fit features")
    ascending = arrays["features"].astype(np.int64)
    _require(bool((np.diff(ascending) > 0).all()), "features", "are not in ascending order")
    _require(bool((ascending < size).all()), "features", "point past the last n-gram")
    fits = len(arrays["piece_keys"]) == len(arrays["piece_weights"])
    _require(fits, "piece_weights", "do not fit piece_keys")
    keys = arrays["piece_keys"]
    _require(len(np.unique(keys)) == len(keys), "piece_keys", "holds a key twice")


def _calibration(header: Mapping[str, Any]) -> tuple[float, float]:
    found = header.get("calibration")
    if not isinstance(found, list | tuple) or len(found) != 2:
        raise _damaged("calibration", "is not a slope and an intercept")
    slope, intercept = (_number(each, "calibration") for each in found)
    _require(slope >= 0.0, "calibration", "has a negative slope")
    return slope, intercept


def _records(header: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    records = {name: header.get(name) for name in _RECORDS}
    for name, record in records.items():
        _require(isinstance(record, Mapping), name, "is missing")
    return {name: dict(record or {}) for name, record in records.items()}


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
