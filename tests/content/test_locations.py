"""Listing a location: every file once, in path order, and odd ones with a reason."""

import contextlib
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivar.content.entries import safe_text
from cultivar.content.locations import Location, Source, list_location
from cultivar.core.errors import InvalidInput, NotFound, StoreUnavailable
from tests.content.conftest import Crawler


def listed(folder: Path) -> dict[str, str | None]:
    listing = list_location(Location("shelf", str(folder)))
    return {entry.path: entry.problem for entry in listing.entries}


def test_files_are_listed_recursively_and_in_path_order(content: Path) -> None:
    names = ["b/2.txt", "b/10.txt", "a.txt", "B.txt", "a/z/deep.txt", "a b.txt"]
    for name in random.Random(3).sample(names, len(names)):
        (content / name).parent.mkdir(parents=True, exist_ok=True)
        (content / name).write_text("text")
    assert list(listed(content)) == sorted(names)


def test_a_single_file_is_a_location(content: Path) -> None:
    (content / "all.mbox").write_text("")
    assert listed(content / "all.mbox") == {"all.mbox": None}


def test_an_absent_folder_is_named_in_the_refusal(content: Path) -> None:
    with pytest.raises(NotFound, match="the location shelf does not exist") as refused:
        list_location(Location("shelf", str(content / "absent")))
    assert refused.value.code == "location-not-found"


def test_a_store_that_cannot_be_opened_is_refused() -> None:
    with pytest.raises(StoreUnavailable) as refused:
        list_location(Location("shelf", "nosuchstore://bucket"))
    assert refused.value.code == "location-unreachable"


@pytest.mark.parametrize("name", ["", "a/b", "a:b", "a\nb", "x" * 201])
def test_a_name_that_would_break_addresses_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        Location(name, "/somewhere")


def test_an_unknown_workload_is_refused() -> None:
    with pytest.raises(InvalidInput, match="exchange, sharepoint"):
        Location("shelf", "/somewhere", "mail")


