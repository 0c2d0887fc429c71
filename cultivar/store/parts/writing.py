"""Items written as parts: only rows that are new or changed, and the list of what holds.

The parts depend on the rows, on what was there before and on the bounds alone. What changed is the
crawl's to know.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cultivar.core.parts.compaction import Bounds, Cutting, to_merge
from cultivar.core.parts.runs import Part, Places, continued, part_of
from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import ITEM_PARTS, ITEMS
from cultivar.core.texts.reading_status import WITH_TEXT
from cultivar.store.artifacts import ArtifactStore
from cultivar.store.parts.lists import list_written
from cultivar.store.parts.reading import PartRows

_TEXTS = ("text", "own_text")

_Piece = tuple[int, pa.RecordBatch, Places]


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """What a location holds from now on, beside what it held ``before``.

    ``origins`` tells of each row in order the place of the very same row before, or -1 where it is
    new or changed (int64), and ``has_text`` whether its item has text. ``rows`` returns the rows at
    some ascending places, whole, in order.
    """

    before: PartRows
    origins: Places
    has_text: NDArray[np.bool_]
    rows: Callable[[Places], Iterator[pa.RecordBatch]]


def write_items(
    store: ArtifactStore, batches: Iterable[pa.RecordBatch], *, producer: str, bounds: Bounds
) -> ArtifactReference:
    """Write all items of a location in order, and return what it holds from now on.

    Raises: as ``ArtifactStore.write``.
    """
    has_text: list[NDArray[np.bool_]] = []
    pieces = _pieces(_noticed(batches, has_text), bounds)
    parts = list(_fresh_parts(store, pieces, producer))
    return _held(store, parts, np.concatenate([np.zeros(0, bool), *has_text]), producer)


def write_changes(
    store: ArtifactStore, changes: Changes, *, producer: str, bounds: Bounds
) -> ArtifactReference:
    """Write the items that are new or changed, and those of parts that are merged.

    Return what the location holds from now on.

    Raises: as ``ArtifactStore.write``.
    """
    origins = changes.origins.copy()
    kept = _kept(store, changes.before, origins, bounds)
    places = np.flatnonzero(origins < 0)
    pieces = _pieces(changes.rows(places), bounds, places)
    parts = [*kept, *_fresh_parts(store, pieces, producer)]
    return _held(store, parts, changes.has_text, producer)


def _held(
    store: ArtifactStore, parts: list[Part], has_text: NDArray[np.bool_], producer: str
) -> ArtifactReference:
    if not parts:
        return store.write(ITEMS.name, ITEMS.arrow.empty_table(), producer=producer)
    if len(parts) == 1 and not parts[0].superseded:
        return store.reference(parts[0].sha256)
    return list_written(
        store, sorted(parts, key=lambda part: int(part.places[0])), schema=ITEM_PARTS.name,
        producer=producer, has_text=has_text,
    )  # fmt: skip


def _noticed(
    batches: Iterable[pa.RecordBatch], has_text: list[NDArray[np.bool_]]
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        said = pc.is_in(batch.column("status"), pa.array(WITH_TEXT))
        has_text.append(said.to_numpy(zero_copy_only=False))
        yield batch


def _kept(store: ArtifactStore, before: PartRows, origins: Places, bounds: Bounds) -> list[Part]:
    """Return the parts that stay; rows of those to be merged have no origin any more."""
    parts = [_measured(store, part) for part in before.parts]
    kept = continued(parts, origins)
    merged = to_merge(kept, bounds)
    for number in merged:
        origins[kept[number].live_places] = -1
    return [part for number, part in enumerate(kept) if number not in set(merged)]


def _measured(store: ArtifactStore, part: Part) -> Part:
    """Return a part with the size of its texts; one that never stood in a list lacks it."""
    if part.size:
        return part
    with store.open(store.reference(part.sha256)) as file:
        groups = (file.metadata.row_group(at) for at in range(file.num_row_groups))
        columns = (group.column(at) for group in groups for at in range(group.num_columns))
        size = sum(
            each.total_uncompressed_size for each in columns if each.path_in_schema in _TEXTS
        )
    return replace(part, size=size)


def _pieces(
    batches: Iterable[pa.RecordBatch], bounds: Bounds, places: Places | None = None
) -> Iterator[_Piece]:
    """Yield the rows to write with the number of their part, from 1, and their places."""
    cutting, number, first = Cutting(bounds), 0, 0
    for batch in batches:
        stands = np.arange(first, first + batch.num_rows)
        stands = stands if places is None else places[stands]
        first += batch.num_rows
        for start, end, begins in cutting.pieces(_sizes(batch)):
            number += begins
            yield number, batch.slice(start, end - start), stands[start:end]


def _sizes(batch: pa.RecordBatch) -> Places:
    lengths = (pc.fill_null(pc.binary_length(batch.column(name)), 0) for name in _TEXTS)
    return sum(
        (each.to_numpy(zero_copy_only=False).astype(np.int64) for each in lengths),
        start=np.zeros(batch.num_rows, np.int64),
    )


def _fresh_parts(store: ArtifactStore, pieces: Iterator[_Piece], producer: str) -> Iterator[Part]:
    for _, group in groupby(pieces, key=itemgetter(0)):
        places: list[Places] = []
        written = store.write(ITEMS.name, _noted(group, places), producer=producer)
        stands = np.concatenate(places)
        part = part_of(written.sha256, written.rows, 0, np.arange(len(stands)), stands)
        yield _measured(store, part)


def _noted(pieces: Iterable[_Piece], places: list[Places]) -> Iterator[pa.RecordBatch]:
    for _, batch, stands in pieces:
        places.append(stands)
        yield batch
