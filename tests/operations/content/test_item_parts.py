"""A crawl writes what is new or changed, and a location reads as if it was crawled at once."""

import os
import re
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from cultivar.core.reference import ArtifactReference
from cultivar.operations.content.crawl_records import record_crawl
from cultivar.operations.content.crawling import crawl_known
from cultivar.operations.content.items import find_item, open_item
from cultivar.operations.content.locations import add_location, location_named
from cultivar.operations.content.renaming import rename_location
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.store.parts.reading import PartRows
from cultivar.store.workspace import Workspace
from tests.operations.organisation import ADMINISTRATOR, Organisation


def write(folder: Path, texts: dict[str, str], at: int = 1_000) -> None:
    for name, text in texts.items():
        (folder / name).write_text(text)
        os.utime(folder / name, (at, at))


def letters(count: int) -> dict[str, str]:
    return {
        f"{number:02}.txt": f"letter {number} says {number**3} things" for number in range(count)
    }


@pytest.fixture
def post(organisation: Organisation, tmp_path: Path) -> tuple[Workspace, Path]:
    """A location of ten letters, in parts of four items, not crawled yet."""
    workspace = organisation.workspace
    small = replace(workspace, settings=replace(workspace.settings, part_items=4, workers=1))
    folder = tmp_path / "post"
    folder.mkdir()
    write(folder, letters(10))
    bootstrap(small, ADMINISTRATOR)
    add_location(small, ADMINISTRATOR, "post", str(folder))
    return small, folder


def crawled(workspace: Workspace, *, from_scratch: bool = False) -> ArtifactReference:
    known = location_named(workspace, "post")
    found = crawl_known(workspace, known, lambda *_: None, from_scratch=from_scratch)
    record_crawl(workspace, "post", found.items, found.counts, read_with=found.read_with)
    return found.items


def parts(workspace: Workspace, items: ArtifactReference) -> list[str]:
    return [each.sha256 for each in PartRows(workspace.artifacts, items).parts]


def test_nights_of_changes_read_like_one_crawl_of_the_last_state(
    post: tuple[Workspace, Path],
) -> None:
    workspace, folder = post
    first = crawled(workspace)
    assert (first.schema, first.rows, len(parts(workspace, first))) == ("item_parts", 10, 3)
    write(folder, {"01.txt": "another letter", "045.txt": "a new one"}, 2_000)
    (folder / "08.txt").unlink()
    second = crawled(workspace)
    old, new = parts(workspace, first), parts(workspace, second)
    assert set(old[:2]) < set(new)
    [added] = set(new) - set(old)
    held = workspace.artifacts.read(workspace.artifacts.reference(added))
    # half of the last part is gone, so the other half is written with what is new
    assert held["path"].to_pylist() == ["01.txt", "045.txt", "09.txt"]
    # everything read again says the same, so nothing is written
    assert crawled(workspace, from_scratch=True) == second
    known = location_named(workspace, "post")
    fresh = crawl_known(workspace, replace(known, items_sha256=None), lambda *_: None).items
    read = workspace.artifacts.read
    assert read(second).equals(read(fresh))
    found = find_item(workspace, "045.txt")
    assert open_item(workspace, ADMINISTRATOR, found.item_id).text == "a new one"
    assert find_item(workspace, "01.txt").part_sha256 == added


def test_duckdb_reads_the_list_as_the_page_of_artifacts_says(post: tuple[Workspace, Path]) -> None:
    workspace, folder = post
    place = workspace.settings.artifacts_url
    if "://" in place:
        pytest.skip("DuckDB reads an object store with an extension that is not here")
    crawled(workspace)
    write(folder, {"01.txt": "another letter", "045.txt": "a new one"}, 2_000)
    items = crawled(workspace)
    page = (Path(__file__).parents[3] / "docs" / "artifacts.md").read_text()
    [query] = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    query = query.replace("PARTS", f"'{place}/items/*/*.parquet'")
    query = query.replace("LIST", f"'{items.url.removeprefix('file://')}'")
    relation = duckdb.connect().sql(query)
    assert relation is not None
    found = relation.to_arrow_table()
    wanted = workspace.artifacts.read(items, ["path", "text"])
    assert found.select(["path", "text"]).to_pylist() == wanted.to_pylist()


def test_a_row_whose_original_is_gone_is_written_again(post: tuple[Workspace, Path]) -> None:
    workspace, folder = post
    write(folder, {"09.txt": letters(10)["00.txt"]})
    first = crawled(workspace)
    (folder / "00.txt").unlink()
    second = workspace.artifacts.read(crawled(workspace), ["path", "duplicate_of"])
    assert second["duplicate_of"].null_count == 9
    assert workspace.artifacts.read(first, ["duplicate_of"])["duplicate_of"].null_count == 9


def test_items_of_an_earlier_release_are_the_first_part(post: tuple[Workspace, Path]) -> None:
    workspace, folder = post
    store = workspace.artifacts
    # a release before parts wrote all items of a crawl into one file
    whole = store.read(crawled(workspace))
    before = store.write("items", whole, producer="crawl")
    record_crawl(workspace, "post", before, {"found": 10})
    assert crawled(workspace) == before
    write(folder, {"03.txt": "another letter"}, 2_000)
    after = crawled(workspace)
    assert parts(workspace, after)[0] == before.sha256
    assert len(parts(workspace, after)) == 2
    store.verify(after)
    assert store.read(after).num_rows == 10


def test_a_location_in_parts_is_renamed(post: tuple[Workspace, Path]) -> None:
    workspace, _ = post
    first = crawled(workspace)
    rename_location(workspace, ADMINISTRATOR, "post", "letters")
    renamed = workspace.artifacts.reference(location_named(workspace, "letters").items_sha256)
    assert (renamed.schema, renamed.rows) == (first.schema, first.rows)
    assert set(workspace.artifacts.read(renamed, ["location"])["location"].to_pylist()) == {
        "letters"
    }
