"""The rows of a few items out of an artifact that may hold millions.

Ids are hashes, so the least and the greatest of a row group say nothing: the column of ids is read,
and of the others only the row groups that hold a wanted one.
"""

from collections.abc import Collection, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas.arrays import arrow_numbers, arrow_texts
from cultivar.store.artifacts import ArtifactStore
from cultivar.store.integrity import readable
from cultivar.store.origin import LISTS
from cultivar.store.parts.reading import PartRows

_ID = "item_id"


def item_rows(
    store: ArtifactStore,
    reference: ArtifactReference,
    item_ids: Collection[str],
    columns: list[str],
) -> Iterator[pa.Table]:
    """Yield the rows of some items in the artifact's order; ids that it lacks are passed over.

    Memory stays at one row group, and at the rows themselves where these lie in several parts.

    Raises:
        Damaged: the file is missing, unreadable, or not what its header says.
    """
    if not item_ids:
        return
    wanted = arrow_texts(sorted(set(item_ids))).cast(pa.string())
    if reference.schema in LISTS:
        yield from _in_parts(PartRows(store, reference), wanted, columns)
        return
    with store.open(reference) as file:
        for group in range(file.num_row_groups):
            with readable(reference):
                ids = file.read_row_group(group, columns=[_ID]).column(_ID)
                held = pc.is_in(ids, value_set=wanted)
                if not pc.any(held).as_py():
                    continue
                rows = file.read_row_group(group, columns=columns).filter(held)
            yield rows.select(columns).replace_schema_metadata(None)


def _in_parts(parts: PartRows, wanted: pa.Array, columns: list[str]) -> Iterator[pa.Table]:
    found = list(
        parts.chosen([_ID], lambda rows: pc.is_in(rows.column(_ID), value_set=wanted), columns)
    )
    if found:
        order = np.argsort(np.concatenate([each.places for each in found]))
        yield pa.concat_tables([each.rows for each in found]).take(arrow_numbers(order))
