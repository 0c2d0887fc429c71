"""An item keeps its id from one crawl to the next, wherever in its location it is now."""

import os
import time
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cultivar.content.crawl.comparing import AGAIN, CHANGED, compared
from cultivar.content.crawl.requests import NIGHTS, READER, Request, is_sampled, read_with
from cultivar.content.documents.parsing import Parsed
from cultivar.content.limits import Limits
from cultivar.content.locations import Location, list_location
from cultivar.content.reading import Task, read_file
from cultivar.core.errors import CultivarError
from cultivar.core.identity.matching import Trace, id_of
from cultivar.core.schemas import ITEMS
from tests.content.conftest import Crawled, Crawler

EPOCH_2020 = 1_577_836_800


def write(path: Path, text: str, at: int = EPOCH_2020) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (at, at))


def mailbox(path: Path, *numbers: int, ids: bool = True) -> None:
    mails = [
        "From a@x Tue Mar  1 10:00:00 2022\n"
        + (f"Message-ID: <{number}@x>\n" if ids else "")
        + f"Subject: Mail {number}\nFrom: a@example.com\n\nWords of mail {number}.\n\n"
        for number in numbers
    ]
    write(path, "".join(mails), EPOCH_2020 + sum(numbers))


def pack(path: Path, *names: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), f"text of {name}")


def ids(done: Crawled, column: str = "title") -> dict[str, str]:
    return {row[column]: row["item_id"] for row in done.rows.values()}


@pytest.mark.parametrize("with_ids", [True, False])
def test_the_mails_of_a_compacted_mailbox_keep_their_ids(
    content: Path, crawled: Crawler, with_ids: bool
) -> None:
    mailbox(content / "in.mbox", 1, 2, 3, 4, ids=with_ids)
    first = crawled()
    mailbox(content / "in.mbox", 2, 3, 4, 5, ids=with_ids)
    again = crawled(previous=first)
    before, now = ids(first), ids(again)
    assert {mail: now[mail] for mail in before if mail != "Mail 1"} == {
        mail: before[mail] for mail in before if mail != "Mail 1"
    }
    assert now["Mail 5"] not in before.values()
    assert again.summary.moved == 3
    assert [row["path"] for row in again.table.to_pylist()] == [
        f"in.mbox!/{n}" for n in (1, 2, 3, 4)
    ]
    # and from then on, as a fresh crawl would give other ids
    assert ids(crawled(previous=again, from_scratch=True)) == now


def test_an_item_keeps_its_id_when_it_is_renamed_and_its_archive_is_rewritten(
    content: Path, crawled: Crawler
) -> None:
    write(content / "a.txt", "the hold")
    pack(content / "pack.zip", "one.txt", "two.txt")
    first = crawled()
    (content / "deep").mkdir()
    (content / "a.txt").rename(content / "deep" / "z.txt")
    pack(content / "pack.zip", "other/two.txt", "three.txt")
    write(content / "pack.zip!" / "two.txt", "text of two.txt")
    again = crawled(previous=first)
    assert again.rows["deep/z.txt"]["item_id"] == first.rows["a.txt"]["item_id"]
    moved = {row["item_id"] for row in again.rows.values() if "two" in row["path"]}
    assert first.rows["pack.zip!/two.txt"]["item_id"] in moved
    assert len(set(again.table["item_id"].to_pylist())) == again.table.num_rows


def test_the_id_of_a_place_is_not_given_to_another_item(content: Path, crawled: Crawler) -> None:
    write(content / "a.txt", "the first letter")
    first = crawled()
    (content / "a.txt").rename(content / "b.txt")
    second = crawled(previous=first)
    write(content / "a.txt", "another letter", EPOCH_2020 + 9)
    third = crawled(previous=second)
    assert third.rows["b.txt"]["item_id"] == first.rows["a.txt"]["item_id"]
    assert third.rows["a.txt"]["item_id"] == id_of("shelf", "a.txt", 2)
    assert third.rows["b.txt"]["identity"] == f"content {third.rows['b.txt']['sha256']}"


def test_duplicates_point_at_the_ids_that_items_carry(content: Path, crawled: Crawler) -> None:
    write(content / "a.txt", "the same text twice")
    first = crawled()
    (content / "a.txt").rename(content / "b.txt")
    write(content / "c.txt", "the same text twice")
    again = crawled(previous=first)
    assert again.rows["c.txt"]["duplicate_of"] == first.rows["a.txt"]["item_id"]


