import hashlib
import io
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cultivar.core.errors import CultivarError, Damaged, InvalidInput
from cultivar.core.schemas import SCHEMAS, DeclaredSchema
from cultivar.store import parquet
from tests.store.tables_of import any_table, frequencies, unlabelled

HEADER = {"schema": "unlabelled", "schema_version": 1, "producer": "test", "inputs": {}}
FREQUENCIES = SCHEMAS["document_frequencies"]


def written(schema: DeclaredSchema, rows: parquet.Rows) -> bytes:
    file = io.BytesIO()
    parquet.write(file, schema, rows, {**HEADER, "schema": schema.name})
    return file.getvalue()


def read(data: bytes) -> pa.Table:
    return pq.read_table(io.BytesIO(data), use_threads=False)


@given(any_table())
def test_any_table_of_any_schema_comes_back_as_it_was(
    drawn: tuple[DeclaredSchema, pa.Table],
) -> None:
    schema, table = drawn
    found = read(written(schema, table))
    assert found.equals(table)
    assert found.schema.equals(schema.arrow)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(any_table(), st.data())
def test_the_bytes_do_not_depend_on_how_rows_were_cut_into_batches(
    monkeypatch: pytest.MonkeyPatch, drawn: tuple[DeclaredSchema, pa.Table], data: st.DataObject
) -> None:
    monkeypatch.setattr(parquet, "ROWS_A_GROUP", 7)
    monkeypatch.setattr(parquet, "BYTES_A_GROUP", 600)
    schema, table = drawn
    cuts = data.draw(st.lists(st.integers(0, table.num_rows), max_size=5).map(sorted))
    edges = [0, *cuts, table.num_rows]
    parts = [table.slice(a, b - a) for a, b in itertools.pairwise(edges)]
    assert written(schema, parts) == written(schema, table)


@given(any_table())
def test_the_bytes_do_not_depend_on_the_order_of_columns_or_the_kind_of_strings(
    drawn: tuple[DeclaredSchema, pa.Table],
) -> None:
    schema, table = drawn
    other = table.select(table.column_names[::-1])
    for place, field in enumerate(other.schema):
        if pa.types.is_string(field.type):
            encoded = other.column(place).cast(pa.large_string()).dictionary_encode()
            other = other.set_column(place, field.name, encoded)
    assert written(schema, other) == written(schema, table)


def test_row_groups_are_bounded_in_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROWS_A_GROUP", 10)
    groups = list(parquet.row_groups(frequencies(35).to_batches()))
    assert [group.num_rows for group in groups] == [10, 10, 10, 5]


def test_row_groups_are_bounded_in_bytes_and_a_huge_row_stands_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parquet, "BYTES_A_GROUP", 5_000)
    table = unlabelled(["a" * 2_000] * 3 + ["b" * 20_000] + ["c" * 10])
    groups = [group.num_rows for group in parquet.row_groups(table.to_batches())]
    assert groups == [2, 1, 1, 1]


def test_no_group_is_empty_and_no_row_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "BYTES_A_GROUP", 300)
    table = unlabelled(["x" * (number * 37 % 400) for number in range(100)])
    groups = list(parquet.row_groups(table.to_batches(max_chunksize=9)))
    assert all(group.num_rows for group in groups)
    assert pa.concat_tables(groups).equals(table)


