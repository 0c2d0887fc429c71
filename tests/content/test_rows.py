"""Rows carry ids and addresses that depend on nothing but the location and its files."""

import re
from datetime import UTC, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from cultivar.content.crawl.rows import batch_of, row_of
from cultivar.content.documents.parsing import Parsed, normalised
from cultivar.content.entries import Entry
from cultivar.content.locations import Location
from cultivar.core.identity.matching import id_of as item_id

MODIFIED = datetime(2024, 5, 17, tzinfo=UTC)
SHELF = Location("shelf", "/anywhere")
TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)


def row(path: str, member: str = "", **facts: object) -> dict[str, object]:
    entry = Entry(path, f"/anywhere/{path}", 9, "key", MODIFIED)
    parsed = Parsed(member, 9, "", "text/plain", "ok", **facts)  # type: ignore[arg-type]
    return row_of(SHELF, entry, parsed)


@given(TEXT, TEXT, TEXT)
def test_ids_differ_where_location_or_path_differ(name: str, path: str, other: str) -> None:
    assume(path != other)
    assert re.fullmatch("[0-9a-f]{32}", item_id(name, path))
    assert item_id(name, path) == item_id(name, path)
    assert item_id(name, path) != item_id(name, other)
    assert item_id(path, name) != item_id(other, name)


@given(TEXT)
def test_folder_and_name_make_up_the_path(path: str) -> None:
    made = row(path)
    folder, name = str(made["folder"]), str(made["name"])
    assert (f"{folder}/{name}" if "/" in path else name) == path
    assert made["url"] == f"shelf:/{path}"


def test_a_member_shares_its_container_and_has_a_path_of_its_own() -> None:
    made = row("mail/box.zip", "!/inner/a.txt", text="some text of the member")
    assert made["path"] == "mail/box.zip!/inner/a.txt"
    assert made["source_path"] == "mail/box.zip"
    assert made["folder"] == "mail/box.zip!/inner"
    assert made["item_id"] != row("mail/box.zip")["item_id"]


def test_a_member_is_no_younger_than_its_archive_says() -> None:
    earlier = MODIFIED - timedelta(days=30)
    made = row("box.zip", "!/a.txt", modified_at=earlier)
    assert (made["created_at"], made["created_source"]) == (earlier, "modified")
    own = row("box.zip", "!/a.txt", modified_at=earlier, own_date=earlier - timedelta(days=1))
    assert own["created_source"] == "metadata"


def test_rows_fit_the_schema() -> None:
    batch = batch_of([row("a.txt", text="a text of some words"), row("b/c.txt")])
    batch.validate(full=True)
    assert batch.column("characters").to_pylist() == [20, 0]
    assert batch.column("language").to_pylist()[1] is None


@given(st.text())
def test_normalised_text_is_stable(text: str) -> None:
    once = normalised(text)
    assert normalised(f"  {once}\n") == " ".join(once.casefold().split())
    assert "  " not in once
