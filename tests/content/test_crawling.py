"""A crawl reads what changed, notices what is gone, and gives the same rows on any machine."""

import mailbox
import os
import random
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import fsspec
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cultivar.content.limits import Limits
from cultivar.content.locations import Location, list_location
from cultivar.core.errors import CultivarError, Damaged, StoreUnavailable
from cultivar.core.schemas import ITEMS
from tests.content import misbehaving
from tests.content.conftest import Crawled, Crawler

EPOCH_2020 = 1_577_836_800


def write(folder: Path, files: dict[str, str], at: int = EPOCH_2020) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (at, at))


def texts(done: Crawled) -> dict[str, str]:
    return {path: row["text"] for path, row in done.rows.items()}


def test_every_file_becomes_a_row_of_the_schema(content: Path, crawled: Crawler) -> None:
    write(content, {"mail/b.txt": "The second letter.", "a.txt": "The first letter."})
    done = crawled(Location("post", str(content), "exchange"))
    assert done.table.schema.equals(ITEMS.arrow)
    row = done.rows["mail/b.txt"]
    assert (row["location"], row["workload"]) == ("post", "exchange")
    assert (row["folder"], row["name"]) == ("mail", "b.txt")
    assert row["url"] == "post:/mail/b.txt"
    assert row["characters"] == len("The second letter.")
    assert list(done.rows) == ["a.txt", "mail/b.txt"]
    assert done.summary.by_status == {"ok": 2}


def test_nothing_of_the_machine_enters_the_artifact(content: Path, crawled: Crawler) -> None:
    write(content, {"a.txt": "text of the letter", "b.exe": "MZ"})
    (content / "out.txt").symlink_to("/etc/hostname")
    assert str(content).encode() not in crawled().path.read_bytes()
    assert all(str(content) not in str(row) for row in crawled().rows.values())


def test_two_folders_with_the_same_files_make_the_same_artifact(
    content: Path, crawled: Crawler, tmp_path: Path
) -> None:
    files = {f"{number % 7}/{number}.txt": f"letter number {number}" for number in range(60)}
    write(content, files)
    other = tmp_path / "elsewhere"
    write(other, dict(random.Random(5).sample(sorted(files.items()), len(files))))
    first = crawled(Location("shelf", str(content)))
    second = crawled(Location("shelf", str(other)), limits=Limits(workers=2))
    assert first.path.read_bytes() == second.path.read_bytes()


def test_an_empty_folder_gives_an_empty_artifact(crawled: Crawler) -> None:
    done = crawled()
    assert done.changed
    assert done.table.num_rows == 0
    assert done.table.schema.equals(ITEMS.arrow)


def test_unchanged_files_are_not_read_again(content: Path, crawled: Crawler) -> None:
    write(content, {"a.txt": "first", "b.txt": "second"})
    first = crawled()
    # What would crash, hang or change if it were read is carried over instead.
    again = crawled(previous=first, read=misbehaving.read)
    assert not again.changed
    assert again.summary.unchanged == 2
    assert again.summary.by_status == first.summary.by_status
    assert again.table.equals(first.table)


def test_only_what_changed_is_read(content: Path, crawled: Crawler) -> None:
    write(content, {"a.txt": "first", "crash-b.txt": "second", "c.txt": "third"})
    first = crawled()
    write(content, {"a.txt": "first, rewritten", "d.txt": "fourth"}, at=EPOCH_2020 + 5)
    (content / "c.txt").unlink()
    again = crawled(previous=first, read=misbehaving.read)
    assert texts(again) == {"a.txt": "first, rewritten", "crash-b.txt": "second", "d.txt": "fourth"}
    figures = again.summary
    assert (figures.found, figures.unchanged, figures.added) == (3, 1, 1)
    assert (figures.changed, figures.deleted) == (1, 1)


def test_a_changed_container_replaces_all_its_items(content: Path, crawled: Crawler) -> None:
    def pack(*names: str) -> None:
        with zipfile.ZipFile(content / "a.zip", "w") as archive:
            for name in names:
                archive.writestr(name, f"text of {name}")

    pack("one.txt", "two.txt")
    write(content, {"b.txt": "beside it"})
    first = crawled()
    assert list(first.rows) == ["a.zip!/one.txt", "a.zip!/two.txt", "b.txt"]
    pack("two.txt", "three.txt", "four.txt")
    again = crawled(previous=first)
    assert list(again.rows) == ["a.zip!/four.txt", "a.zip!/three.txt", "a.zip!/two.txt", "b.txt"]
    assert again.summary.changed == 1