def test_writing_a_stream_keeps_memory_flat() -> None:
    peak = 0
    before = pa.total_allocated_bytes()

    def stream() -> Iterator[pa.Table]:
        nonlocal peak
        for _ in range(100):
            peak = max(peak, pa.total_allocated_bytes() - before)
            yield unlabelled(["word " * 800_000])

    class Nowhere(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            return len(data)

    parquet.write(Nowhere(), SCHEMAS["unlabelled"], stream(), HEADER)
    assert peak < 4 * parquet.BYTES_A_GROUP


@pytest.mark.parametrize(("hash_seed", "zone"), [("1", "UTC"), ("2", "Asia/Tokyo")])
def test_another_process_zone_and_hash_seed_give_the_same_bytes(hash_seed: str, zone: str) -> None:
    code = (
        "import hashlib\n"
        "from tests.store.test_parquet import FREQUENCIES, frequencies, written\n"
        "print(hashlib.sha256(written(FREQUENCIES, frequencies(1_000))).hexdigest())\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": zone, "LC_ALL": "C"}
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    here = hashlib.sha256(written(FREQUENCIES, frequencies(1_000))).hexdigest()
    assert found.stdout.strip() == here


def test_whole_texts_do_not_stand_in_the_footer() -> None:
    data = written(SCHEMAS["unlabelled"], unlabelled(["canary " * 20]))
    footer = pq.read_metadata(io.BytesIO(data))
    place = [*footer.schema.names].index("text")
    assert footer.row_group(0).column(place).statistics is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda table: table.drop_columns(["documents"]), "wrong-columns"),
        (lambda table: table.append_column("extra", table.column(0)), "wrong-columns"),
        (lambda table: table.append_column("feature", table.column(0)), "wrong-columns"),
        (lambda table: table.rename_columns(["feature", "document"]), "wrong-columns"),
        (lambda table: retyped(table, pa.int32()), "wrong-type"),
        (lambda table: retyped(table, pa.float64()), "wrong-type"),
        (lambda table: retyped(table, pa.string()), "wrong-type"),
        (lambda table: with_null(table, 1), "missing-value"),
    ],
)
@pytest.mark.parametrize("rows", [3, 0])
def test_rows_that_are_not_of_the_schema_are_refused(change: Any, code: str, rows: int) -> None:
    if code == "missing-value" and not rows:
        return
    with pytest.raises(InvalidInput) as caught:
        written(FREQUENCIES, change(frequencies(rows)))
    assert caught.value.code == code
    assert "document_frequencies" in caught.value.sentence


def retyped(table: pa.Table, kind: pa.DataType) -> pa.Table:
    return table.set_column(1, "documents", table.column("documents").cast(kind))


def with_null(table: pa.Table, column: int = 1) -> pa.Table:
    values = [None, *table.column("documents").to_pylist()[1:]]
    return table.set_column(column, "documents", pa.array(values, pa.int64()))


def test_a_column_of_nothing_but_nulls_may_stand_for_any_nullable_one() -> None:
    table = unlabelled(["text"])
    place = table.column_names.index("title")
    nothing = table.set_column(place, "title", pa.nulls(1))
    assert read(written(SCHEMAS["unlabelled"], nothing)).equals(table)


def test_a_wrong_row_late_in_the_stream_is_refused_too() -> None:
    with pytest.raises(InvalidInput):
        written(FREQUENCIES, [frequencies(3), with_null(frequencies(3))])


def test_an_unknown_schema_name_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="itemz"):
        parquet.declared("itemz")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "no-header"),
        (b"not json", "no-header"),
        (b"[1]", "no-header"),
        (b'{"schema":"unlabelled","schema_version":99}', "unknown-schema-version"),
        (b'{"schema":"unheard","schema_version":1}', "unknown-schema-version"),
        (b'{"schema":"items","schema_version":1}', "wrong-columns"),
    ],
)
def test_headers_of_other_releases_and_other_programs_are_refused(
    header: bytes | None, code: str
) -> None:
    table = unlabelled(["text"]).replace_schema_metadata(
        {parquet.HEADER_KEY: header} if header else None
    )
    file = io.BytesIO()
    pq.write_table(table, file)
    with pytest.raises(Damaged) as caught, pq.ParquetFile(file) as opened:
        parquet.header_of(opened)
    assert caught.value.code == code


def test_errors_name_at_most_ten_columns() -> None:
    table = pa.table({f"column_{number}": [1] for number in range(100)})
    with pytest.raises(CultivarError) as caught:
        written(FREQUENCIES, table)
    assert "column_0" in caught.value.sentence
    assert len(caught.value.sentence) < 300


def test_row_sizes_count_the_bytes_of_every_text() -> None:
    table = unlabelled(["é" * 100, ""])
    batch = table.to_batches()[0]
    first, second = parquet._row_bytes(batch)
    assert first - second == 200
    assert isinstance(first, np.int64)
