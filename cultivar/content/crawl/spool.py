"""The rows of a crawl on the local disk, until their order and their duplicates are known.

Memory holds about 150 bytes a row; text stays on disk. Nothing here knows where rows come from.
"""

import bisect
import mmap
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cultivar.content.crawl.banding import banded, held_bands
from cultivar.content.crawl.carried import NOTHING, RowsBefore, ascending, known
from cultivar.content.crawl.duplicates import bands_of, first_of_each, nearest_earlier
from cultivar.content.crawl.identities import Settled, keys_of, other_id, without_own_id
from cultivar.core.closing import Closing
from cultivar.core.errors import StoreUnavailable
from cultivar.core.schemas import ITEMS
from cultivar.core.texts.reading_status import WITH_TEXT

ROWS_A_BATCH = 2_000
CHARACTERS_A_BATCH = 16_000_000
NEW = Settled({}, (), 0, 0)


class Spool(Closing):
    """Rows written in any order, each with a position; read back by position, duplicates marked.

    Raises:
        StoreUnavailable: the folder for temporary files is full or read-only (``no-space``).
    """

    def __init__(self) -> None:
        # A file without a name: whatever ends the process, no text is left behind.
        with _said_plainly():
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._writer = pa.ipc.new_file(pa.PythonFile(self._file, "w"), ITEMS.arrow)
        self._columns: dict[str, list[NDArray[Any]]] = {name: [] for name in _KEPT}
        self._before = RowsBefore()
        self.rows = 0

    def expect(self, batch: pa.RecordBatch, origins: NDArray[np.int64]) -> None:
        """Take note of rows before, and where they stood, that may be read again as they were."""
        self._before.expect(batch, origins)

    def write(
        self,
        batch: pa.RecordBatch,
        positions: Sequence[int],
        origins: NDArray[np.int64] | None = None,
    ) -> None:
        """Append rows; ``positions`` order them, equal ones stay as they were written.

        ``origins`` are given with rows that were carried over: where they stood before.
        """
        if not batch.num_rows:
            return
        self.rows += batch.num_rows
        batch = banded(batch)
        with _said_plainly():
            self._writer.write_batch(batch)
        has_own = np.flatnonzero(batch.column("own_text").is_valid().to_numpy(zero_copy_only=False))
        kept = {
            "position": np.asarray(positions, np.int64),
            "id_key": keys_of(batch.column("item_id").to_pylist()),
            "bytes_key": _keys(batch, "sha256", batch.column("size").to_numpy() > 0),
            "text_key": _keys(batch, "text_sha256", np.ones(batch.num_rows, bool)),
            "has_text": _lengths(batch, "text") > 0,
            "characters": batch.column("characters").to_numpy(),
            "bands": held_bands(batch, "bands"),
            "own_row": has_own + (self.rows - batch.num_rows),
            "own_bands": held_bands(batch, "own_bands")[has_own],
            "is_read": _is_read(batch),
            "before": self._before.found(batch) if origins is None else known(batch, origins),
        }
        for name, values in kept.items():
            self._columns[name].append(values)

    def sealed(self, carried: int = 0, settled: Settled = NEW) -> "Sealed":
        """End writing and return the rows in order, each with an id of its own.

        The first ``carried`` rows keep their ids, ``settled`` says which others have which.
        """
        with _said_plainly():
            self._writer.close()
            self._file.flush()
        written = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        columns = {name: _joined(name, self._columns[name]) for name in _KEPT}
        return Sealed(written, columns, carried, settled)

    def close(self) -> None:
        """Let go of the file, which ends with its last reader."""
        with suppress(OSError):
            self._file.close()


@contextmanager
def _said_plainly() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else type(error).__name__
        raise StoreUnavailable(
            "no-space",
            f"The rows of a crawl cannot be kept in the folder for temporary files: {reason}. "
            "Make room there, or name another folder in TMPDIR.",
        ) from error


_KEPT = (
    *("position", "id_key", "bytes_key", "text_key", "has_text", "characters", "bands"),
    *("own_row", "own_bands", "before", "is_read"),
)


def _joined(name: str, parts: list[NDArray[Any]]) -> NDArray[Any]:
    if parts:
        return np.concatenate(parts)
    if name == "before":
        return NOTHING
    return bands_of([]) if name.endswith("bands") else np.zeros(0, np.int64)


def _is_read(batch: pa.RecordBatch) -> NDArray[np.bool_]:
    found = pc.is_in(batch.column("status"), pa.array(WITH_TEXT))
    return np.asarray(found.to_numpy(zero_copy_only=False), bool)


def _lengths(batch: pa.RecordBatch, column: str) -> NDArray[np.int64]:
    found = pc.fill_null(pc.binary_length(batch.column(column)), 0)
    return np.asarray(found.to_numpy(zero_copy_only=False), np.int64)


def _keys(batch: pa.RecordBatch, column: str, counts: NDArray[np.bool_]) -> NDArray[np.uint64]:
    values = batch.column(column).to_pylist()
    return np.array(
        [
            int(one[:16], 16) if one and counted else 0
            for one, counted in zip(values, counts, strict=True)
        ],
        np.uint64,
    )