@pytest.mark.slow
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(
        st.sampled_from([f"{folder}/{name}.txt" for folder in "abc" for name in "wxyz"]),
        st.sampled_from(["the same letter", "another letter of five words", "third", ""]),
        max_size=12,
    ),
    st.dictionaries(
        st.sampled_from([f"{folder}/{name}.txt" for folder in "abc" for name in "wxyz"]),
        st.sampled_from(["the same letter", "another letter of five words", "fourth", ""]),
        max_size=12,
    ),
)
def test_an_incremental_crawl_equals_a_fresh_one(
    content: Path, crawled: Crawler, before: dict[str, str], after: dict[str, str]
) -> None:
    shutil.rmtree(content)
    content.mkdir()
    write(content, before)
    first = crawled()
    for gone in before.keys() - after.keys():
        (content / gone).unlink()
    altered = {name: text for name, text in after.items() if before.get(name) != text}
    write(content, altered, at=EPOCH_2020 + 60)
    # an emptied folder is taken where somebody accepts that
    accepted = {"allow_mass_deletion": True}
    incremental, fresh = crawled(previous=first, **accepted), crawled()
    assert by_place(incremental) == by_place(fresh)
    again = crawled(previous=first, from_scratch=True, **accepted)
    assert again.table.equals(incremental.table)
    assert_origins(first, incremental)
    assert_origins(incremental, crawled(previous=incremental, from_scratch=True))


def assert_origins(before: Crawled, now: Crawled) -> None:
    """A row that stood there before names its place; no other row does."""
    held, rows = before.table.to_pylist(), now.table.to_pylist()
    origins = now.outcome.origins.tolist()
    assert len(origins) == len(rows)
    for row, origin in zip(rows, origins, strict=True):
        assert (row == held[origin]) if origin >= 0 else (row not in held)


def by_place(done: Crawled) -> list[dict[str, object]]:
    """Return every row, with paths where ids stand: these stay with items that moved."""
    paths = {row["item_id"]: path for path, row in done.rows.items()}
    ids = ("item_id", "duplicate_of", "near_duplicate_of")
    return [
        {name: paths[each] if name in ids and each else each for name, each in row.items()}
        for row in done.rows.values()
    ]


def test_losing_most_of_a_location_is_refused(content: Path, crawled: Crawler) -> None:
    write(content, {f"{number:02}.txt": f"letter {number}" for number in range(60)})
    first = crawled()
    for number in range(31):
        (content / f"{number:02}.txt").unlink()
    with pytest.raises(CultivarError, match="29 files where it held 60") as refused:
        crawled(previous=first)
    assert refused.value.code == "mass-deletion"
    allowed = crawled(previous=first, allow_mass_deletion=True)
    assert allowed.summary.deleted == 31
    assert allowed.table.num_rows == 29


def test_an_empty_listing_of_a_large_location_is_refused(content: Path, crawled: Crawler) -> None:
    write(content, {f"{number:02}.txt": f"letter {number}" for number in range(50)})
    first = crawled()
    shutil.rmtree(content)
    content.mkdir()
    with pytest.raises(CultivarError, match="0 files where it held 50"):
        crawled(previous=first)


def test_losing_half_or_few_is_a_deletion(content: Path, crawled: Crawler) -> None:
    write(content, {f"{number:02}.txt": f"letter {number}" for number in range(49)})
    first = crawled()
    for number in range(40):
        (content / f"{number:02}.txt").unlink()
    assert crawled(previous=first).summary.deleted == 40


def test_an_artifact_out_of_order_is_refused(
    content: Path, crawled: Crawler, tmp_path: Path
) -> None:
    write(content, {"a.txt": "first", "b.txt": "second"})
    first = crawled()
    shuffled = tmp_path / "shuffled.parquet"
    pq.write_table(first.table.take([1, 0]), shuffled)
    with pytest.raises(Damaged, match="not sorted"):
        crawled(previous=replace(first, path=shuffled))


def test_duplicates_point_at_the_first_in_path_order(content: Path, crawled: Crawler) -> None:
    words = [f"word{number}" for number in range(80)]
    letter = " ".join(words)
    write(
        content,
        {
            "z/original again.md": letter,
            "a/original.txt": letter,
            "b/shouted.txt": letter.upper().replace(" ", "\n "),
            "c/one word differs.txt": letter.replace("word40", "elsewhere"),
            "d/another.txt": " ".join(reversed(words)),
            "e/empty.txt": "",
            "f/empty.txt": "",
        },
    )
    rows = crawled().rows
    first = rows["a/original.txt"]["item_id"]
    assert {path: row["duplicate_of"] for path, row in rows.items() if row["duplicate_of"]} == {
        "b/shouted.txt": first,
        "z/original again.md": first,
    }
    near = {path: row["near_duplicate_of"] for path, row in rows.items()}
    assert {path: of for path, of in near.items() if of} == {"c/one word differs.txt": first}


