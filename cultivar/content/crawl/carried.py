"""Rows of a crawl that are the very rows of the crawl before, so that nobody writes them again.

It compares ids, marks and digests; it holds no text.
"""

from hashlib import blake2b

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cultivar.content.crawl.identities import keys_of
from cultivar.core.schemas import ITEMS

# Settled when all rows are known; the hash of the text stands for it and what follows from it.
_LATER = ["item_id", "duplicate_of", "near_duplicate_of"]
_FROM_TEXT = ["text", "bands", "own_bands"]
_DIGESTED = [name for name in ITEMS.arrow.names if name not in {*_LATER, *_FROM_TEXT}]

Before = NDArray[np.uint64]
"""Of each row the place before, counted from 1, its id, and what it repeated: [rows, 4].

All are 0 where there was no such row.
"""

NOTHING: Before = np.zeros((0, 4), np.uint64)


def known(rows: pa.RecordBatch, origins: NDArray[np.int64]) -> Before:
    """Return what is to be known of rows of the crawl before, which stood at ``origins``."""
    marks = [keys_of(each or "0" for each in rows.column(name).to_pylist()) for name in _LATER]
    return np.stack([origins.astype(np.uint64) + np.uint64(1), *marks], axis=1)


class RowsBefore:
    """Rows that are gone or whose files are read again."""

    def __init__(self) -> None:
        self._found: dict[int, tuple[int, ...]] = {}

    def expect(self, rows: pa.RecordBatch, origins: NDArray[np.int64]) -> None:
        """Take note of rows, and of where they stood."""
        held = known(rows, origins).tolist()
        self._found.update(zip(_digests(rows), map(tuple, held), strict=True))

    def found(self, rows: pa.RecordBatch) -> Before:
        """Return what is known of rows that were read now and say the same as before."""
        if not self._found:
            return np.zeros((rows.num_rows, 4), np.uint64)
        nothing = (0, 0, 0, 0)
        return np.array([self._found.get(each, nothing) for each in _digests(rows)], np.uint64)


def _digests(rows: pa.RecordBatch) -> list[int]:
    columns = [_plain(rows.column(name)) for name in _DIGESTED]
    texts = (repr(row).encode("utf-8", "surrogatepass") for row in zip(*columns, strict=True))
    return [int.from_bytes(blake2b(each, digest_size=8).digest(), "big") for each in texts]


def _plain(column: pa.Array) -> list[object]:
    return (column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column).to_pylist()


def ascending(places: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return places counted from 0, or -1 for 0 and where a later row stood before an earlier."""
    found = places.astype(np.int64) - 1
    highest = np.maximum.accumulate(np.append(-1, found))[:-1]
    return np.where(found > highest, found, -1)
