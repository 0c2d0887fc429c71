"""Rows of any declared schema, drawn by hypothesis or made by hand."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from cultivar.core.schemas import SCHEMAS, DeclaredSchema
from cultivar.store.origin import LISTS

_MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_TEXTS = st.text(max_size=30)
_VALUES: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.string(): _TEXTS,
    pa.large_string(): _TEXTS,
    pa.binary(100): st.binary(min_size=100, max_size=100),
    pa.bool_(): st.booleans(),
    pa.int8(): st.integers(-128, 127),
    pa.int32(): st.integers(-(2**31), 2**31 - 1),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.uint32(): st.integers(0, 2**32 - 1),
    pa.float32(): st.floats(width=32, allow_nan=False),
    pa.float64(): st.floats(allow_nan=False),
    pa.timestamp("us", tz="UTC"): _MOMENTS,
    pa.list_(pa.string()): st.lists(_TEXTS, max_size=3),
    pa.list_(pa.float32()): st.lists(st.floats(width=32, allow_nan=False), max_size=3),
}


def _column(field: pa.Field) -> st.SearchStrategy[Any]:
    value = _VALUES[field.type]
    return st.none() | value if field.nullable else value


def rows_of(schema: DeclaredSchema, most: int = 20) -> st.SearchStrategy[pa.Table]:
    """Draw tables that the schema allows, also empty ones."""
    row = st.fixed_dictionaries({field.name: _column(field) for field in schema.arrow})
    rows = st.lists(row, max_size=most)
    return rows.map(lambda drawn: pa.Table.from_pylist(drawn, schema=schema.arrow))


def any_table() -> st.SearchStrategy[tuple[DeclaredSchema, pa.Table]]:
    """Draw a declared schema and a table of it; a list of parts cannot be drawn without parts."""
    known = (schema for name, schema in SCHEMAS.items() if name not in LISTS)
    schemas = st.sampled_from(sorted(known, key=lambda schema: schema.name))
    return schemas.flatmap(lambda schema: st.tuples(st.just(schema), rows_of(schema)))


def frequencies(rows: int = 3, start: int = 0) -> pa.Table:
    """Return a small table of the schema ``document_frequencies``."""
    numbers = range(start, start + rows)
    columns = [pa.array(numbers, pa.uint32()), pa.array(numbers, pa.int64())]
    return pa.table(columns, schema=SCHEMAS["document_frequencies"].arrow)


def unlabelled(texts: list[str]) -> pa.Table:
    """Return items of the schema ``unlabelled`` with these texts."""
    return pa.Table.from_pylist(
        [
            {
                **dict.fromkeys(("location", "workload", "path", "folder", "name", "sha256"), "x"),
                "item_id": str(number),
                "characters": len(text),
                "text": text,
            }
            for number, text in enumerate(texts)
        ],
        schema=SCHEMAS["unlabelled"].arrow,
    )
