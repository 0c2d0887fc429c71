"""The rows of an artifact that may be a list of parts, read as one, in their order.

Memory holds a batch of each part that the rows read at the moment come from. Superseded rows are
never seen. Which rows hold is the list's to say.
"""

from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cultivar.core.parts.runs import Part, closed_up, owners
from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas.arrays import arrow_numbers
from cultivar.store.integrity import readable
from cultivar.store.origin import LISTS
from cultivar.store.parquet import declared
from cultivar.store.parts.lists import parts_of

if TYPE_CHECKING:
    from cultivar.store.artifacts import ArtifactStore

_ROWS_A_BATCH = 65_536
_LEAST_A_READ = 64

RowsT = TypeVar("RowsT", pa.Table, pa.RecordBatch)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Rows of one row group of a part, and where they stand: in the part, and among all rows."""

    part: str
    group: int
    within: NDArray[np.int64]
    places: NDArray[np.int64]
    rows: pa.Table


class PartRows:
    """The rows of an artifact, whatever parts they lie in; any artifact has one part at least."""

    def __init__(self, store: "ArtifactStore", reference: ArtifactReference) -> None:
        """Read which rows hold.

        Raises:
            Damaged: the list is missing, unreadable, or contradicts itself.
        """
        self.parts = parts_of(store, reference)
        self.schema = LISTS.get(reference.schema, reference.schema)
        self._store = store

    def only(self, parts: Collection[str]) -> "PartRows":
        """Return the rows of some parts, by sha256, in the same order."""
        chosen = copy(self)
        chosen.parts = tuple(closed_up([part for part in self.parts if part.sha256 in parts]))
        return chosen

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(part.live for part in self.parts)

    def reference(self, part: Part) -> ArtifactReference:
        """Return the reference of a part."""
        return self._store.reference(part.sha256)

    def versions(self) -> set[int]:
        """Return the versions of the schema by which the parts were written."""
        headers = (self._store.header(self.reference(part)) for part in self.parts)
        return {int(header["schema_version"]) for header in headers}

    def iter_batches(
        self, batch_size: int = _ROWS_A_BATCH, columns: list[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order, at most ``batch_size`` at once.

        Raises:
            InvalidInput: there is no such column.
            Damaged: a part is missing, unreadable, or not what its header says.
        """
        whose = owners(self.parts)
        with ExitStack() as stack:
            streams = []
            for part in self.parts:
                at_once = -(-batch_size * part.live // max(len(whose), 1))
                at_once = batch_size if _is_contiguous(part) else max(at_once, _LEAST_A_READ)
                live = self._live(part, columns, min(at_once, batch_size))
                streams.append(_Stream(stack.enter_context(closing(live))))
            for start in range(0, len(whose), batch_size):
                yield _gathered(streams, whose[start : start + batch_size])

    def read(self, columns: list[str] | None = None) -> pa.Table:
        """Return all rows; for those that may be large use ``iter_batches``.

        Raises: as ``iter_batches``.
        """
        batches = list(self.iter_batches(columns=columns))
        if batches:
            return pa.Table.from_batches(batches)
        fields = declared(self.schema).arrow
        return pa.schema([fields.field(name) for name in columns or fields.names]).empty_table()

    def chosen(
        self, by: list[str], choose: Callable[[pa.Table], pa.Array], columns: list[str]
    ) -> Iterator[Chosen]:
        """Yield the rows that are chosen by some columns, row group by row group, part by part.

        Wider columns are read only where a row was chosen. ``choose`` returns a boolean array.

        Raises: as ``iter_batches``.
        """
        for part in self.parts:
            yield from self._chosen_in(part, by, choose, columns)

    def _chosen_in(
        self,
        part: Part,
        by: list[str],
        choose: Callable[[pa.Table], pa.Array],
        columns: list[str],
    ) -> Iterator[Chosen]:
        reference = self.reference(part)
        live, places, begin = part.live_rows, part.live_places, 0
        with self._store.open(reference) as file:
            for group in range(file.num_row_groups):
                end = begin + file.metadata.row_group(group).num_rows
                first, last = np.searchsorted(live, [begin, end])
                within, stands, begin = live[first:last] - begin, places[first:last], end
                if not len(within):
                    continue
                with readable(reference):
                    narrow = file.read_row_group(group, columns=by)
                    said = choose(_taken(narrow, within))
                    mask = _as_mask(said)
                    if not mask.any():
                        continue
                    wide = narrow if columns == by else file.read_row_group(group, columns=columns)
                rows = _taken(wide, within[mask]).select(columns).replace_schema_metadata(None)
                yield Chosen(part.sha256, group, within[mask], stands[mask], rows)

    def _live(
        self, part: Part, columns: list[str] | None, batch_size: int
    ) -> Generator[pa.RecordBatch, None, None]:
        live, begin = part.live_rows, 0
        for batch in self._store.batches(self.reference(part), columns, batch_size):
            first, last = np.searchsorted(live, [begin, begin + batch.num_rows])
            if last > first:
                yield _taken(batch, live[first:last] - begin)
            begin += batch.num_rows


def _as_mask(found: pa.Array | pa.ChunkedArray) -> NDArray[np.bool_]:
    """Return a boolean array; Arrow's own way imports pandas, which takes a second."""
    # what is null is not chosen
    said = pc.and_kleene(found, pc.is_valid(found))
    if isinstance(said, pa.ChunkedArray):
        said = said.combine_chunks()
    bits = np.frombuffer(said.buffers()[1], np.uint8)
    return np.unpackbits(bits, bitorder="little")[said.offset : said.offset + len(said)].view(bool)


def _is_contiguous(part: Part) -> bool:
    return len(part.places) == 1


def _taken(rows: RowsT, numbers: NDArray[np.int64]) -> RowsT:
    if len(numbers) == rows.num_rows:
        return rows
    if int(numbers[-1] - numbers[0]) + 1 == len(numbers):
        return rows.slice(int(numbers[0]), len(numbers))
    return rows.take(arrow_numbers(numbers))


class _Stream:
    """The rows of a part that hold, handed out a few at a time."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches
        self._left: pa.RecordBatch | None = None

    def take(self, count: int) -> Iterator[pa.RecordBatch]:
        """Yield the next rows, ``count`` in all."""
        while count:
            if self._left is None or not self._left.num_rows:
                self._left = next(self._batches)
            yield self._left.slice(0, count)
            taken = min(count, self._left.num_rows)
            self._left = self._left.slice(taken)
            count -= taken


def _gathered(streams: Sequence[_Stream], whose: NDArray[np.int32]) -> pa.RecordBatch:
    """Return the next rows of several parts in the order in which their owners are named."""
    counts = np.bincount(whose, minlength=len(streams))
    pieces = [
        piece for stream, count in zip(streams, counts.tolist(), strict=True) if count
        for piece in stream.take(count)
    ]  # fmt: skip
    rows = pa.Table.from_batches(pieces)
    if np.count_nonzero(counts) > 1:
        back = np.empty(len(whose), np.int64)
        back[np.argsort(whose, kind="stable")] = np.arange(len(whose))
        rows = rows.take(arrow_numbers(back))
    return rows.combine_chunks().to_batches()[0]
