"""Parquet with a declared schema: the same rows give the same bytes, however they arrive.

Row groups are bounded in rows and bytes, so writing and reading stay flat in memory. Knows
nothing of where a file lies.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cultivar.core.errors import Damaged, InvalidInput
from cultivar.core.schemas import SCHEMAS, DeclaredSchema

ROWS_A_GROUP = 65_536
BYTES_A_GROUP = 32 << 20
HEADER_KEY = b"cultivar"

Rows: TypeAlias = pa.Table | pa.RecordBatch | Iterable[pa.Table | pa.RecordBatch]


def declared(name: str) -> DeclaredSchema:
    """Return the declared schema of a name.

    Raises:
        InvalidInput: no such schema is declared.
    """
    if name not in SCHEMAS:
        raise InvalidInput(
            "unknown-schema",
            f"There is no schema named {name}. Declared are: {', '.join(sorted(SCHEMAS))}.",
        )
    return SCHEMAS[name]


def write(file: Any, schema: DeclaredSchema, rows: Rows, header: Mapping[str, Any]) -> int:
    """Write rows to a file object and return how many there were; see ``Writer``."""
    with Writer(file, schema, header) as writer:
        writer.write(rows)
    return writer.rows


class Writer:
    """Writes rows to a file object as they come; use it as a context manager.

    The bytes depend on the rows, the header and pyarrow's version alone: not on how the rows
    were cut into batches, nor on the moment or the machine.
    """

    def __init__(self, file: Any, schema: DeclaredSchema, header: Mapping[str, Any]) -> None:
        """Begin the file; ``rows`` is how many it stands for once it is whole."""
        self.rows = 0
        self._schema = schema
        self._arrow = schema.arrow.with_metadata({HEADER_KEY: canonical(header)})
        self._writer = pq.ParquetWriter(file, self._arrow, **_options(schema))
        self._groups = RowGroups(schema.group_bytes)

    def write(self, rows: Rows) -> None:
        """Add rows: a table, a batch, or batches as they come.

        Raises:
            InvalidInput: the rows do not have the declared columns, types or nulls.
        """
        for batch in conformed(rows, self._schema):
            self._write(self._groups.add(batch))

    def _write(self, groups: Iterable[pa.Table]) -> None:
        for group in groups:
            self._writer.write_table(group.cast(self._arrow), row_group_size=group.num_rows)
            self.rows += rows_in(group, self._schema)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        with self._writer:
            if kind is None:
                self._write(self._groups.rest())


def rows_in(table: pa.Table, schema: DeclaredSchema) -> int:
    """Return for how many rows those of a table stand."""
    if schema.counts is None:
        return table.num_rows
    return pc.sum(table.column(schema.counts), min_count=0).as_py()


def _options(schema: DeclaredSchema) -> dict[str, Any]:
    # Stated in full, so that another default of pyarrow's does not change an artifact's hash.
    # Neither a dictionary nor least and greatest value helps with whole texts, or with hashes.
    short = [field.name for field in schema.arrow if not _is_long(field.type)]
    return {
        "compression": "zstd",
        "compression_level": 3,
        "version": "2.6",
        "data_page_version": "1.0",
        "data_page_size": 1 << 20,
        "write_batch_size": 1024,
        "use_dictionary": short,
        "write_statistics": short,
        "write_page_index": False,
        "store_schema": True,
    }


def _is_long(kind: pa.DataType) -> bool:
    return pa.types.is_large_string(kind) or pa.types.is_fixed_size_binary(kind)


def canonical(header: Mapping[str, Any]) -> bytes:
    """Return a header as the one JSON text that stands for it."""
    return json.dumps(header, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def conformed(rows: Rows, schema: DeclaredSchema) -> Iterator[pa.RecordBatch]:
    """Yield the rows in the declared order of columns, each batch checked.

    Raises:
        InvalidInput: a column is missing, unknown, of another type, or null where it must not.
    """
    for batch in _batches(rows):
        _check_names(batch, schema)
        columns = [_column(batch, field, schema) for field in schema.arrow]
        yield pa.RecordBatch.from_arrays(columns, schema=schema.arrow)


def _batches(rows: Rows) -> Iterator[pa.RecordBatch]:
    if isinstance(rows, pa.Table):
        # A table without rows has no batches, but its columns are still to be checked.
        yield from rows.to_batches() or [_empty(rows.schema)]
    elif isinstance(rows, pa.RecordBatch):
        yield rows
    else:
        for part in rows:
            yield from _batches(part)


def _empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([], f.type) for f in schema], schema=schema)


def _check_names(batch: pa.RecordBatch, schema: DeclaredSchema) -> None:
    found, wanted = batch.schema.names, schema.arrow.names
    if sorted(found) == sorted(wanted):
        return
    missing = [name for name in wanted if name not in found]
    unknown = sorted({name for name in found if name not in wanted or found.count(name) > 1})
    raise InvalidInput(
        "wrong-columns",
        f"The rows are not of the schema {schema.name}: missing are {_listed(missing)}, "
        f"unknown or given twice are {_listed(unknown)}.",
        {"schema": schema.name, "missing": missing, "unknown": unknown},
    )


def _listed(names: list[str]) -> str:
    return ", ".join(names[:10]) + (" and more" if len(names) > 10 else "") if names else "none"


def _column(batch: pa.RecordBatch, field: pa.Field, schema: DeclaredSchema) -> pa.Array:
    column = batch.column(field.name)
    if column.type != field.type:
        column = _retyped(column, field, schema)
    if column.null_count and not field.nullable:
        raise InvalidInput(
            "missing-value",
            f"The column {field.name} of {schema.name} must have a value in every row, but "
            f"{column.null_count} of {len(column)} rows have none.",
            {"schema": schema.name, "column": field.name},
        )
    return column


def _retyped(column: pa.Array, field: pa.Field, schema: DeclaredSchema) -> pa.Array:
    # pandas and dictionary encoding hold the same strings in other types; nothing else is guessed.
    if _holds_strings(column.type) and _holds_strings(field.type):
        return column.cast(field.type)
    if pa.types.is_null(column.type):
        return pa.nulls(len(column), field.type)
    raise InvalidInput(
        "wrong-type",
        f"The column {field.name} of {schema.name} holds {column.type}, not {field.type}.",
        {"schema": schema.name, "column": field.name},
    )


def _holds_strings(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return (
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def row_groups(
    batches: Iterable[pa.RecordBatch], bytes_at_most: int | None = None
) -> Iterator[pa.Table]:
    """Yield all rows as ``RowGroups`` cuts them."""
    groups = RowGroups(bytes_at_most)
    for batch in batches:
        yield from groups.add(batch)
    yield from groups.rest()


class RowGroups:
    """Tables of one chunk each, cut at rows that depend on the rows alone.

    A group ends before the row that would carry it over ``ROWS_A_GROUP`` rows or
    ``bytes_at_most`` (else ``BYTES_A_GROUP``) bytes; a single larger row is a group of its own.
    """

    def __init__(self, bytes_at_most: int | None = None) -> None:
        self._bytes_at_most = bytes_at_most or BYTES_A_GROUP
        self._begin()

    def _begin(self) -> None:
        self._pending: list[pa.RecordBatch] = []
        self._rows = self._size = 0

    def add(self, batch: pa.RecordBatch) -> Iterator[pa.Table]:
        """Yield the groups that end within a further batch."""
        ends = np.cumsum(_row_bytes(batch))
        start = 0
        while start < batch.num_rows:
            before = int(ends[start - 1]) if start else 0
            left = before + self._bytes_at_most - self._size
            fits = int(np.searchsorted(ends, left, side="right"))
            end = min(fits, start + ROWS_A_GROUP - self._rows, batch.num_rows)
            end = max(end, start if self._rows else start + 1)
            self._pending.append(batch.slice(start, end - start))
            self._rows += end - start
            self._size += int(ends[end - 1]) - before if end > start else 0
            start = end
            if start < batch.num_rows:
                yield _joined(self._pending)
                self._begin()

    def rest(self) -> Iterator[pa.Table]:
        """Yield the last group, if any row is left."""
        if self._rows:
            yield _joined(self._pending)
            self._begin()


def _joined(batches: list[pa.RecordBatch]) -> pa.Table:
    # Pages are cut at chunk borders too, so there must be only one chunk.
    return pa.Table.from_batches(batches).combine_chunks()


def _row_bytes(batch: pa.RecordBatch) -> Any:
    sizes = np.full(batch.num_rows, 8 * batch.num_columns, dtype=np.int64)
    for column in batch.columns:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            lengths = pc.fill_null(pc.binary_length(column), 0)
            sizes += lengths.to_numpy(zero_copy_only=False).astype(np.int64)
    return sizes


def header_of(file: pq.ParquetFile) -> dict[str, Any]:
    """Return the header that ``write`` put into the file.

    Raises:
        Damaged: there is none, or it names a schema or a version that this release does not know.
    """
    stated = (file.schema_arrow.metadata or {}).get(HEADER_KEY)
    try:
        header = json.loads(stated or b"")
    except ValueError:
        header = None
    if not isinstance(header, dict):
        raise Damaged("no-header", "The file holds no header of Cultivar's.")
    _check_known(header, file)
    return header


def _check_known(header: Mapping[str, Any], file: pq.ParquetFile) -> None:
    schema = SCHEMAS.get(str(header.get("schema")))
    version = header.get("schema_version")
    columns = schema.at(version) if schema else None
    if schema is None or columns is None:
        raise Damaged(
            "unknown-schema-version",
            f"The file holds version {version!s:.20} of the schema {header.get('schema')!s:.60}, "
            f"which this release cannot read. It reads {_read_here(schema)}.",
        )
    if not file.schema_arrow.equals(columns):
        raise Damaged(
            "wrong-columns", f"The file's columns are not those of its schema {schema.name}."
        )


def _read_here(schema: DeclaredSchema | None) -> str:
    if schema is None:
        return ", ".join(sorted(SCHEMAS))
    return f"versions 1 to {schema.version}" if schema.version > 1 else "version 1"