def test_links_are_followed_only_to_files_inside(content: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("outside")
    (content / "folder").mkdir()
    (content / "folder" / "real.txt").write_text("inside")
    (content / "inside.txt").symlink_to(content / "folder" / "real.txt")
    (content / "outside.txt").symlink_to(tmp_path / "secret.txt")
    (content / "nowhere.txt").symlink_to(content / "absent.txt")
    (content / "folder" / "loop").symlink_to(content)
    (content / "itself.txt").symlink_to(content / "itself.txt")
    found = listed(content)
    assert found.pop("inside.txt") is None
    assert found.pop("folder/real.txt") is None
    assert {path: str(problem).partition("link")[2] for path, problem in found.items()} == {
        "outside.txt": " that leads out of the location",
        "nowhere.txt": " that leads nowhere",
        "itself.txt": " that leads nowhere",
        "folder/loop": " to a folder, which is listed where it is",
    }


def test_a_pipe_is_not_opened(content: Path) -> None:
    os.mkfifo(content / "pipe.txt")
    assert listed(content) == {"pipe.txt": "it is not a regular file"}


def test_names_that_are_no_text_are_listed(content: Path) -> None:
    raw = os.fsencode(content)
    for name in (b"caf\xe9.txt", b"new\nline.txt", b"x" * 250 + b".txt", b"tab\t'\".txt"):
        with open(raw + b"/" + name, "wb") as stream:  # noqa: PTH123 - a name of bytes
            stream.write(b"text")
    found = listed(content)
    assert set(found.values()) == {None}
    assert "caf\ufffde9.txt" in found
    for path in found:
        path.encode()


@given(st.text(st.characters(codec=None), max_size=40))
def test_any_name_becomes_valid_text(name: str) -> None:
    shown = safe_text(name)
    shown.encode()
    assert safe_text(shown) == shown
    if name.isascii():
        assert shown == name


@contextlib.contextmanager
def without_privilege() -> Iterator[None]:
    """Let file permissions count for root too."""
    privileged = os.geteuid() == 0
    if privileged:
        os.seteuid(65534)
    try:
        yield
    finally:
        if privileged:
            os.seteuid(0)


@pytest.fixture
def half_closed() -> Iterator[Path]:
    """A folder that anybody may enter, with a folder in it that nobody may."""
    folder = Path(tempfile.mkdtemp(prefix="cultivar-test-", dir="/var/tmp"))
    folder.chmod(0o755)
    (folder / "closed").mkdir()
    (folder / "open.txt").write_text("text")
    (folder / "closed" / "hidden.txt").write_text("text")
    (folder / "closed").chmod(0)
    yield folder
    (folder / "closed").chmod(0o700)
    shutil.rmtree(folder)


def test_an_unreadable_folder_is_named_and_is_no_item(half_closed: Path) -> None:
    with without_privilege():
        listing = list_location(Location("shelf", str(half_closed)))
        with pytest.raises(StoreUnavailable) as refused:
            list_location(Location("shelf", str(half_closed / "closed")))
    assert [(entry.path, entry.problem) for entry in listing.entries] == [("open.txt", None)]
    assert listing.reasons == {"closed/": "this folder cannot be listed: permission denied"}
    assert not listing.complete
    assert refused.value.code == "location-unreachable"


def test_what_an_unreadable_folder_held_does_not_count_as_deleted(
    half_closed: Path, crawled: Crawler
) -> None:
    location = Location("shelf", str(half_closed))
    (half_closed / "closed").chmod(0o755)
    first = crawled(location)
    (half_closed / "closed").chmod(0)
    with without_privilege():
        listing = list_location(location)
    assert not listing.complete
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cultivar.content.crawl.crawling.list_location", lambda _: listing)
        again = crawled(location, first)
    counts = again.summary
    assert (counts.deleted, counts.found, counts.items, counts.unlisted) == (0, 1, 2, 1)
    assert not counts.complete
    assert again.statuses == {"closed/hidden.txt": "ok", "open.txt": "ok"}
    (half_closed / "closed").chmod(0o755)
    (half_closed / "closed" / "hidden.txt").unlink()
    last = crawled(location, again)
    assert last.statuses == {"open.txt": "ok"}
    assert last.summary.deleted == 1


def test_a_store_in_memory_is_listed() -> None:
    store = fsspec.filesystem("memory")
    store.pipe({"/shelf-of-test/a/1.txt": b"one", "/shelf-of-test/b.txt": b"two"})
    try:
        listing = list_location(Location("shelf", "memory://shelf-of-test"))
    finally:
        store.rm("/shelf-of-test", recursive=True)
    assert [(entry.path, entry.size) for entry in listing.entries] == [("a/1.txt", 3), ("b.txt", 3)]
    assert all(entry.created_at for entry in listing.entries)


def test_the_change_key_follows_size_and_time_and_nothing_of_the_machine(content: Path) -> None:
    def key(name: str, text: str, seconds: int) -> str:
        (content / name).write_text(text)
        os.utime(content / name, (seconds, seconds))
        listing = list_location(Location("shelf", str(content)))
        return next(entry.change_key for entry in listing.entries if entry.path == name)

    first = key("a.txt", "text", 1_000_000_000)
    assert key("a.txt", "longer text", 1_000_000_000) != first
    assert key("a.txt", "text", 1_000_000_001) != first
    assert key("copy.txt", "text", 1_000_000_000) == first


@pytest.mark.requirement("TC-29", "TC-44")
@pytest.mark.parametrize(
    ("library", "folder", "inside", "outside"),
    [
        ("Documents", "Seeds", ["Documents/Seeds", "Documents/Seeds/2024"], ["Documents/Seeds2"]),
        ("Documents", "", ["Documents", "Documents/a.zip!/b"], ["documents", "", "Other"]),
        ("", "", ["", "anything/at all"], []),
        ("/Documents/", "/Seeds/", ["Documents/Seeds"], ["Documents"]),
        ("mail.mbox", "", ["mail.mbox!"], ["mail.mbox2"]),
    ],
)
def test_a_source_selects_its_folder_and_what_is_below(
    library: str, folder: str, inside: list[str], outside: list[str]
) -> None:
    source = Source("shelf", library, folder)
    assert all(source.selects(one) for one in inside)
    assert not any(source.selects(one) for one in outside)


def test_sources_overlap_where_one_holds_the_other() -> None:
    whole, part = Source("shelf", "Documents"), Source("shelf", "Documents", "Seeds")
    assert whole.overlaps(part)
    assert part.overlaps(whole)
    assert not part.overlaps(Source("shelf", "Documents", "Tests"))
    assert not part.overlaps(Source("attic", "Documents", "Seeds"))
