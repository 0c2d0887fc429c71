"""Nothing outside of a location is read through a link, whenever that is put there (security)."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cultivar.content.crawl.crawling import crawl
from cultivar.content.crawl.requests import Request
from cultivar.content.documents.unreadable import Unreadable
from cultivar.content.limits import Limits
from cultivar.content.locations import Location, list_location
from cultivar.content.reading import Task, read_file
from cultivar.content.within import open_within

SECRET = "the secret words of somebody else"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "location"
    (root / "folder").mkdir(parents=True)
    (root / "folder" / "a.txt").write_text("words of the location")
    (root / "inside.txt").symlink_to(root / "folder" / "a.txt")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.txt").write_text(SECRET)
    return root


def file_for_link(root: Path) -> None:
    (root / "folder" / "a.txt").unlink()
    (root / "folder" / "a.txt").symlink_to(root.parent / "outside" / "a.txt")


def folder_for_link(root: Path) -> None:
    (root / "folder").rename(root / "before")
    (root / "folder").symlink_to(root.parent / "outside")


def pipe_for_file(root: Path) -> None:
    (root / "folder" / "a.txt").unlink()
    os.mkfifo(root / "folder" / "a.txt")


SWAPS = [file_for_link, folder_for_link, pipe_for_file]


@pytest.mark.parametrize("swap", SWAPS)
def test_what_is_swapped_after_the_listing_is_not_read(
    root: Path, swap: Callable[[Path], None]
) -> None:
    location = Location("sites", str(root))
    entry = next(each for each in list_location(location).entries if each.path == "folder/a.txt")
    swap(root)
    read = read_file(Location("sites", str(root)), Task(entry), Limits())
    assert [(each.status, each.text) for each in read] == [("failed", None)]


@pytest.mark.parametrize("swap", [file_for_link, folder_for_link])
def test_what_is_swapped_while_it_is_opened_is_not_read(
    root: Path, swap: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = os.path.realpath

    def resolved_then_swapped(path: str) -> str:
        found = resolve(path)
        swap(root)
        return found

    monkeypatch.setattr("cultivar.content.within.os.path.realpath", resolved_then_swapped)
    with pytest.raises((OSError, Unreadable)):
        open_within(str(root), str(root / "folder" / "a.txt"))


def test_files_and_links_inside_are_read(root: Path) -> None:
    for name in ("folder/a.txt", "inside.txt"):
        with open_within(str(root), str(root / name)) as file:
            assert file.read() == b"words of the location"


def test_a_crawl_keeps_nothing_of_what_a_link_leads_to(root: Path) -> None:
    file_for_link(root)
    (root / "away").symlink_to(root.parent / "outside")
    with crawl(Request(Location("sites", str(root)), limits=Limits(workers=1))) as found:
        rows = [row for batch in found.batches() for row in batch.to_pylist()]
    assert {row["text"] for row in rows} == {None}