def test_a_duplicate_whose_original_is_deleted_becomes_the_original(
    content: Path, crawled: Crawler
) -> None:
    write(content, {"a.txt": "the same text", "b.txt": "the same text", "c.txt": "the same text"})
    first = crawled()
    (content / "a.txt").unlink()
    rows = crawled(previous=first).rows
    assert rows["b.txt"]["duplicate_of"] is None
    assert rows["c.txt"]["duplicate_of"] == rows["b.txt"]["item_id"]


def test_ids_depend_on_location_and_path_only(content: Path, crawled: Crawler) -> None:
    write(content, {"a.txt": "first"})
    one = crawled().rows["a.txt"]["item_id"]
    write(content, {"a.txt": "rewritten"}, at=EPOCH_2020 + 9)
    assert crawled().rows["a.txt"]["item_id"] == one
    assert crawled(Location("attic", str(content))).rows["a.txt"]["item_id"] != one
    assert len(one) == 32


def test_odd_names_reach_the_artifact(content: Path, crawled: Crawler) -> None:
    raw = os.fsencode(content)
    for name in (b"caf\xe9.txt", b"new\nline.txt", b"y" * 250 + b".txt", "naïve ☕.txt".encode()):
        with open(raw + b"/" + name, "wb") as stream:  # noqa: PTH123 - a name of bytes
            stream.write(b"a text under an odd name")
    first = crawled()
    assert first.summary.by_status == {"ok": 4}
    assert not crawled(previous=first).changed


def test_links_and_pipes_are_rows_with_a_reason(content: Path, crawled: Crawler) -> None:
    write(content, {"a.txt": "text"})
    (content / "out.txt").symlink_to("/etc/hostname")
    os.mkfifo(content / "pipe.txt")
    first = crawled()
    assert first.statuses == {"a.txt": "ok", "out.txt": "unsupported", "pipe.txt": "unsupported"}
    assert not crawled(previous=first).changed


def test_a_file_that_vanishes_after_listing_is_a_row(
    content: Path, crawled: Crawler, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(content, {"a.txt": "stays", "b.txt": "vanishes"})
    listing = list_location(Location("shelf", str(content)))
    (content / "b.txt").unlink()
    monkeypatch.setattr("cultivar.content.crawl.crawling.list_location", lambda _: listing)
    row = crawled().rows["b.txt"]
    assert row["status"] == "failed"
    assert row["reason"] == "it cannot be opened: no such file or directory"


def test_a_mailbox_gives_one_item_a_message(content: Path, crawled: Crawler) -> None:
    box = mailbox.mbox(content / "all.mbox")
    for number in (3, 1, 2):
        box.add(
            f"Subject: Letter {number}\nDate: Tue, 0{number} Mar 2022 10:00:00 +0100\n"
            f"From: a@example.com\n\nDear reader, this is number {number} of our letters.\n"
        )
    box.close()
    rows = crawled(Location("post", str(content), "exchange")).rows
    assert [row["title"] for row in rows.values()] == ["Letter 3", "Letter 1", "Letter 2"]
    assert list(rows) == ["all.mbox!/1", "all.mbox!/2", "all.mbox!/3"]
    first = rows["all.mbox!/1"]
    assert first["created_at"].isoformat() == "2022-03-03T09:00:00+00:00"
    assert first["created_source"] == "message"
    assert first["media_type"] == "message/rfc822"


def test_progress_counts_to_the_end(content: Path, crawled: Crawler) -> None:
    write(content, {f"{number}.txt": f"letter {number}" for number in range(5)})
    seen: list[tuple[int, int]] = []
    crawled(on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(number, 5) for number in range(1, 6)]


def test_a_store_in_memory_can_be_crawled(crawled: Crawler) -> None:
    store = fsspec.filesystem("memory")
    store.pipe({"/crawl-of-test/a/1.txt": b"letter one", "/crawl-of-test/b.html": b"<p>two</p>"})
    try:
        location = Location("shelf", "memory://crawl-of-test")
        first = crawled(location)
        assert not crawled(location, first).changed
        store.pipe({"/crawl-of-test/b.html": b"<p>three</p>"})
        assert texts(crawled(location, first)) == {"a/1.txt": "letter one", "b.html": "three"}
    finally:
        store.rm("/crawl-of-test", recursive=True)
    assert {row["created_source"] for row in first.rows.values()} == {"source"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_disk_is_said_plainly(
    content: Path, crawled: Crawler, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(content, {"a.txt": "text"})
    monkeypatch.setattr(
        "cultivar.content.crawl.spool.tempfile.TemporaryFile",
        lambda: Path("/dev/full").open("w+b"),  # noqa: SIM115
    )
    with pytest.raises(StoreUnavailable, match="no space left on device") as refused:
        crawled()
    assert refused.value.code == "no-space"
