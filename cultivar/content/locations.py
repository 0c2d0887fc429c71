"""Where content lives, and what a store says about each file there before anything is opened.

This module lists; it never reads a file's bytes and never decides what a file means.
"""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cultivar.content.entries import Entry, Listing, safe_text
from cultivar.content.within import LEADS_OUT, NO_FILE, is_within
from cultivar.core.errors import InvalidInput, NotFound, StoreUnavailable
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.vocabulary import WORKLOADS

if TYPE_CHECKING:
    import fsspec

# Stores whose folders are listed one by one, so that one unreadable folder does not hide others.
_WALKED = frozenset({"file", "local", "memory"})


@dataclass(frozen=True)
class Location:
    """A place content lives: an fsspec URL, a workload, and the options its store needs.

    Raises:
        InvalidInput: the name is empty or holds a slash, colon or control character, or the
            workload is unknown.
    """

    name: str
    # it may name an account
    url: str = field(repr=False)
    workload: str = "files"
    options: Mapping[str, Any] = field(
        default_factory=lambda: MappingProxyType({}), repr=False, hash=False
    )

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[^/:\\\x00-\x1f\x7f]{1,200}", self.name):
            raise InvalidInput(
                "bad-location-name",
                "A location's name has 1 to 200 characters, without slash, colon or control "
                f"characters; found {self.name[:80]!r}.",
            )
        if self.workload not in WORKLOADS:
            raise InvalidInput(
                "unknown-workload",
                f"{self.workload!r} is not a workload. Choose one of {', '.join(WORKLOADS)}.",
            )

    @property
    def is_drive(self) -> bool:
        """Whether it is ``graph://<drive-id>[/folder]``, a drive of SharePoint or OneDrive."""
        return self.url.startswith("graph://")

    @cached_property
    def store(self) -> "tuple[fsspec.AbstractFileSystem, str]":
        """The file system and the root inside it, symbolic links of a local root resolved."""
        if self.is_drive:
            from cultivar.content.graph.drives import GraphDrive  # noqa: PLC0415 - an extra

            return GraphDrive(self.name, self.url, self.options), ""
        # Commands that only name locations start faster without it.
        from fsspec.core import url_to_fs  # noqa: PLC0415

        file_system, root = url_to_fs(self.url, **self.options)
        return file_system, os.path.realpath(root) if is_local(file_system) else root.rstrip("/")

    def __reduce__(self) -> tuple[type["Location"], tuple[str, str, str, dict[str, Any]]]:
        """Travel to a worker without the open file system."""
        return (type(self), (self.name, self.url, self.workload, dict(self.options)))


@dataclass(frozen=True, slots=True)
class Source:
    """A folder of one location, named as a person names it: site, library, folder.

    The site is the location's name; library and folder are the path below it, either may be empty.
    """

    site: str
    library: str = ""
    folder: str = ""

    @property
    def prefix(self) -> str:
        """The folder's path inside the location, without slashes at its ends."""
        return "/".join(part for part in (self.library.strip("/"), self.folder.strip("/")) if part)

    def selects(self, folder: str) -> bool:
        """Tell whether an item of that ``folder`` (the items column) belongs to this source."""
        prefix = self.prefix
        return not prefix or folder == prefix or folder.startswith((f"{prefix}/", f"{prefix}!"))

    def overlaps(self, other: "Source") -> bool:
        """Tell whether some folder could belong to both."""
        if self.site != other.site:
            return False
        return self.selects(other.prefix) or other.selects(self.prefix)


def is_local(file_system: "fsspec.AbstractFileSystem") -> bool:
    """Tell whether paths are those of this machine."""
    return "file" in _protocols(file_system)


def is_read_here(file_system: "fsspec.AbstractFileSystem") -> bool:
    """Tell whether the crawling process reads the store, and not its workers.

    Only this process sees memory; waiting for a throttled drive must not count as parsing.
    """
    return not {"memory", "graph"}.isdisjoint(_protocols(file_system))


def list_location(location: Location) -> Listing:
    """List every file of a location, in path order.

    Raises:
        NotFound: the location's root does not exist (``location-not-found``).
        StoreUnavailable: the store cannot be opened or listed (``location-unreachable``).
    """
    if location.is_drive:
        from cultivar.content.graph.drives import list_drive  # noqa: PLC0415 - an extra

        return list_drive(location.store[0])
    try:
        file_system, root = location.store
        found = _listed(file_system, root) if file_system.exists(root) else None
    except Exception as error:
        raise StoreUnavailable(
            "location-unreachable",
            f"Location {location.name!r} cannot be listed ({type(error).__name__}). "
            "Check its URL, its credentials and that its store's extra is installed.",
        ) from error
    if found is None:
        raise NotFound(
            "location-not-found",
            f"The folder of the location {location.name} does not exist: it was moved or removed, "
            "or is not mounted.",
            remedy=Remedy(NextStep.LIST_LOCATIONS, effect="shows where it should be"),
        )
    entries, reasons = found
    return Listing(sorted(entries, key=lambda entry: entry.path), tuple(reasons), reasons)


