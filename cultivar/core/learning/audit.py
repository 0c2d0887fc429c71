"""The audit of a stored model before it is believed: shapes, types, ranges, in that order.

It builds nothing; ``Model.from_arrays`` does, from what passed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cultivar.core.learning.format import NAME, READABLE
from cultivar.core.learning.writing.forms import FIRST, FOLDINGS
from cultivar.core.model_parts import (
    Arrays,
    check_keys,
    check_types,
    finite_number,
    records_of,
    require,
    slope_and_intercept,
)
from cultivar.core.operating_points import POINTS, OperatingPoints, points_from

_TYPES: dict[str, type[np.generic]] = {
    "idf": np.float32,
    "features": np.uint32,
    "weights": np.float32,
    "piece_keys": np.uint64,
    "piece_weights": np.float32,
}
# Present where the engine is a transformer.
_OPTIONAL: dict[str, type[np.generic]] = {"whole_weights": np.float32}
_PROBABILITIES = ("threshold", "close_threshold", "prior")


@dataclass(frozen=True)
class Audited:
    """The parts of a stored model, each found to be as declared."""

    arrays: dict[str, npt.NDArray[Any]]
    numbers: dict[str, float]
    calibration: tuple[float, float]
    records: dict[str, dict[str, Any]]
    folding: int
    operating: OperatingPoints | None


def audited(arrays: Mapping[str, npt.NDArray[Any]], header: Mapping[str, Any]) -> Audited:
    """Return the parts of a model; raises ``Damaged`` naming the first part that is wrong."""
    _check_format(header)
    _check_arrays(arrays)
    numbers = {name: finite_number(header.get(name), name) for name in ("bias", *_PROBABILITIES)}
    for name in _PROBABILITIES:
        require(0.0 <= numbers[name] <= 1.0, name, "lies outside 0 to 1")
    ordered = numbers["close_threshold"] <= numbers["threshold"]
    require(ordered, "close_threshold", "lies above the threshold")
    numbers["familiar"] = familiar_of(header)
    numbers["lookalikes"] = _lookalikes(header)
    folding = folding_number(header)
    return Audited(
        dict(arrays), numbers, _calibration(header), records_of(header), folding, points_of(header)
    )


def folding_number(header: Mapping[str, Any]) -> int:
    """Return the number of a model's folding; a header of format 1 names none."""
    number = header.get("folding", FIRST) if header.get("format") != 1 else FIRST
    known = type(number) is int and number in FOLDINGS
    require(known, "folding", f"is {number!s:.20}, which this version of Cultivar does not know")
    return int(number)


def familiar_of(header: Mapping[str, Any]) -> float:
    """Return the share of a text that must be known; a header of format 1 names none."""
    share = finite_number(header.get("familiar", 0.0), "familiar")
    require(0.0 <= share <= 1.0, "familiar", "lies outside 0 to 1")
    return share


def _lookalikes(header: Mapping[str, Any]) -> float:
    """Return the items that score like relevant ones; a header of format 1 to 3 names none."""
    found = finite_number(header.get("lookalikes", 0.0), "lookalikes")
    require(found >= 0.0, "lookalikes", "is below 0")
    return found


def points_of(header: Mapping[str, Any]) -> OperatingPoints | None:
    """Return a model's operating points; a header of format 1 or 2 has none."""
    stored = header.get("operating")
    if stored is None:
        return None
    try:
        found = points_from(stored)
    except (KeyError, TypeError, AttributeError):
        found = None
    whole = found is not None and set(found.points) == set(POINTS)
    require(whole, "operating", f"does not hold the points {', '.join(POINTS)}")
    for each in found.points.values() if found else ():
        threshold = finite_number(each.threshold, "operating")
        require(0.0 <= threshold <= 1.0, "operating", "lies outside 0 to 1")
        counts = (each.found, each.above, each.reviewed_found, each.reviewed_wrong)
        for count in counts:
            require(type(count) is int and count >= 0, "operating", "counts no whole number")
    return found


def _check_format(header: Mapping[str, Any]) -> None:
    require(header.get("schema") == NAME, "schema", "is not that of a Cultivar model")
    number = header.get("format")
    if type(number) is not int or number not in READABLE:
        readable = ", ".join(str(each) for each in sorted(READABLE))
        require(False, "format", f"is {number!s:.20}; this version of Cultivar reads {readable}")


def _check_arrays(arrays: Arrays) -> None:
    given = {name: kind for name, kind in _OPTIONAL.items() if name in arrays}
    check_types(arrays, _TYPES | given)
    for name in _TYPES | given:
        require(arrays[name].ndim == 1, name, f"has {arrays[name].ndim} dimensions, not 1")
    size = len(arrays["idf"])
    require(size > 0 and size & (size - 1) == 0, "idf", f"has {size} rows, not a power of two")
    require(bool((arrays["idf"] >= 0).all()), "idf", "holds a negative number")
    require(len(arrays["features"]) == len(arrays["weights"]), "weights", "do not fit features")
    fits = len(arrays["piece_keys"]) == len(arrays["piece_weights"])
    require(fits, "piece_weights", "do not fit piece_keys")
    check_keys(arrays, size)


def _calibration(header: Mapping[str, Any]) -> tuple[float, float]:
    slope, intercept = slope_and_intercept(header.get("calibration"))
    require(slope >= 0.0, "calibration", "has a negative slope")
    return slope, intercept
