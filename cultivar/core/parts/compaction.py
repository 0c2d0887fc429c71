"""How large parts become, and when several are merged.

Merging writes rows once more, so it must save more than it costs: readers open fewer files, and
superseded rows are no longer kept or passed over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cultivar.core.limits import BYTES_A_PART, ITEMS_A_PART
from cultivar.core.parts.runs import Part

SUPERSEDED_AT_MOST = 1 / 3
SMALL_AT_MOST = 16
_SMALL = 1 / 2


@dataclass(frozen=True, slots=True)
class Bounds:
    """The largest part: its rows, and its bytes of text; a single row may be larger."""

    rows: int = ITEMS_A_PART
    size: int = BYTES_A_PART


def to_merge(parts: Sequence[Part], bounds: Bounds) -> list[int]:
    """Return the numbers of the parts whose rows are to be written into new ones.

    These are

    - each part of which more than a third is superseded: fewer than two rows are written for each
      that is dropped, so that all this ever writes is less than twice what changed;
    - all small parts (under half of both bounds), once there are more than 16 of them. A crawl
      leaves one small part at most, so this happens once in 16 crawls, and writes 17 halves of a
      part at most.
    """
    wasted = {at for at, each in enumerate(parts) if _is_wasted(each)}
    small = {at for at, each in enumerate(parts) if at not in wasted and _is_small(each, bounds)}
    return sorted(wasted | small if len(small) > SMALL_AT_MOST else wasted)


def _is_wasted(part: Part) -> bool:
    return part.superseded > part.rows * SUPERSEDED_AT_MOST


def _is_small(part: Part, bounds: Bounds) -> bool:
    return part.live < bounds.rows * _SMALL and part.size < bounds.size * _SMALL


class Cutting:
    """Cuts rows that come in batches into parts; where depends on the rows alone.

    A part ends before the row that would carry it over a bound.
    """

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._rows = self._size = 0

    def pieces(self, sizes: NDArray[np.int64]) -> Iterator[tuple[int, int, bool]]:
        """Yield where a batch's pieces begin and end, and whether one begins a further part.

        ``sizes`` are the bytes of text of each row. The first part of all begins as a further one.
        """
        ends, start = np.cumsum(sizes), 0
        while start < len(sizes):
            before = int(ends[start - 1]) if start else 0
            end = self._fitting(ends, start, before)
            begins = self._rows == 0 or end == start
            if end == start:
                self._rows = self._size = 0
                end = max(start + 1, self._fitting(ends, start, before))
            yield start, end, begins
            self._rows += end - start
            self._size += int(ends[end - 1]) - before
            start = end

    def _fitting(self, ends: NDArray[np.int64], start: int, before: int) -> int:
        room = before + self._bounds.size - self._size
        fits = int(np.searchsorted(ends, room, side="right"))
        return max(start, min(fits, start + self._bounds.rows - self._rows, len(ends)))