def test_what_left_has_its_id_again_when_it_returns(content: Path, crawled: Crawler) -> None:
    write(content / "a.txt", "the hold")
    write(content / "b.txt", "beside it")
    first = crawled()
    held = first.rows["a.txt"]
    left = [Trace(held["item_id"], "a.txt", held["sha256"], has_left=True)]
    write(content / "a.txt", "another text", EPOCH_2020 + 9)
    other = crawled(previous=None, left=left)
    assert other.rows["a.txt"]["item_id"] != held["item_id"]
    write(content / "restored.txt", "the hold")
    again = crawled(previous=other, left=left)
    assert again.rows["restored.txt"]["item_id"] == held["item_id"]
    assert (again.summary.returned, again.summary.moved) == (1, 1)


def test_names_that_collide_are_items_with_ids_of_their_own(
    content: Path, crawled: Crawler
) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(content / "pack.zip", "w") as archive:
        warnings.simplefilter("ignore")
        for name, text in (("a.txt", "one"), ("a.txt", "two"), ("a.txt#2", "three")):
            archive.writestr(zipfile.ZipInfo(name), f"text {text}")
    write(content / "pack.zip!" / "a.txt", "text four")
    first = crawled()
    assert sorted(row["text"] or "" for row in first.table.to_pylist()) == [
        "", "text four", "text one", "text two",
    ]  # fmt: skip
    assert len(set(first.table["item_id"].to_pylist())) == 4
    write(content / "pack.zip!" / "b.txt", "another")
    again = crawled(previous=first)
    for row in first.table.to_pylist():
        assert row["item_id"] in again.table["item_id"].to_pylist()


def rewrite_in_secret(path: Path, text: str) -> None:
    assert len(text) == path.stat().st_size
    write(path, text)


def test_other_content_of_the_same_size_and_time_is_noticed(
    content: Path, crawled: Crawler
) -> None:
    write(content / "a.txt", "old text")
    write(content / "b.txt", "untouched")
    pack(content / "c.zip", "one.txt")
    first = crawled()
    rewrite_in_secret(content / "a.txt", "new text")
    assert not crawled(previous=first).changed
    asked = crawled(previous=first, retry=True)
    assert asked.rows["a.txt"]["text"] == "new text"
    assert (asked.summary.changed, asked.summary.unchanged) == (2, 1)
    nights = [night for night in map(str, range(20 * NIGHTS)) if is_sampled("a.txt", night)]
    assert 5 < len(nights) < 60
    assert crawled(previous=first, night=nights[0]).rows["a.txt"]["text"] == "new text"
    other = next(night for night in map(str, range(9)) if night not in nights)
    assert not crawled(previous=first, night=other).changed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limits", "status"),
    [
        ({"max_bytes": 10}, "too large"),
        ({"seconds": 0.7}, "timed out"),
    ],
)
def test_what_a_bound_kept_from_being_read_is_read_with_another(
    content: Path, crawled: Crawler, limits: dict[str, float], status: str
) -> None:
    write(content / "slow.txt", "more than ten bytes")
    narrow = replace(Limits(workers=1), **limits)  # type: ignore[arg-type]
    first = crawled(limits=narrow, read=_slow)
    assert first.statuses == {"slow.txt": status}
    again = crawled(previous=first, read=_slow, read_with=read_with(narrow))
    assert again.statuses == {"slow.txt": "ok"}


def test_what_failed_is_read_again_where_something_changed_or_that_is_asked_for(
    content: Path, crawled: Crawler
) -> None:
    write(content / "a.txt", "more than ten bytes")
    write(content / "b.txt", "fine")
    write(content / "c.exe", "MZ")
    narrow = Limits(workers=1, max_bytes=10)
    first = crawled(limits=narrow)
    location, now = Location("shelf", str(content)), read_with(narrow)

    def again(**asked: Any) -> list[str]:
        given: dict[str, Any] = {"limits": narrow, "read_with": now} | asked
        request = Request(location, pq.ParquetFile(first.path), **given)
        listing = list_location(location)
        states = compared(listing, request).states.tolist()
        pairs = zip(listing.entries, states, strict=True)
        return [entry.path for entry, state in pairs if state == AGAIN]

    assert again() == []
    assert again(limits=replace(narrow, workers=7)) == []
    assert again(limits=Limits(max_bytes=11)) == ["a.txt"]
    assert again(read_with={"reader": "another", "bounds": now["bounds"]}) == ["a.txt", "c.exe"]
    assert again(read_with={}) == ["a.txt", "c.exe"]
    earlier = now["reader"].replace(f", {READER},", f", {READER - 1},")
    assert again(read_with={"reader": earlier, "bounds": now["bounds"]}) == [
        "a.txt", "b.txt", "c.exe",
    ]  # fmt: skip
    assert again(retry=True) == ["a.txt", "c.exe"]
    assert again(from_scratch=True) == ["a.txt", "b.txt", "c.exe"]


