"""The SQL of a condition finds the items that the row-wise evaluation finds."""

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings

from cultivar.core.policies.conditions import ClassifierIs, Condition, FolderUnder, LocationIn
from cultivar.core.policies.rowwise import truth
from cultivar.core.policies.sql import condition_as_sql
from tests.core.policies.strategies import conditions, tables


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": "1"}) as opened:
        yield opened


@settings(max_examples=80, deadline=None)
@given(condition=conditions, items=tables())
def test_sql_and_the_reference_agree_on_every_item(
    connection: duckdb.DuckDBPyConnection, condition: Condition, items: pa.Table
) -> None:
    text, values = condition_as_sql(condition, items.column_names)
    found = _answers(connection, items, text, values)
    assert found == [truth(condition, row) for row in items.to_pylist()]


def _answers(
    connection: duckdb.DuckDBPyConnection, items: pa.Table, text: str, values: list[object]
) -> list[bool | None]:
    connection.register("items", items)
    query = f"select item_id, {text} from items"  # noqa: S608 (the text under test)
    found = dict(connection.execute(query, values).fetchall())
    return [found[item] for item in items["item_id"].to_pylist()]


def test_what_a_person_typed_is_never_part_of_the_text() -> None:
    odd = "'; drop table items; --"
    text, values = condition_as_sql(LocationIn((odd,)), ["location"])
    assert (text, values) == ('("location" in (?))', [odd])
    text, values = condition_as_sql(FolderUnder(odd), ["folder"])
    assert odd not in text
    assert values == [f"{odd}/"]


def test_a_column_name_is_quoted() -> None:
    text, _ = condition_as_sql(ClassifierIs('a"b'), ['prediction:a"b'])
    assert text == '("prediction:a""b" in (?))'
