"""Where the rows of parts stand in what a location holds.

A location's rows have one order, whatever parts they lie in. Of each part that order takes runs of
rows; rows in no run are superseded. Within a part, a later row always stands at a later place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One part: its artifact, and the runs of its rows that hold.

    ``rows`` and ``size`` (bytes of text; 0 where nobody measured it) are those of the file. The
    run ``i`` is of ``lengths[i]`` rows from ``firsts[i]`` on, which stand from place ``places[i]``
    on (int64, ascending, from 0).
    """

    sha256: str
    rows: int
    size: int
    firsts: Places
    lengths: Places
    places: Places

    @property
    def live(self) -> int:
        """How many rows hold."""
        return int(self.lengths.sum())

    @property
    def superseded(self) -> int:
        """How many rows were replaced or deleted since the part was written."""
        return self.rows - self.live

    @property
    def live_rows(self) -> Places:
        """The numbers of the rows that hold, ascending: int64 [live]."""
        return _expanded(self.firsts, self.lengths)

    @property
    def live_places(self) -> Places:
        """The place of each row that holds: int64 [live]."""
        return _expanded(self.places, self.lengths)


def _expanded(firsts: Places, lengths: Places) -> Places:
    """Return all numbers of runs, one run after another."""
    before = np.cumsum(lengths) - lengths
    return np.repeat(firsts - before, lengths) + np.arange(int(lengths.sum()), dtype=np.int64)


def whole(sha256: str, rows: int, size: int = 0) -> Part:
    """Return a part that is all that a location holds."""
    first = np.zeros(1, np.int64)
    return Part(sha256, rows, size, first, np.array([rows], np.int64), first)


def part_of(sha256: str, rows: int, size: int, live_rows: Places, places: Places) -> Part:
    """Return a part of which some rows hold; both arrays ascend."""
    begins = np.ones(len(live_rows), bool)
    begins[1:] = (np.diff(live_rows) != 1) | (np.diff(places) != 1)
    at = np.flatnonzero(begins)
    lengths = np.diff(np.append(at, len(live_rows)))
    firsts, stands = (np.asarray(each, np.int64)[at] for each in (live_rows, places))
    return Part(sha256, rows, size, firsts, lengths.astype(np.int64), stands)


def owners(parts: Sequence[Part]) -> NDArray[np.int32]:
    """Return, for each place, the number of the part whose row stands there: int32 [live rows]."""
    found = np.empty(sum(part.live for part in parts), np.int32)
    for number, part in enumerate(parts):
        found[part.live_places] = number
    return found


def closed_up(parts: Sequence[Part]) -> list[Part]:
    """Return some of a list's parts with places that leave no gap, in the same order."""
    places = [part.live_places for part in parts]
    if not places:
        return []
    stands = np.searchsorted(np.sort(np.concatenate(places)), np.concatenate(places))
    ends = np.cumsum([len(each) for each in places])[:-1]
    return [
        part_of(part.sha256, part.rows, part.size, part.live_rows, now)
        for part, now in zip(parts, np.split(stands, ends), strict=True)
    ]


def continued(parts: Sequence[Part], origins: Places) -> list[Part]:
    """Return what of parts still holds where the rows of a new order come from their places.

    ``origins`` has, for each place of the new order, the place before, or -1 for a row that was
    not there (int64). A part of which no row holds any more is left out.
    """
    total = sum(part.live for part in parts)
    moved = np.full(total, -1, np.int64)
    carried = np.flatnonzero(origins >= 0)
    moved[origins[carried]] = carried
    found = []
    for part in parts:
        now = moved[part.live_places]
        kept = now >= 0
        if kept.any():
            rows = part.live_rows[kept]
            found.append(part_of(part.sha256, part.rows, part.size, rows, now[kept]))
    return found