def _slow(location: Location, task: Task, limits: Limits) -> list[Parsed]:
    time.sleep(1.5 if limits.seconds < 1 else 0)
    return read_file(location, task, limits)


def test_what_could_not_be_opened_is_tried_at_every_crawl(content: Path, crawled: Crawler) -> None:
    write(content / "a.txt", "closed")
    first = crawled(read=_closed)
    assert first.rows["a.txt"]["reason"] == "it cannot be opened: permission denied"
    assert crawled(previous=first).statuses == {"a.txt": "ok"}


def _closed(location: Location, task: Task, limits: Limits) -> list[Parsed]:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "no")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cultivar.content.reading._opened", refuse)
        return read_file(location, task, limits)


def test_an_emptied_location_is_accepted_by_name_alone(content: Path, crawled: Crawler) -> None:
    write(content / "a.txt", "the only one")
    first = crawled()
    (content / "a.txt").unlink()
    with pytest.raises(CultivarError, match="0 files where it held 1") as refused:
        crawled(previous=first)
    assert refused.value.code == "mass-deletion"
    emptied = crawled(previous=first, allow_mass_deletion=True)
    assert (emptied.table.num_rows, emptied.summary.deleted) == (0, 1)
    assert not crawled(previous=emptied).changed


def test_deletions_beside_a_folder_that_cannot_be_listed_are_believed(
    content: Path, crawled: Crawler, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("closed/a.txt", "closed/deep/b.txt", "closed.txt", "open/c.txt", "open/d.txt"):
        write(content / name, f"text of {name}")
    first = crawled()
    (content / "open" / "c.txt").unlink()
    listing = list_location(Location("shelf", str(content)))
    entries = [each for each in listing.entries if not each.path.startswith("closed/")]
    half = replace(listing, entries=entries, unlisted=("closed/",))
    monkeypatch.setattr("cultivar.content.crawl.crawling.list_location", lambda _: half)
    again = crawled(previous=first)
    assert list(again.rows) == ["closed.txt", "closed/a.txt", "closed/deep/b.txt", "open/d.txt"]
    assert (again.summary.deleted, again.summary.complete) == (1, False)


def test_a_night_looks_into_a_bounded_number_of_files(content: Path, crawled: Crawler) -> None:
    for number in range(300):
        write(content / f"{number}.txt", "x")
    first = crawled()
    for number in range(300):
        rewrite_in_secret(content / f"{number}.txt", "y")
    request = Request(Location("shelf", str(content)), pq.ParquetFile(first.path), night="2026")
    found = compared(list_location(request.location), request)
    assert 0 < found.count(CHANGED) < 20


def test_an_emptied_mailbox_and_a_folder_kept_as_an_item_are_told(
    content: Path, crawled: Crawler
) -> None:
    mailbox(content / "in.mbox", 1, 2, 3)
    mailbox(content / "out.mbox", 4)
    write(content / "a.txt", "a letter beside them")
    first = crawled()
    (content / "in.mbox").write_text("")
    (content / "out.mbox").unlink()
    again = crawled(previous=first)
    assert again.outcome.emptied == {"in.mbox": 3}
    assert again.summary.emptied == 1
    # as an earlier release kept a folder that could not be listed
    table = again.table.to_pylist()
    table.insert(0, {**table[0], "path": "closed/", "source_path": "closed/", "item_id": "0" * 32})
    table.sort(key=lambda row: row["source_path"])
    old = replace(again, path=content.parent / "old.parquet")
    pq.write_table(pa.Table.from_pylist(table, ITEMS.arrow), old.path)
    last = crawled(previous=old)
    assert (last.summary.deleted, "closed/" in last.rows) == (0, False)
    assert not last.outcome.emptied
