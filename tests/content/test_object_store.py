"""A bucket is crawled like a folder, by ETag, through a real S3 server on loopback."""

import fsspec
import pytest

from cultivar.content.locations import Location, list_location
from tests.content.conftest import Crawler

pytestmark = pytest.mark.slow


def test_a_bucket_is_crawled_and_crawled_again(s3_url: str, crawled: Crawler) -> None:
    store = fsspec.filesystem("s3")
    bucket = s3_url.removeprefix("s3://")
    store.pipe(
        {
            f"{bucket}/library/Seeds/a.txt": b"the first letter",
            f"{bucket}/library/b ü#?.html": b"<p>the second letter</p>",
            f"{bucket}/library/folder/": b"",
            f"{bucket}/elsewhere.txt": b"not of this location",
        }
    )
    location = Location("cloud", f"{s3_url}/library", "sharepoint")
    first = crawled(location)
    assert {path: row["text"] for path, row in first.rows.items()} == {
        "Seeds/a.txt": "the first letter",
        "b ü#?.html": "the second letter",
    }
    assert first.rows["Seeds/a.txt"]["url"] == "cloud:/Seeds/a.txt"
    assert {row["created_source"] for row in first.rows.values()} == {"modified"}
    assert not crawled(location, first).changed
    store.pipe(f"{bucket}/library/Seeds/a.txt", b"the first letter, rewritten")
    store.rm(f"{bucket}/library/b ü#?.html")
    again = crawled(location, first)
    assert {path: row["text"] for path, row in again.rows.items()} == {
        "Seeds/a.txt": "the first letter, rewritten"
    }
    assert (again.summary.changed, again.summary.deleted) == (1, 1)


def test_the_change_key_is_the_etag(s3_url: str) -> None:
    store = fsspec.filesystem("s3")
    path = f"{s3_url.removeprefix('s3://')}/a.txt"
    keys = []
    for text in (b"one", b"two", b"one"):
        store.pipe(path, text)
        keys.append(list_location(Location("cloud", s3_url)).entries[0].change_key)
    assert keys[0] == keys[2] != keys[1]
    assert keys[0].endswith("-3")


def test_more_files_than_one_page_of_the_listing(s3_url: str) -> None:
    store = fsspec.filesystem("s3")
    bucket = s3_url.removeprefix("s3://")
    store.pipe({f"{bucket}/{number:04}.txt": b"text" for number in range(1_100)})
    listing = list_location(Location("cloud", s3_url))
    assert len(listing.entries) == 1_100
    assert [entry.path for entry in listing.entries] == sorted(e.path for e in listing.entries)
