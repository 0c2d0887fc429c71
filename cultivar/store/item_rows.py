"""The rows of a few items out of an artifact that may hold millions.

Ids are hashes, so the least and the greatest of a row group say nothing: the column of ids is read,
and of the others only the row groups that hold a wanted one.
"""

from collections.abc import Collection, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas.arrays import arrow_texts
from cultivar.store.artifacts import ArtifactStore
from cultivar.store.integrity import readable

_ID = "item_id"


def item_rows(
    store: ArtifactStore,
    reference: ArtifactReference,
    item_ids: Collection[str],
    columns: list[str],
) -> Iterator[pa.Table]:
    """Yield the rows of some items in the artifact's order; ids that it lacks are passed over.

    Memory stays at one row group.

    Raises:
        Damaged: the file is missing, unreadable, or not what its header says.
    """
    if not item_ids:
        return
    wanted = arrow_texts(sorted(set(item_ids))).cast(pa.string())
    with store.open(reference) as file:
        for group in range(file.num_row_groups):
            with readable(reference):
                ids = file.read_row_group(group, columns=[_ID]).column(_ID)
                held = pc.is_in(ids, value_set=wanted)
                if not pc.any(held).as_py():
                    continue
                rows = file.read_row_group(group, columns=columns).filter(held)
            yield rows.select(columns).replace_schema_metadata(None)