class Sealed:
    """All rows of a crawl in order, with the duplicates among them."""

    def __init__(
        self, written: mmap.mmap, columns: dict[str, NDArray[Any]], carried: int, settled: Settled
    ) -> None:
        self._batches = pa.ipc.open_file(pa.BufferReader(pa.py_buffer(written)))
        sizes = [self._batch(at).num_rows for at in range(self._batches.num_record_batches)]
        self._starts = [0, *np.cumsum(sizes, dtype=np.int64).tolist()]
        self._order = np.argsort(columns["position"], kind="stable")
        self._ids = dict(settled.ids)
        self._keys = columns["id_key"].astype(np.uint64)
        self._tell_apart(self._keys, carried, settled)
        self._characters = columns["characters"][self._order]
        self.has_text = columns["is_read"][self._order].astype(bool)
        self._same = first_of_each(
            columns["bytes_key"][self._order].astype(np.uint64),
            columns["text_key"][self._order].astype(np.uint64),
        )
        is_eligible = columns["has_text"][self._order].astype(bool) & (self._same < 0)
        self._near = self._nearly_the_same(columns, is_eligible)
        self.origins = self._as_before(columns["before"])

    def _nearly_the_same(
        self, columns: dict[str, NDArray[Any]], is_eligible: NDArray[np.bool_]
    ) -> dict[int, int]:
        """Compare texts as they are shown, and as what counts of them, each with each."""
        places = np.empty(len(self._order), np.int64)
        places[self._order] = np.arange(len(places))
        own = places[columns["own_row"]]
        counts = is_eligible[own]
        shown = np.flatnonzero(is_eligible)
        rows = np.concatenate([shown, own[counts]])
        bands = [columns["bands"][self._order[shown]], columns["own_bands"][counts]]
        forms = np.repeat(["text", "own_text"], [len(shown), int(counts.sum())])
        by_row = np.argsort(rows, kind="stable")
        rows, forms = rows[by_row], forms[by_row]
        return nearest_earlier(
            np.concatenate(bands)[by_row],
            rows,
            lambda at: str(self._cell(str(forms[at]), int(rows[at]))),
        )

    def _tell_apart(self, keys: NDArray[np.uint64], carried: int, settled: Settled) -> None:
        """Give another id to each new row whose path's id belongs to another item."""
        is_settled = np.arange(len(keys)) < carried
        known = list(settled.ids)
        is_settled[known] = True
        keys[known] = keys_of(settled.ids.values())
        taken = keys_of(settled.taken)
        rows = without_own_id(keys, self._order, is_settled, taken)
        if rows:
            used = {*keys.tolist(), *taken.tolist()}
            for row in rows:
                location, path = str(self._of("location", row)), str(self._of("path", row))
                self._ids[row] = other_id(location, path, used)
                keys[row] = keys_of([self._ids[row]])[0]

    def _as_before(self, before: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return, for each row in order, where the very same row stood before, else -1."""
        keys, found = self._keys[self._order], before[self._order]
        now = np.zeros((len(keys), 3), np.uint64)
        now[:, 0] = keys
        marked = np.flatnonzero(self._same >= 0)
        now[marked, 1] = keys[self._same[marked]]
        now[list(self._near), 2] = keys[list(self._near.values())]
        return ascending(np.where((found[:, 1:] == now).all(axis=1), found[:, 0], 0))

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self._order)

    @property
    def duplicates(self) -> int:
        """How many rows repeat an earlier one exactly."""
        return int((self._same >= 0).sum())

    @property
    def near_duplicates(self) -> int:
        """How many rows nearly repeat an earlier one."""
        return len(self._near)

    def batches(self, places: NDArray[np.int64] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order, a few thousand or 16 million characters at a time.

        All rows, or those at some ascending ``places`` of the order.
        """
        wanted, start = np.arange(self.rows) if places is None else places, 0
        while start < len(wanted):
            stop = self._stop(wanted, start)
            chosen = wanted[start:stop]
            yield self._marked(self._gathered(chosen), chosen)
            start = stop

    def _stop(self, wanted: NDArray[np.int64], start: int) -> int:
        within = np.cumsum(self._characters[wanted[start : start + ROWS_A_BATCH]])
        return start + max(1, int(np.searchsorted(within, CHARACTERS_A_BATCH, side="right")))

    def _gathered(self, places: NDArray[np.int64]) -> pa.RecordBatch:
        rows = self._order[places]
        breaks = np.flatnonzero(np.diff(rows) != 1) + 1
        pieces = [
            piece
            for run in np.split(rows, breaks)
            for piece in self._slices(int(run[0]), int(run[-1]) + 1)
        ]
        return pa.Table.from_batches(pieces, ITEMS.arrow).combine_chunks().to_batches()[0]

    def _slices(self, first: int, end: int) -> Iterator[pa.RecordBatch]:
        while first < end:
            at = bisect.bisect_right(self._starts, first) - 1
            stop = min(end, self._starts[at + 1])
            yield self._batch(at).slice(first - self._starts[at], stop - first)
            first = stop

    def _marked(self, batch: pa.RecordBatch, places: NDArray[np.int64]) -> pa.RecordBatch:
        near = [self._near.get(row, -1) for row in places.tolist()]
        marks = {
            "duplicate_of": [self._id(row) for row in self._same[places].tolist()],
            "near_duplicate_of": [self._id(row) for row in near],
        }
        if self._ids:
            ids = zip(self._order[places].tolist(), batch.column("item_id"), strict=True)
            marks["item_id"] = [self._ids.get(row) or each.as_py() for row, each in ids]
        for name, values in marks.items():
            at = ITEMS.arrow.get_field_index(name)
            batch = batch.set_column(at, ITEMS.arrow.field(at), pa.array(values, pa.string()))
        return batch

    def _id(self, row: int) -> object:
        if row < 0:
            return None
        return self._ids.get(int(self._order[row])) or self._cell("item_id", row)

    def _cell(self, column: str, row: int) -> object:
        return self._of(column, int(self._order[row]))

    def _of(self, column: str, written: int) -> object:
        at = bisect.bisect_right(self._starts, written) - 1
        return self._batch(at).column(column)[written - self._starts[at]].as_py()

    def _batch(self, at: int) -> pa.RecordBatch:
        return self._batches.get_batch(at)
