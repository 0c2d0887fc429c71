"""The ids of a crawl's items: those that were there before keep theirs, wherever they are now.

It holds what tells items apart for the files that are gone or were read again, and no text.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cultivar.core.identity.matching import Trace, free_id, matched, undecided

TRACED = [
    "item_id", "path", "source_path", "sha256", "size", "message_id", "store_id", "change_key",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settled:
    """Which rows have another id than their path gives, and how items were found again.

    ``ids`` maps a row's number to its id; ``moved`` counts the items at another path, ``returned``
    those that an earlier crawl had not found any more; ``taken`` are ids that no new item may have.
    ``undecided`` are the ids that one of several copies has, where nothing told which it is.
    """

    ids: Mapping[int, str]
    taken: Collection[str]
    moved: int
    returned: int
    undecided: tuple[str, ...] = ()


class Recognition:
    """Items of the last crawl, to be found again among the rows that are read now."""

    def __init__(self, left: Iterable[Trace]) -> None:
        self._known = list(left)
        self._seen: list[Trace] = []
        self._rows: list[int] = []
        self._marks: set[int] | None = None

    def expect(self, rows: pa.RecordBatch) -> None:
        """Take note of items whose file is gone or is read again."""
        narrow = rows.select(TRACED).to_pylist()
        self._known += [trace_of(row) for row in narrow]

    def see(self, first: int, rows: Sequence[Mapping[str, Any]]) -> None:
        """Take note of rows that were read, numbered from ``first`` on, where they may be known."""
        if self._marks is None:
            self._marks = {mark for known in self._known for mark in _marks(known)}
        if not self._marks:
            return
        for number, row in enumerate(rows, start=first):
            trace = trace_of(row)
            if not self._marks.isdisjoint(_marks(trace)):
                self._seen.append(trace)
                self._rows.append(number)

    def settled(self) -> Settled:
        """Return which rows are which items."""
        pairs = matched(self._known, self._seen)
        old = {self._rows[new]: self._known[known] for new, known in pairs.items()}
        moved = sum(self._seen[new].path != self._known[at].path for new, at in pairs.items())
        return Settled(
            {row: each.item_id for row, each in old.items()},
            {each.item_id for each in self._known},
            moved,
            sum(each.has_left for each in old.values()),
            tuple(self._known[at].item_id for at in undecided(self._known, self._seen, pairs)),
        )


def _marks(trace: Trace) -> Iterable[int]:
    """Yield a short mark of everything by which an item may be found again."""
    for kind in ("path", "item_id", "content", "message_id", "store_id"):
        if mark := getattr(trace, kind):
            yield hash((kind, mark))


def trace_of(row: Mapping[str, Any]) -> Trace:
    """Return what tells an item from others; no bytes are no content to be known by."""
    path, store_id = row["path"], row["store_id"]
    return Trace(
        row["item_id"],
        path,
        row["sha256"] if row["size"] else "",
        row["message_id"],
        store_id + path[len(row["source_path"]) :] if store_id else None,
        row["change_key"] or None,
    )


def keys_of(ids: Iterable[str]) -> NDArray[np.uint64]:
    """Return a number for each id: the first half of its digits."""
    return np.array([int(each[:16], 16) for each in ids], np.uint64)


def without_own_id(
    keys: NDArray[np.uint64],
    order: NDArray[np.int64],
    settled: NDArray[np.bool_],
    taken: NDArray[np.uint64],
) -> list[int]:
    """Return the rows whose id another row, or an item that is gone, has already.

    Of new rows that share one, the first in ``order`` has it.
    """
    news = order[~settled[order]]
    _, first = np.unique(keys[news], return_index=True)
    repeats = np.ones(len(news), bool)
    repeats[first] = False
    repeats |= np.isin(keys[news], np.concatenate([keys[settled], taken]))
    return [int(row) for row in news[repeats]]


def other_id(location: str, path: str, taken: set[int]) -> str:
    """Return the next free id of a path whose first one is taken, and take it."""
    found = free_id(location, path, lambda each: int(each[:16], 16) in taken)
    taken.add(int(found[:16], 16))
    return found
