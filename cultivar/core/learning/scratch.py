"""Arrays that scoring counts in and keeps word sums in: one set for each thread, used again.

What they hold changes the time that scoring takes and never a result.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

_KEPT = 1 << 16  # words whose sums are kept

Scratch = tuple[npt.NDArray[np.int16], npt.NDArray[np.uint64], npt.NDArray[np.float64]]
"""Counts of features (zeros between calls), kept words, and the sums of each."""

_LINE = 64  # bytes that a processor's caches hold and fetch as one

Number = TypeVar("Number", np.float32, np.float64)


def aligned_zeros(shape: tuple[int, ...], kind: type[Number]) -> npt.NDArray[Number]:
    """Return zeros that begin where a line of the caches does, so that short rows cross none."""
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    data = np.zeros(size + _LINE, dtype=np.uint8)
    first = -data.ctypes.data % _LINE
    return data[first : first + size].view(kind).reshape(shape)


class ScratchPool:
    """What one model, or models that score together, write on."""

    def __init__(self, features: int, models: int | None = None) -> None:
        """Make none yet; ``models`` is None where one model scores alone."""
        self._features = features
        self._sums = (_KEPT,) if models is None else (_KEPT, models)
        self._free: list[Scratch] = []

    @contextmanager
    def lent(self) -> Iterator[Scratch]:
        """Yield arrays that nobody else uses meanwhile."""
        try:
            scratch = self._free.pop()
        except IndexError:
            scratch = (
                np.zeros(self._features, np.int16),
                np.zeros(_KEPT, np.uint64),
                aligned_zeros(self._sums, np.float64),
            )
        yield scratch
        self._free.append(scratch)  # its counts are zeros again, as the call came to its end

    def __getstate__(self) -> dict[str, Any]:
        """Leave the arrays behind when a model goes to another process."""
        return self.__dict__ | {"_free": []}