def _listed(
    file_system: "fsspec.AbstractFileSystem", root: str
) -> tuple[list[Entry], dict[str, str]]:
    """Return the entries, and why each folder that could not be listed could not."""
    if not set(_protocols(file_system)) & _WALKED:
        file_system.invalidate_cache()
        found = file_system.find(root, detail=True).values()
        return [_entry(info, root) for info in found if _is_content(info, root)], {}
    entries: list[Entry] = []
    reasons: dict[str, str] = {}
    for info in _walked(file_system, root):
        if "unreadable" in info:
            reasons[safe_text(_relative(str(info["name"]), root))] = info["unreadable"]
        else:
            entries.append(_entry(info, root))
    return entries, reasons


def _walked(file_system: "fsspec.AbstractFileSystem", root: str) -> Iterator[dict[str, Any]]:
    folders, local = [root], is_local(file_system)
    while folders:
        folder = folders.pop()
        try:
            found = file_system.ls(folder, detail=True)
            # a folder may have become a link since it was listed itself
            if local and not is_within(root, os.path.realpath(folder)):
                yield {
                    "name": f"{folder}/",
                    "unreadable": f"this folder is not listed: {LEADS_OUT}",
                }
                continue
        except OSError as error:
            if folder == root:
                raise
            yield {"name": f"{folder}/", "unreadable": _because(error)}
            continue
        for info in found:
            if info["type"] == "directory":
                folders.append(info["name"])
            else:
                yield info


def _is_content(info: Mapping[str, Any], root: str) -> bool:
    # Object stores keep empty objects that stand for folders.
    name = info["name"]
    return info.get("type") != "directory" and not (name.endswith("/") or name == f"{root}/")


def _because(error: OSError) -> str:
    reason = os.strerror(error.errno).lower() if error.errno else "the store refused"
    return f"this folder cannot be listed: {reason}"


def _entry(info: Mapping[str, Any], root: str) -> Entry:
    name = str(info["name"])
    path = safe_text(_relative(name, root))
    if problem := _problem(info, root):
        return _troubled(path, name, problem)
    size = int(info.get("size") or 0)
    modified = _modified(info)
    return Entry(
        path, name, size, _change_key(info, size, modified), modified, _created(info),
        store_id=_version(info),
    )  # fmt: skip


def _version(info: Mapping[str, Any]) -> str | None:
    """Return the version that an object store names; those that keep none say ``null``."""
    version = str(info.get("VersionId") or info.get("version_id") or "")
    return version if version not in {"", "null"} else None


def _relative(name: str, root: str) -> str:
    inside = name[len(root) :] if name.startswith(root) else name
    return inside.lstrip("/") or name.rpartition("/")[2]


def _troubled(path: str, address: str, problem: str) -> Entry:
    return Entry(path, address, 0, f"problem: {problem}", _EPOCH, None, problem)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _problem(info: Mapping[str, Any], root: str) -> str | None:
    if info.get("islink"):
        return _problem_of_link(str(info["name"]), root)
    return None if info["type"] == "file" else NO_FILE


def _problem_of_link(address: str, root: str) -> str | None:
    target = os.path.realpath(address)
    # Whoever may write into a location must not read the rest of the machine through it.
    if not is_within(root, target):
        return LEADS_OUT
    try:
        regular = stat.S_ISREG(os.stat(address).st_mode)  # noqa: PTH116
    except OSError:
        return "it is a link that leads nowhere"
    return None if regular else "it is a link to a folder, which is listed where it is"


def _change_key(info: Mapping[str, Any], size: int, modified: datetime) -> str:
    """Name a state of the file's content.

    The inode is left out: it would make the artifact of the same files differ between machines.
    """
    tag = info.get("ETag") or info.get("etag")
    if tag:
        return f"{str(tag).strip(chr(34))}-{size}"
    return f"{modified.isoformat(timespec='microseconds')}-{size}"


_MODIFIED_KEYS = ("mtime", "LastModified", "last_modified", "modified", "updated", "created")


def _modified(info: Mapping[str, Any]) -> datetime:
    for key in _MODIFIED_KEYS:
        if (moment := _moment(info.get(key))) is not None:
            return moment
    return _EPOCH


def _created(info: Mapping[str, Any]) -> datetime | None:
    # On Linux a local file's "created" is the time of its last change of owner or mode.
    return None if "ino" in info else _moment(info.get("created"))


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        return datetime.fromisoformat(value).astimezone(UTC) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None


def _protocols(file_system: "fsspec.AbstractFileSystem") -> tuple[str, ...]:
    protocol = file_system.protocol
    return (protocol,) if isinstance(protocol, str) else tuple(protocol)
