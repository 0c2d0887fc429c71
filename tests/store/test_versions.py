"""Files of an older version of their schema are read as files of the newest."""

import hashlib

import pyarrow as pa
import pytest

from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import ITEMS, SCHEMAS
from cultivar.store.artifacts import ArtifactStore
from cultivar.store.item_rows import item_rows
from cultivar.store.registry import Registry
from tests.store.conftest import noon
from tests.store.older import written_as

NEW = list(ITEMS.added)
# What homes hold: a column that is added needs a higher version, which says so in ``added``.
FIRST_VERSIONS = {
    "accuracy": "8ddc09a3398f",
    "assignments": "3d1c5eaf1cc2",
    "assignment_parts": "a491a945bf2a",
    "baseline": "7b5c95222621",
    "comparison": "bf486d46c811",
    "document_frequencies": "3f4504ca2cff",
    "feedback": "8bfead59ba9b",
    "items": "37cca02ae338",
    "item_parts": "151e00486a8d",
    "label_changes": "66936d850eb6",
    "labels": "d523bb920d6f",
    "overview": "a860cf0cfb3a",
    "predictions": "34996e5ea8dc",
    "project_documents": "cefb73cc8f83",
    "project_split": "0644d9a0cf1a",
    "project_validation": "845e2369f616",
    "reviews": "6f68d1730102",
    "seed_set": "9eb211f3f4b3",
    "test_set": "e10b1b93d4f7",
    "unlabelled": "4f85e6276918",
}


@pytest.fixture
def store(sqlite_registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> ArtifactStore:
    """A store where its kind does not matter."""
    return ArtifactStore(str(tmp_path_factory.mktemp("kept")), sqlite_registry, clock=noon)


@pytest.fixture
def rows() -> pa.Table:
    """Three items, all of whose columns hold something."""
    return pa.Table.from_pylist(
        [{field.name: _value(field, number) for field in ITEMS.arrow} for number in range(3)],
        schema=ITEMS.arrow,
    )


def _value(field: pa.Field, number: int) -> object:
    is_text = pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
    if pa.types.is_fixed_size_binary(field.type):
        return bytes([number]) * field.type.byte_width
    return f"{field.name} {number}" if is_text else pa.scalar(number).cast(field.type).as_py()


@pytest.fixture
def older(store: ArtifactStore, rows: pa.Table) -> ArtifactReference:
    """The rows as the first version of the schema had them."""
    return written_as(store, 1, rows)


def test_columns_that_came_later_are_null(
    store: ArtifactStore, older: ArtifactReference, rows: pa.Table
) -> None:
    found = store.read(older)
    assert found.schema.equals(ITEMS.arrow)
    first = [name for name in ITEMS.arrow.names if name not in NEW]
    assert found.select(first).equals(rows.select(first))
    assert {name: found[name].null_count for name in NEW} == dict.fromkeys(NEW, 3)


@pytest.mark.parametrize("columns", [["message_id"], ["message_id", "path"], ["path"], None])
def test_every_way_of_reading_fills_them_in(
    store: ArtifactStore, older: ArtifactReference, rows: pa.Table, columns: list[str] | None
) -> None:
    empty = [pa.nulls(3, each.type) for each in ITEMS.arrow if each.name in NEW]
    whole = rows
    for name, nulls in zip(NEW, empty, strict=True):
        whole = whole.set_column(whole.column_names.index(name), ITEMS.arrow.field(name), nulls)
    wanted = whole.select(columns or ITEMS.arrow.names)
    assert store.read(older, columns).equals(wanted)
    assert pa.Table.from_batches(store.batches(older, columns, 2)).equals(wanted)
    some = [rows["item_id"][1].as_py()]
    [found] = item_rows(store, older, some, columns or ITEMS.arrow.names)
    assert found.equals(wanted.slice(1, 1))


def test_an_older_file_is_whole(store: ArtifactStore, older: ArtifactReference) -> None:
    store.verify(older)
    assert store.header(older)["schema_version"] == 1


def test_every_schema_knows_its_versions() -> None:
    for schema in SCHEMAS.values():
        assert schema.at(schema.version) == schema.arrow
        assert schema.at(schema.version + 1) is None
        assert schema.at(0) is None
        assert all(schema.arrow.field(name).nullable for name in schema.added)
        assert set(schema.added.values()) <= set(range(2, schema.version + 1))


def test_the_first_version_of_every_schema_stays_what_homes_hold() -> None:
    found = {}
    for name in FIRST_VERSIONS:
        columns = SCHEMAS[name].at(1) or ()
        told = ";".join(f"{each.name} {each.type} {each.nullable}" for each in columns)
        found[name] = hashlib.sha256(told.encode()).hexdigest()[:12]
    assert found == FIRST_VERSIONS
