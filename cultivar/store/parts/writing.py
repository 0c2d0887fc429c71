"""Items written as parts: only rows that are new or changed, and the list of what holds.

The parts depend on the rows, on what was there before and on the bounds alone. What changed is the
crawl's to know.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cultivar.core.parts.compaction import Bounds, Cutting, to_merge
from cultivar.core.parts.runs import Part, Places, continued, part_of
from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import ITEM_PARTS, ITEMS
from cultivar.core.schemas.arrays import arrow_numbers
from cultivar.store.artifacts import ArtifactStore
from cultivar.store.parts.lists import list_of
from cultivar.store.parts.reading import PartRows

_TEXTS = ("text", "own_text")

_Piece = tuple[int, pa.RecordBatch, Places]


def write_items(
    store: ArtifactStore,
    batches: Iterable[pa.RecordBatch],
    *,
    producer: str,
    bounds: Bounds,
    origins: Places | None = None,
    before: PartRows | None = None,
) -> ArtifactReference:
    """Write all items of a location, and return what it holds from now on.

    ``batches`` has every row in order; ``origins`` tells of each the place of the same row in
    ``before``, or -1 where it is new or changed (int64). Rows that were there are not written
    again, but for those of parts that are merged.

    Raises: as ``ArtifactStore.write``.
    """
    kept: list[Part] = []
    if before is not None and origins is not None:
        origins = origins.copy()
        kept = _kept(store, before, origins, bounds)
    fresh = _fresh_parts(store, _pieces(batches, origins, bounds), producer)
    return list_written(store, ITEM_PARTS.name, [*kept, *fresh], producer) or store.write(
        ITEMS.name, ITEMS.arrow.empty_table(), producer=producer
    )


def list_written(
    store: ArtifactStore, schema: str, parts: Sequence[Part], producer: str
) -> ArtifactReference | None:
    """Return what stands for parts: the only one that there is, or their list; None for none."""
    if not parts:
        return None
    if len(parts) == 1 and not parts[0].superseded:
        return store.reference(parts[0].sha256)
    parts = sorted(parts, key=lambda part: int(part.places[0]))
    inputs = {f"part {number}": part.sha256 for number, part in enumerate(parts, start=1)}
    return store.write(schema, list_of(parts), producer=producer, inputs=inputs)


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
    batches: Iterable[pa.RecordBatch], origins: Places | None, bounds: Bounds
) -> Iterator[_Piece]:
    """Yield the rows to write with the number of their part, from 1, and their places."""
    cutting, number, place = Cutting(bounds), 0, 0
    for batch in batches:
        places = np.arange(place, place + batch.num_rows)
        place += batch.num_rows
        if origins is not None:
            fresh = np.flatnonzero(origins[places] < 0)
            if not len(fresh):
                continue
            if len(fresh) < batch.num_rows:
                batch, places = batch.take(arrow_numbers(fresh)), places[fresh]  # noqa: PLW2901
        for start, end, begins in cutting.pieces(_sizes(batch)):
            number += begins
            yield number, batch.slice(start, end - start), places[start:end]


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
