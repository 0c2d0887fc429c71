"""Drives of SharePoint and OneDrive: listed through Graph's delta feed, files opened by their id.

It reads and never writes to a drive; how requests are authorised and repeated is the client's.
"""

import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, BinaryIO
from urllib.parse import quote

from cultivar.content.entries import Entry, Listing, safe_text
from cultivar.content.graph.client import GraphClient, trouble_of
from cultivar.core.errors import InvalidInput, NotFound, StoreUnavailable

SCHEME = "graph://"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_RESYNCS = 2

Item = Mapping[str, Any]


class GraphDrive:
    """A drive as the crawl reads it; an entry's address is the id of its item.

    It opens its connection with the first request.
    """

    protocol = "graph"

    def __init__(self, name: str, url: str, options: Mapping[str, Any]) -> None:
        self.drive, self.folder = parts_of(name, url)
        self._options = options

    @cached_property
    def client(self) -> GraphClient:
        """The connection."""
        return GraphClient(self._options)

    def cat_file(self, address: str) -> bytes:
        """Return a file's bytes.

        Raises:
            OSError: the file is gone, may not be read, or cannot be delivered.
            StoreUnavailable: Graph refuses the credentials or does not answer.
        """
        # The feed's own download addresses end after minutes; this one leads to a fresh one.
        url = f"{self._drive}/items/{quote(address, safe='!')}/content"
        answer = self.client.get(url, follow=True)
        if trouble := trouble_of(answer):
            raise trouble
        return answer.content

    def open(self, address: str, mode: str = "rb") -> BinaryIO:
        """Return a file to read from, as ``cat_file`` gives it."""
        return io.BytesIO(self.cat_file(address))

    def feed(self) -> "Feed":
        """Return the drive's whole state, page by page through the delta feed.

        Raises:
            NotFound: Graph knows no such drive (``location-not-found``).
            StoreUnavailable: Graph refuses the credentials or does not answer.
        """
        feed, address, resyncs = Feed(), f"{self._drive}/root/delta", 0
        while address:
            answer = self.client.get(address)
            if answer.status_code == 410 and "Location" in answer.headers:
                # The service lost its place: it starts over, and so does the feed.
                feed, address, resyncs = Feed(), answer.headers["Location"], resyncs + 1
                _refuse_if(resyncs > _MOST_RESYNCS)
                continue
            _require_listed(answer.status_code)
            address = feed.take(_page(answer))
        return feed

    @property
    def _drive(self) -> str:
        return f"{self.client.endpoint}/drives/{quote(self.drive, safe='!')}"


class Feed:
    """The items of a drive by id, the last word on each counting.

    ``complete`` turns True with the page that ends the enumeration.
    """

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}
        self._deleted: set[str] = set()
        self._pages: set[str] = set()
        self.complete = False

    def take(self, page: Mapping[str, Any]) -> str:
        """Take a page in; return the address of the next one, empty after the last."""
        for item in page.get("value", ()):
            is_deleted = "deleted" in item
            (self._deleted.add if is_deleted else self._deleted.discard)(item["id"])
            if is_deleted:
                self._items.pop(item["id"], None)
            else:
                self._items[item["id"]] = item
        following = str(page.get("@odata.nextLink") or "")
        _refuse_if(following in self._pages)
        self._pages.add(following)
        self.complete = not following and "@odata.deltaLink" in page
        return following

    def placed(self) -> Iterator[tuple[str, Item]]:
        """Yield every item with its path in the drive; those of deleted folders are gone.

        An item whose folder the feed never named has no path: the feed is not complete then.
        """
        for item in self._items.values():
            path = self._path(item)
            if path is not None:
                yield path, item

    def _path(self, item: Item) -> str | None:
        # Paths are not part of the feed: renaming a folder does not name what is in it again.
        names: list[str] = []
        seen = set()
        while "root" not in item:
            names.append(str(item.get("name", "")))
            parent = (item.get("parentReference") or {}).get("id")
            if parent in seen or parent not in self._items:
                self.complete &= parent in self._deleted
                return None
            seen.add(parent)
            item = self._items[parent]
        return "/".join(reversed(names))


