"""A listing beside the last crawl: what is new, what changed, what is gone.

It compares paths and states of files; of a sample, or of all where that is asked for, the bytes.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cultivar.content.crawl.requests import (
    BYTES_A_NIGHT,
    FILES_A_NIGHT,
    Again,
    Request,
    is_sampled,
)
from cultivar.content.crawl.spool import ROWS_A_BATCH
from cultivar.content.documents.unreadable import Unreadable
from cultivar.content.entries import Entry, Listing, is_folder
from cultivar.content.locations import is_local
from cultivar.content.within import open_within
from cultivar.core.errors import CultivarError, Damaged
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.vocabulary import how_many

MASS_DELETION_FROM = 50
ADDED, CHANGED, UNCHANGED, AGAIN = 0, 1, 2, 3
# A store that names no version of a file's content names the moment of its last change.
_IS_TIME = re.compile(r"\d{4}-\d\d-\d\dT")
_BYTES_A_READ = 1 << 20


@dataclass(frozen=True, slots=True)
class Compared:
    """The state of every listed entry, and how many files of the previous crawl are gone.

    ``AGAIN`` is the state of a file that did not change and is read again all the same.
    ``folders`` counts folders that an earlier release kept as items where they were not listed.
    """

    states: NDArray[np.int8]
    gone: int
    folders: int = 0

    @property
    def is_as_before(self) -> bool:
        """Tell whether the rows of the previous crawl still hold, all of them."""
        return not self.gone and not self.folders and bool((self.states == UNCHANGED).all())

    def count(self, *states: int) -> int:
        """Return how many entries are in one of the states."""
        return int(np.isin(self.states, states).sum())


def compared(listing: Listing, request: Request) -> Compared:
    """Compare a listing with the previous crawl.

    Raises:
        Damaged: the previous artifact is not sorted by path.
    """
    states = np.full(len(listing.entries), ADDED, np.int8)
    if request.previous is None:
        return Compared(states, 0)
    gone, folders, last = 0, 0, None
    matcher, again = Matcher(listing.entries), Again(request)
    columns = ["source_path", "change_key", "status", "reason"]
    for batch in request.previous.iter_batches(ROWS_A_BATCH * 10, columns=columns):
        rows = (batch.column(name).to_pylist() for name in columns)
        for path, key, status, reason in zip(*rows, strict=True):
            at = matcher.position(path)
            if at is None:
                folders += is_folder(path)
                gone += path != last and not is_folder(path) and not listing.hides(path)
            elif listing.entries[at].change_key != key:
                states[at] = CHANGED
            elif (again.everything or status != "ok" or reason) and again.deserves(status, reason):
                states[at] = AGAIN
            elif states[at] == ADDED:
                states[at] = UNCHANGED
            last = path
    _look_into(listing.entries, states, request)
    return Compared(states, gone, folders)


class Matcher:
    """Find the listed entry of each path of an ascending sequence of paths."""

    def __init__(self, entries: list[Entry]) -> None:
        self._entries = entries
        self._last = ""
        self.at = 0

    def position(self, path: str) -> int | None:
        """Return the entry's index, or None; ``at`` is then where it would stand."""
        if path < self._last:
            raise Damaged(
                "unsorted-items",
                "The previous items artifact is not sorted by path. Crawl the location again.",
            )
        self._last = path
        while self.at < len(self._entries) and self._entries[self.at].path < path:
            self.at += 1
        found = self.at < len(self._entries) and self._entries[self.at].path == path
        return self.at if found else None


def refuse_mass_deletion(name: str, listing: Listing, found: Compared) -> None:
    """Do nothing unless all files are gone, or more than half of 50 or more.

    Raises:
        CultivarError: code ``mass-deletion``.
    """
    before = found.count(CHANGED, UNCHANGED, AGAIN) + found.gone
    is_emptied = before > 0 and not listing.entries
    if is_emptied or (before >= MASS_DELETION_FROM and len(listing.entries) < before / 2):
        raise CultivarError(
            "mass-deletion",
            f"The location {name} lists {how_many(len(listing.entries), 'file')} where it held "
            f"{before:,}. Nothing was changed: check that it is mounted and complete. If the files "
            "are gone for good,",
            {"found": len(listing.entries), "before": before},
            Remedy(NextStep.ACCEPT_MASS_DELETION, name),
        )


def _look_into(entries: list[Entry], states: NDArray[np.int8], request: Request) -> None:
    """Set the state of files whose bytes differ though size and time do not."""
    looked = dict(_chosen(entries, states, request))
    if not looked or request.previous is None:
        return
    paths = pa.array(looked, pa.string())
    columns = ["source_path", "path", "sha256"]
    for batch in request.previous.iter_batches(ROWS_A_BATCH * 10, columns=columns):
        wanted = batch.filter(pc.is_in(batch.column("source_path"), value_set=paths))
        for path, own, sha256 in zip(*(each.to_pylist() for each in wanted.columns), strict=True):
            at = looked[path]
            if path != own:
                # the bytes of a container are in no row: it is read, where all is asked for
                states[at] = AGAIN if request.retry else states[at]
            elif sha256 and _sha256(request, entries[at]) not in (None, sha256):
                states[at] = CHANGED


def _chosen(
    entries: list[Entry], states: NDArray[np.int8], request: Request
) -> Iterator[tuple[str, int]]:
    """Yield path and index of the unchanged files to be looked into."""
    unchanged = np.flatnonzero(states == UNCHANGED).tolist()
    if request.retry:
        yield from ((entries[at].path, at) for at in unchanged)
    elif request.night is not None:
        yield from _tonight(entries, unchanged, request.night)


def _tonight(
    entries: list[Entry], unchanged: Iterable[int], night: str
) -> Iterator[tuple[str, int]]:
    files = size = 0
    for at in unchanged:
        entry = entries[at]
        if not is_sampled(entry.path, night) or not _IS_TIME.match(entry.change_key):
            continue
        if size + entry.size <= BYTES_A_NIGHT:
            files, size = files + 1, size + entry.size
            yield entry.path, at
        if files == FILES_A_NIGHT:
            return


def _sha256(request: Request, entry: Entry) -> str | None:
    """Return the hash of a file's bytes; None where it cannot be read, which is no change."""
    digest = hashlib.sha256()
    with suppress(OSError, Unreadable):
        with _opened(request, entry) as stream:
            while piece := stream.read(_BYTES_A_READ):
                digest.update(piece)
        return digest.hexdigest()
    return None


def _opened(request: Request, entry: Entry) -> BinaryIO:
    file_system, root = request.location.store
    if is_local(file_system):
        return open_within(root, entry.address)
    return cast(BinaryIO, file_system.open(entry.address, "rb"))
