"""What people gave an item stays with the item, or is reported: a place is not an item."""

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from cultivar.core.errors import CultivarError, NotFound
from cultivar.core.schemas import ITEMS
from cultivar.operations.audit.audit import audit_entries
from cultivar.operations.content.crawl_records import record_crawl
from cultivar.operations.content.crawling import Crawled, crawl_known, keep_crawled
from cultivar.operations.content.items import find_item, open_item
from cultivar.operations.content.left_items import how_many_left, left_items
from cultivar.operations.content.locations import add_location, location_named
from cultivar.operations.content.noticed import noticed_at
from cultivar.operations.content.removal import remove_location
from cultivar.operations.content.unreadable import unreadable_items
from cultivar.operations.policies.manual_labels import release_label, set_label
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.store.tables import PersonLabelRow
from cultivar.store.workspace import Workspace
from tests.content.test_identity import mailbox, write
from tests.operations.organisation import ADMINISTRATOR, Organisation
from tests.operations.policing import (
    apply,
    empower,
    label,
    labels_in_force,
    make,
    matches,
    publish_and_label,
)

Crawl = Callable[..., Crawled]
HOLD = "retention label Legal hold given by alex"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the location ``post``."""
    made = tmp_path / "post"
    made.mkdir()
    return made


@pytest.fixture
def workspace(organisation: Organisation, folder: Path) -> Workspace:
    """A workspace with the location ``post``, and an administrator of labels."""
    bootstrap(organisation.workspace, ADMINISTRATOR)
    empower(organisation.workspace)
    add_location(organisation.workspace, ADMINISTRATOR, "post", str(folder))
    return organisation.workspace


@pytest.fixture
def crawl(workspace: Workspace) -> Crawl:
    """Crawl the location ``post`` and keep what was found."""

    def run(**asked: bool) -> Crawled:
        known = location_named(workspace, "post")
        found = crawl_known(workspace, known, lambda *_: None, **asked)
        keep_crawled(workspace, ADMINISTRATOR, "post", found, lambda _: None)
        return found

    return run


def held(workspace: Workspace) -> dict[str, str]:
    """Return the subject of each item with a label by hand, by path."""
    with workspace.registry.reading() as session:
        ids = [row.item_id for row in session.query(PersonLabelRow)]
    reference = workspace.artifacts.reference(location_named(workspace, "post").items_sha256)
    rows = workspace.artifacts.read(reference, ["item_id", "path", "title", "text"]).to_pylist()
    return {row["path"]: row["title"] or row["text"] for row in rows if row["item_id"] in ids}


def hold(workspace: Workspace, item: str) -> None:
    set_label(workspace, ADMINISTRATOR, item, "retention label", "Legal hold")


def test_a_hold_stays_on_its_mail_when_the_mailbox_is_compacted(
    workspace: Workspace, folder: Path, crawl: Crawl
) -> None:
    mailbox(folder / "in.mbox", 1, 2, 3, 4)
    crawl()
    hold(workspace, "in.mbox!/3")
    mailbox(folder / "in.mbox", 2, 3, 4)
    assert crawl().counts["not_found_again"] == 0
    assert held(workspace) == {"in.mbox!/2": "Mail 3"}
    assert not left_items(workspace, ADMINISTRATOR)


def test_a_hold_follows_a_file_that_is_renamed(
    workspace: Workspace, folder: Path, crawl: Crawl
) -> None:
    write(folder / "a.txt", "the hold")
    crawl()
    hold(workspace, "a.txt")
    (folder / "a.txt").rename(folder / "b.txt")
    write(folder / "a.txt", "another letter", 1_600_000_000)
    assert crawl().counts["moved"] == 1
    assert held(workspace) == {"b.txt": "the hold"}


def test_what_is_not_found_again_is_reported_and_stands_again_when_it_returns(
    workspace: Workspace, folder: Path, crawl: Crawl
) -> None:
    write(folder / "a.txt", "the hold")
    write(folder / "b.txt", "beside it")
    crawl()
    hold(workspace, "a.txt")
    item = find_item(workspace, "a.txt").item_id
    (folder / "a.txt").unlink()
    lost = crawl()
    assert lost.counts["not_found_again"] == 1
    [left] = left_items(workspace, ADMINISTRATOR, "post")
    assert (left.item_id, left.path, left.resting) == (item, "a.txt", (HOLD,))
    assert how_many_left(workspace) == {"post": 1}
    write(folder / "a.txt", "a new letter of the same name", 1_600_000_000)
    assert crawl().counts["not_found_again"] == 0
    assert held(workspace) == {}
    write(folder / "restored" / "a.txt", "the hold")
    assert crawl().counts["returned"] == 1
    assert held(workspace) == {"restored/a.txt": "the hold"}
    assert not left_items(workspace, ADMINISTRATOR)
    actions = [
        (entry.action, entry.subject)
        for entry in audit_entries(workspace, ADMINISTRATOR)
        if entry.action.startswith("item")
    ]
    assert sorted(actions) == [
        ("item found again", f"item:{item}"), ("item not found again", f"item:{item}"),
    ]  # fmt: skip


def test_a_label_of_an_item_that_left_can_be_taken_back(
    workspace: Workspace, folder: Path, crawl: Crawl
) -> None:
    write(folder / "a.txt", "the hold")
    write(folder / "b.txt", "beside it")
    crawl()
    hold(workspace, "a.txt")
    (folder / "a.txt").unlink()
    crawl()
    assert release_label(workspace, ADMINISTRATOR, "a.txt", "retention label")
    assert not left_items(workspace, ADMINISTRATOR)
    assert not release_label(workspace, ADMINISTRATOR, "a.txt", "retention label")


def test_damaged_items_read_from_scratch_leave_holds_where_they_were(
    workspace: Workspace, folder: Path, crawl: Crawl
) -> None:
    place = workspace.settings.artifacts_url
    if "://" in place:
        pytest.skip("the bytes of an object store cannot be changed behind its back here")
    mailbox(folder / "in.mbox", 1, 2, 3)
    crawl()
    hold(workspace, "in.mbox!/2")
    mailbox(folder / "in.mbox", 2, 3)
    sha256 = crawl().items.sha256
    [file] = Path(place).rglob(f"{sha256}*")
    file.write_bytes(b"nothing")
    mailbox(folder / "in.mbox", 3, 2)
    crawl(from_scratch=True)
    assert held(workspace) == {"in.mbox!/2": "Mail 2"}


def test_an_emptied_location_is_accepted_by_name_and_its_texts_are_gone(
    workspace: Workspace, folder: Path, crawl: Crawl
) -> None:
    write(folder / "a.txt", "the only letter")
    crawl()
    hold(workspace, "a.txt")
    (folder / "a.txt").unlink()
    with pytest.raises(CultivarError) as refused:
        crawl()
    assert refused.value.code == "mass-deletion"
    assert "crawl post --allow-mass-deletion" in refused.value.sentence
    assert open_item(workspace, ADMINISTRATOR, "a.txt").text
    assert crawl(allow_mass_deletion=True).items.rows == 0
    with pytest.raises(NotFound):
        open_item(workspace, ADMINISTRATOR, "a.txt")
    assert [each.path for each in left_items(workspace, ADMINISTRATOR)] == ["a.txt"]
    assert not crawl().changed
    write(folder / "b.txt", "a letter after all")
    assert crawl().items.rows == 1


def test_a_location_of_which_nothing_can_be_read_is_listed_with_reasons(
    workspace: Workspace, folder: Path, crawl: Crawl
) -> None:
    import expectations

    write(folder / "a.bin", "MZ")
    write(folder / "b.tif", "II")
    found = crawl()
    table = workspace.artifacts.read(found.items, list(expectations.COLUMNS["items"]))
    assert expectations.evaluate("items", table).outcome == "pass"
    rows = unreadable_items(workspace, ADMINISTRATOR, "post")
    assert [(row.path, row.status) for row in rows] == [
        ("a.bin", "unsupported"), ("b.tif", "unsupported"),
    ]  # fmt: skip
    assert location_named(workspace, "post").counts["by_status"] == {"unsupported": 2}


def test_an_emptied_location_is_labelled_without_a_row(stable: Organisation) -> None:
    workspace = stable.workspace
    publish_and_label(stable)
    make(workspace)
    apply(workspace)
    empty = workspace.artifacts.write("items", ITEMS.arrow.empty_table(), producer="crawl")
    record_crawl(workspace, "intranet", empty, {})
    label(workspace)
    found = apply(workspace)
    assert (found.labels.rows, found.counts["removed"] > 0) == (0, True)
    assert labels_in_force(workspace) == []


def test_a_label_that_is_written_is_written_again_where_the_item_moved(
    stable: Organisation,
) -> None:
    workspace = stable.workspace
    publish_and_label(stable)
    make(workspace, "webhook")
    apply(workspace)
    known = location_named(workspace, "intranet")
    items = workspace.artifacts.read(workspace.artifacts.reference(known.items_sha256))
    rows = items.to_pylist()
    moved = sorted(each for each, found in matches(workspace).items() if found == "match")[0]
    for row in rows:
        if row["path"] == moved:
            row |= {"path": "zzz/moved.txt", "source_path": "zzz/moved.txt", "folder": "zzz"}
    rows.sort(key=lambda row: str(row["path"]))
    again = pa.Table.from_pylist(rows, schema=ITEMS.arrow)
    made = workspace.artifacts.write("items", again, producer="crawl")
    record_crawl(workspace, "intranet", made, {})
    label(workspace)
    found = apply(workspace)
    assert (found.counts["renewed"], found.counts["added"], found.counts["removed"]) == (1, 0, 0)
    assert "zzz/moved.txt" in {row["path"] for row in labels_in_force(workspace)}


def test_a_label_waits_for_its_item_where_the_name_of_a_location_is_given_again(
    workspace: Workspace, folder: Path, crawl: Crawl
) -> None:
    write(folder / "a.txt", "the hold")
    crawl()
    hold(workspace, "a.txt")
    remove_location(workspace, ADMINISTRATOR, "post")
    write(folder / "a.txt", "another letter", 1_600_000_000)
    write(folder / "b.txt", "a third letter")
    add_location(workspace, ADMINISTRATOR, "post", str(folder))
    crawl()
    assert held(workspace) == {}
    write(folder / "b.txt", "the hold", 1_600_000_000)
    crawl()
    assert held(workspace) == {"b.txt": "the hold"}


def test_what_was_moved_keeps_its_hold_and_not_the_copy_that_was_put_back(
    workspace: Workspace, folder: Path, crawl: Crawl
) -> None:
    write(folder / "m" / "a.txt", "the hold")
    write(folder / "beside.txt", "another letter")
    crawl()
    hold(workspace, "m/a.txt")
    (folder / "m" / "a.txt").rename(folder / "z.txt")
    write(folder / "m" / "a copy.txt", "the hold", 1_600_000_000)
    crawl()
    assert held(workspace) == {"z.txt": "the hold"}
    assert not noticed_at(workspace, ADMINISTRATOR, "post").found_twice


def test_a_hold_that_came_to_one_of_several_copies_is_told_by_name(
    workspace: Workspace, folder: Path, crawl: Crawl
) -> None:
    write(folder / "a.txt", "the hold")
    write(folder / "b.txt", "nobody gave this one anything")
    crawl()
    hold(workspace, "a.txt")
    for old, news in {"a.txt": ("c.txt", "d.txt"), "b.txt": ("e.txt", "f.txt")}.items():
        text = (folder / old).read_text()
        (folder / old).unlink()
        for new in news:
            write(folder / new, text)
    crawl()
    [told] = noticed_at(workspace, ADMINISTRATOR, "post").found_twice
    assert (told.path, told.copies, told.resting) == ("c.txt", ("d.txt",), (HOLD,))
    actions = [each.action for each in audit_entries(workspace, ADMINISTRATOR)]
    assert actions.count("item found twice") == 1
    crawl()  # it is told as long as there are copies
    assert noticed_at(workspace, ADMINISTRATOR, "post").found_twice
    (folder / "d.txt").unlink()
    crawl()
    assert not noticed_at(workspace, ADMINISTRATOR, "post").found_twice


def test_an_emptied_mailbox_is_told_by_name_and_is_on_record(
    workspace: Workspace, folder: Path, crawl: Crawl
) -> None:
    mailbox(folder / "in.mbox", 1, 2)
    write(folder / "a.txt", "a letter")
    crawl()
    (folder / "in.mbox").write_text("")
    assert crawl().counts["emptied"] == 1
    [told] = noticed_at(workspace, ADMINISTRATOR, "post").emptied
    assert (told.path, told.held) == ("in.mbox", 2)
    assert "noticed" not in location_named(workspace, "post").counts
    item = find_item(workspace, "in.mbox").item_id
    [entry] = [
        each for each in audit_entries(workspace, ADMINISTRATOR) if each.action == "mailbox emptied"
    ]
    assert (entry.subject, entry.details["held"]) == (f"item:{item}", 2)


def test_a_file_that_returns_among_copies_is_known_by_its_time(
    workspace: Workspace, folder: Path, crawl: Crawl, tmp_path: Path
) -> None:
    (folder / "a.txt").write_text("words of one kind")
    (folder / "other.txt").write_text("words of another kind")
    os.utime(folder / "a.txt", (1_700_000_000, 1_700_000_000))
    crawl()
    hold(workspace, "a.txt")
    (folder / "a.txt").rename(tmp_path / "away.txt")
    assert crawl().counts["not_found_again"] == 1
    crawl()
    (folder / "m.txt").write_text("words of one kind")
    (tmp_path / "away.txt").rename(folder / "z.txt")
    crawl()
    assert list(held(workspace)) == ["z.txt"]
    assert not noticed_at(workspace, ADMINISTRATOR, "post").found_twice
