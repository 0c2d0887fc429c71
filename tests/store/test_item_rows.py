"""The rows of a few items, whatever the row groups in which they lie."""

import pyarrow as pa
import pytest

from cultivar.core.schemas import SCHEMAS
from cultivar.store.item_rows import item_rows
from cultivar.store.workspace import Workspace, open_workspace

COLUMNS = ["text", "item_id"]


@pytest.fixture
def reviews(monkeypatch: pytest.MonkeyPatch) -> tuple[Workspace, str]:
    """An artifact of ten rows in groups of three."""
    monkeypatch.setattr("cultivar.store.parquet.ROWS_A_GROUP", 3)
    schema = SCHEMAS["unlabelled"].arrow
    words = [each.name for each in schema if each.type in (pa.string(), pa.large_string())]
    rows = [
        {name: f"{name} {number}" for name in words}
        | {"item_id": f"{number:064x}", "characters": number}
        for number in range(10)
    ]
    with open_workspace() as workspace:
        kept = workspace.artifacts.write(
            "unlabelled", pa.Table.from_pylist(rows, schema=schema), producer="test"
        )
        with workspace.artifacts.open(kept) as file:
            assert file.num_row_groups == 4
        return workspace, kept.sha256


def found(made: tuple[Workspace, str], numbers: list[int]) -> list[str]:
    workspace, sha256 = made
    store = workspace.artifacts
    wanted = [f"{number:064x}" for number in numbers]
    rows = item_rows(store, store.reference(sha256), wanted, COLUMNS)
    return [row["text"] for table in rows for row in table.to_pylist()]


def test_rows_come_in_the_artifacts_order_from_any_group(reviews: tuple[Workspace, str]) -> None:
    assert found(reviews, [9, 0, 4, 4]) == ["text 0", "text 4", "text 9"]
    assert found(reviews, list(range(10))) == [f"text {number}" for number in range(10)]


def test_ids_that_are_not_there_are_passed_over(reviews: tuple[Workspace, str]) -> None:
    assert found(reviews, [77]) == []
    assert found(reviews, []) == []
    assert found(reviews, [77, 3]) == ["text 3"]
