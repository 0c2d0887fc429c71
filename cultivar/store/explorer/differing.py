"""The rows in which two tables of any size differ, found by DuckDB in a temporary file."""

import tempfile
from collections.abc import Iterable, Iterator

import duckdb
import pyarrow as pa

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
    with tempfile.TemporaryDirectory(prefix="cultivar-rows-") as scratch:
        spilled = f"{scratch}/spilled"
        with duckdb.connect(
            f"{scratch}/rows.duckdb", config={"memory_limit": _MEMORY, "temp_directory": spilled}
        ) as rows:
            for name, batches in (("earlier", earlier), ("later", later)):
                reader = pa.RecordBatchReader.from_batches(columns, batches)
                rows.register("given", reader)
                rows.execute(f"CREATE TABLE {name} AS FROM given")
                rows.unregister("given")
            yield from rows.sql(_DIFFERING).to_arrow_reader(65_536)
