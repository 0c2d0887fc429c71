"""The rows of a few items out of an artifact that may hold millions.

Ids are hashes, so the least and the greatest of a row group say nothing: the column of ids is read,
and of the others only the row groups that hold a wanted one.
"""

import tempfile
from collections.abc import Collection, Iterable, Iterator

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


_DIFFERING = """
SELECT *, 'earlier' AS held_by FROM (FROM earlier EXCEPT FROM later)
UNION ALL
SELECT *, 'later' AS held_by FROM (FROM later EXCEPT FROM earlier)
ORDER BY ALL
"""
_MEMORY = "500MB"


def differing_rows(
    earlier: Iterable[pa.RecordBatch], later: Iterable[pa.RecordBatch], columns: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """Yield each row that one of two tables holds and the other does not, sorted.

    ``columns`` are those of both; a last column ``held_by`` says which holds it: earlier or later.
    Memory stays flat: what does not fit lies in a temporary folder.
    """
    import duckdb  # noqa: PLC0415 - costs a tenth of a second, and only a store sweep needs it

    with tempfile.TemporaryDirectory(prefix="cultivar-rows-") as scratch:
        options = {"memory_limit": _MEMORY, "temp_directory": f"{scratch}/spilled"}
        with duckdb.connect(f"{scratch}/rows.duckdb", config=options) as rows:
            for name, batches in (("earlier", earlier), ("later", later)):
                reader = pa.RecordBatchReader.from_batches(columns, batches)
                rows.register("given", reader)
                rows.execute(f"CREATE TABLE {name} AS FROM given")
                rows.unregister("given")
            yield from rows.sql(_DIFFERING).to_arrow_reader(65_536)