def parts_of(name: str, url: str) -> tuple[str, str]:
    """Return the drive's id and the folder, as written, of ``graph://<drive-id>[/folder]``.

    Raises:
        InvalidInput: the URL names no drive (``bad-location-url``).
    """
    drive, _, folder = url.removeprefix(SCHEME).partition("/")
    if not drive:
        raise InvalidInput(
            "bad-location-url",
            f"Location {name!r} names no drive. Its URL is graph://<drive-id>[/folder].",
        )
    return drive, folder.strip("/")


def list_drive(drive: "GraphDrive") -> Listing:
    """List every file of a drive or of one of its folders, in path order.

    Raises:
        CultivarError: the extra is missing or nothing is configured.
        NotFound: the drive or its folder does not exist (``location-not-found``).
        StoreUnavailable: Graph refuses the credentials or does not answer.
    """
    assert isinstance(drive, GraphDrive)  # noqa: S101 - the scheme decides
    feed = drive.feed()
    placed = dict(feed.placed())
    top = safe_text(drive.folder)
    if top and feed.complete and "folder" not in placed.get(drive.folder, {}):
        raise _no_such_location()
    entries = {}
    for path, item in placed.items():
        inside = _inside(safe_text(path), top)
        if inside and not _is_folder(item):
            entries[inside] = _entry(inside, item)
    return Listing([entries[path] for path in sorted(entries)], () if feed.complete else ("",))


def _is_folder(item: Item) -> bool:
    return "root" in item or ("folder" in item and "remoteItem" not in item)


def _inside(path: str, top: str) -> str | None:
    """Return the path below the folder ``top``, None outside of it."""
    if not top:
        return path
    return path.removeprefix(f"{top}/") if path.startswith(f"{top}/") else None


def _entry(path: str, item: Item) -> Entry:
    modified = _moment(item, "lastModifiedDateTime") or _EPOCH
    created = _moment(item, "createdDateTime")
    size = int(item.get("size") or 0)
    problem = _problem(item)
    key = f"problem: {problem}" if problem else _change_key(item, size, modified)
    known = str(item["id"])
    return Entry(path, known, size, key, modified, created, problem, store_id=known)


def _problem(item: Item) -> str | None:
    if "remoteItem" in item:
        return "it is a shortcut to another drive"
    if "malware" in item:
        return "the store marks it as malware"
    return None if "file" in item else "it is not a regular file"


def _change_key(item: Item, size: int, modified: datetime) -> str:
    """Name a state of the file's content.

    The feed of some services omits ``cTag``; then the content's hash stands in, then ``eTag``,
    which also changes with a file's columns.
    """
    hashes = (item.get("file") or {}).get("hashes") or {}
    tag = item.get("cTag") or hashes.get("quickXorHash") or item.get("eTag")
    tag = tag or modified.isoformat(timespec="microseconds")
    return f"{str(tag).strip(chr(34))}-{size}"


def _moment(item: Item, name: str) -> datetime | None:
    """Read a date: what the file's own system said comes before when the service heard of it."""
    for written in ((item.get("fileSystemInfo") or {}).get(name), item.get(name)):
        try:
            return datetime.fromisoformat(str(written)).astimezone(UTC)
        except (TypeError, ValueError):
            continue
    return None


def _page(answer: Any) -> Mapping[str, Any]:
    try:
        page = answer.json()
    except ValueError:
        page = None
    _refuse_if(not isinstance(page, dict))
    return page if isinstance(page, dict) else {}


def _require_listed(status: int) -> None:
    if status == 404:
        raise _no_such_location()
    if status == 403:
        raise StoreUnavailable(
            "graph-refused",
            "Microsoft Graph does not let this application read the drive. Grant it "
            "Files.Read.All, or Sites.Selected with the site.",
        )
    _refuse_if(status != 200, f"answers {status}")


def _refuse_if(is_wrong: bool, what: str = "does not end its list of the drive") -> None:
    if is_wrong:
        raise StoreUnavailable(
            "location-unreachable", f"Microsoft Graph {what}. Check the URL, then crawl again."
        )


def _no_such_location() -> NotFound:
    return NotFound(
        "location-not-found",
        "Microsoft Graph knows no such drive or folder. Check the drive's id and the folder.",
    )
