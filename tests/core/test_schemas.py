"""Every column of every artifact says in plain words what it holds."""

import pyarrow as pa
import pytest

from cultivar.core.schemas import SCHEMAS, DeclaredSchema, description_of

COLUMNS = [
    pytest.param(schema, field, id=f"{schema.name}.{field.name}")
    for schema in SCHEMAS.values()
    for field in schema.arrow
]


@pytest.mark.parametrize(("schema", "field"), COLUMNS)
def test_each_column_says_what_it_holds(schema: DeclaredSchema, field: pa.Field) -> None:
    said = description_of(field)
    assert len(said.split()) >= 3
    assert said[0].isupper() or said[0].isdigit() or said.startswith("ok")
    assert said.endswith(".")


@pytest.mark.parametrize(("schema", "field"), COLUMNS)
def test_a_column_that_may_be_null_says_what_null_means(
    schema: DeclaredSchema, field: pa.Field
) -> None:
    assert ("null" in description_of(field)) == field.nullable


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_each_schema_says_what_a_row_is(schema: DeclaredSchema) -> None:
    assert schema.about.startswith("One row is ")
    assert schema.about.endswith(".")


def test_a_column_of_a_file_without_descriptions_has_none() -> None:
    assert description_of(pa.field("item_id", pa.string())) == ""
