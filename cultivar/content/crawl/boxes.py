"""Mailboxes and archives that held items at the last crawl and hold none at this one.

It counts rows; a file that cannot be read this time, or is gone, is not an emptied one.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from cultivar.core.texts.reading_status import EMPTY

_MEMBER = "!/"


class Boxes:
    """What files that hold items held before, and which hold nothing now."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()
        self._empty: set[str] = set()

    def expect(self, rows: pa.RecordBatch) -> None:
        """Take note of items whose file is gone or is read again."""
        paths = (rows.column(name).to_pylist() for name in ("source_path", "path"))
        for source, path in zip(*paths, strict=True):
            self._held.update(_around(source, path))

    def see(self, _: int, rows: Sequence[Mapping[str, Any]]) -> None:
        """Take note of rows that were read."""
        self._empty.update(row["path"] for row in rows if row["status"] == EMPTY)

    @property
    def emptied(self) -> dict[str, int]:
        """How many items each file held that holds none any more, by path."""
        return {path: self._held[path] for path in sorted(self._empty) if self._held[path]}


def _around(source: str, path: str) -> Iterator[str]:
    """Yield the paths of the mailboxes and archives that hold an item."""
    at = len(source)
    while (at := path.find(_MEMBER, at)) >= 0:
        yield path[:at]
        at += len(_MEMBER)
