"""A location to its items: only what changed is read, and what is gone is noticed.

Yields record batches and figures; it writes no artifact and keeps no record of its own.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cultivar.content.entries import Entry, Listing
from cultivar.content.limits import Limits
from cultivar.content.locations import Location, is_read_here, list_location
from cultivar.content.ocr import OCR_IS_OFF, require_ocr
from cultivar.content.reading import Read, Task, read_file, row_without_content
from cultivar.content.rows import batch_of, row_of
from cultivar.content.spool import CHARACTERS_A_BATCH, ROWS_A_BATCH, Sealed, Spool
from cultivar.content.workers import Workers
from cultivar.core.errors import CultivarError, Damaged
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.vocabulary import how_many

MASS_DELETION_FROM = 50
_ADDED, _CHANGED, _UNCHANGED = 0, 1, 2

# Small, so that the workers need not wait long while their rows are compared.
_ROWS_A_PART = 500

Progress = Callable[[int, int], None]
_Placed = tuple[int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a crawl found. Files are what the store lists, items what they hold.

    ``complete`` tells whether every folder could be listed; otherwise nothing counts as deleted.
    """

    found: int
    unchanged: int
    added: int
    changed: int
    deleted: int
    items: int
    by_status: dict[str, int]
    duplicates: int
    near_duplicates: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Crawl:
    """A crawl's outcome. Where ``changed`` is False the previous artifact still holds."""

    summary: Summary
    changed: bool
    _batches: Callable[[], Iterator[pa.RecordBatch]]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield every item in path order, in record batches of the items schema."""
        return self._batches()


@dataclass(frozen=True, slots=True)
class Request:
    """What to crawl and how.

    ``previous`` is the location's last items artifact; ``on_progress`` is told the number of files
    read and to be read. ``retry`` names the statuses whose files
    are read again although they did not change. ``read`` stands in for reading one file; workers
    import it by its name.
    """

    location: Location
    previous: pq.ParquetFile | None = None
    limits: Limits = field(default_factory=Limits)
    on_progress: Progress | None = None
    allow_mass_deletion: bool = False
    retry: Collection[str] = ()
    read: Read = read_file


@contextmanager
def crawl(request: Request) -> Iterator[Crawl]:
    """Crawl a location; the outcome's batches can be read until the block ends.

    Files that needed OCR while it was off are read again once it is on.

    Raises:
        CultivarError: the listing lost more than half of 50 or more files (``mass-deletion``).
        NotReady: code ``ocr-not-installed``.
        NotFound: the location does not exist.
        StoreUnavailable: its store cannot be opened or listed.
        Damaged: the previous artifact is not sorted by path.
    """
    if request.limits.ocr:
        require_ocr()
    listing = list_location(request.location)
    states, gone = _compared(listing, request)
    if not request.allow_mass_deletion:
        _refuse_mass_deletion(request.location.name, listing, states, gone)
    if request.previous is not None and gone == 0 and (states == _UNCHANGED).all():
        yield _unchanged(request.previous, listing)
        return
    with Spool() as spool:
        statuses = _carry(spool, listing, states, request)
        statuses += _read(spool, listing, states, request)
        rows = spool.sealed()
        yield Crawl(_summary(listing, states, gone, rows, statuses), True, rows.batches)


def _compared(listing: Listing, request: Request) -> tuple[NDArray[np.int8], int]:
    """Return the state of every entry, and how many files of the previous crawl are gone."""
    states = np.full(len(listing.entries), _ADDED, np.int8)
    gone = 0
    if request.previous is None:
        return states, gone
    matcher, last = _Matcher(listing.entries), None
    columns = ["source_path", "change_key", "status", "reason"]
    for batch in request.previous.iter_batches(ROWS_A_BATCH * 10, columns=columns):
        rows = (batch.column(name).to_pylist() for name in columns)
        for path, key, status, reason in zip(*rows, strict=True):
            at = matcher.position(path)
            if at is None:
                gone += path != last
            elif listing.entries[at].change_key != key or _deserves_another_try(
                request, status, reason
            ):
                states[at] = _CHANGED
            elif states[at] == _ADDED:
                states[at] = _UNCHANGED
            last = path
    return states, gone if listing.complete else 0


def _deserves_another_try(request: Request, status: str, reason: str | None) -> bool:
    return status in request.retry or (request.limits.ocr and reason == OCR_IS_OFF)


class _Matcher:
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


def _refuse_mass_deletion(name: str, listing: Listing, states: NDArray[np.int8], gone: int) -> None:
    before = int((states != _ADDED).sum()) + gone
    if before >= MASS_DELETION_FROM and len(listing.entries) < before / 2:
        raise CultivarError(
            "mass-deletion",
            f"The location {name} lists {how_many(len(listing.entries), 'file')} where it held "
            f"{before:,}. Nothing was changed: check that it is mounted and complete. If the files "
            "are gone for good,",
            {"found": len(listing.entries), "before": before},
            Remedy(NextStep.ACCEPT_MASS_DELETION, name),
        )


def _unchanged(previous: pq.ParquetFile, listing: Listing) -> Crawl:
    table = previous.read(columns=["status", "duplicate_of", "near_duplicate_of"])
    count = len(listing.entries)
    summary = Summary(
        found=count,
        unchanged=count,
        added=0,
        changed=0,
        deleted=0,
        items=table.num_rows,
        by_status=dict(sorted(Counter(table.column("status").to_pylist()).items())),
        duplicates=table.num_rows - table.column("duplicate_of").null_count,
        near_duplicates=table.num_rows - table.column("near_duplicate_of").null_count,
        complete=listing.complete,
    )
    return Crawl(summary, False, lambda: previous.iter_batches(ROWS_A_BATCH))


def _summary(
    listing: Listing, states: NDArray[np.int8], gone: int, rows: Sealed, statuses: Counter[str]
) -> Summary:
    return Summary(
        found=len(listing.entries),
        unchanged=int((states == _UNCHANGED).sum()),
        added=int((states == _ADDED).sum()),
        changed=int((states == _CHANGED).sum()),
        deleted=gone,
        items=rows.rows,
        by_status=dict(sorted(statuses.items())),
        duplicates=rows.duplicates,
        near_duplicates=rows.near_duplicates,
        complete=listing.complete,
    )


def _carry(
    spool: Spool, listing: Listing, states: NDArray[np.int8], request: Request
) -> Counter[str]:
    """Copy the rows of unchanged files, and of unlisted ones where the listing is incomplete."""
    statuses: Counter[str] = Counter()
    if request.previous is None:
        return statuses
    matcher = _Matcher(listing.entries)
    for batch in request.previous.iter_batches(ROWS_A_BATCH):
        positions = []
        for path in batch.column("source_path").to_pylist():
            at = matcher.position(path)
            if at is None:
                positions.append(-1 if listing.complete else 2 * matcher.at)
            else:
                positions.append(2 * at + 1 if states[at] == _UNCHANGED else -1)
        kept = np.array(positions) >= 0
        carried = batch.filter(pa.array(kept))
        spool.write(carried, np.array(positions)[kept].tolist())
        statuses.update(carried.column("status").to_pylist())
    return statuses


def _read(
    spool: Spool, listing: Listing, states: NDArray[np.int8], request: Request
) -> Counter[str]:
    """Read the files that are new or changed into rows."""
    wanted = np.flatnonzero(states != _UNCHANGED).tolist()
    statuses: Counter[str] = Counter()
    with Workers(request.location, request.limits, len(wanted), request.read) as workers:
        rows = _rows(wanted, listing.entries, request, workers)
        while part := _part(rows):
            spool.write(batch_of(row for _, row in part), [2 * at + 1 for at, _ in part])
            statuses.update(row["status"] for _, row in part)
    return statuses


def _rows(
    wanted: list[int], entries: list[Entry], request: Request, workers: Workers
) -> Iterator[_Placed]:
    """Yield the rows of the wanted entries with the entry's index; troubled entries first."""
    readable = []
    for at in wanted:
        if problem := entries[at].problem:
            parsed = row_without_content(entries[at], entries[at].trouble, problem)
            yield at, row_of(request.location, entries[at], parsed)
        else:
            readable.append(at)
    answers = workers.answers(_tasks(readable, entries, request))
    done = len(wanted) - len(readable)
    for at, (task, items) in zip(readable, answers, strict=True):
        yield from ((at, row_of(request.location, task.entry, parsed)) for parsed in items)
        done += 1
        if request.on_progress is not None:
            request.on_progress(done, len(wanted))


def _part(rows: Iterator[_Placed]) -> list[_Placed]:
    """Take the next rows, no more than memory should hold at once."""
    part, characters = [], 0
    for at, row in rows:
        part.append((at, row))
        characters += row["characters"]
        if len(part) == _ROWS_A_PART or characters > CHARACTERS_A_BATCH:
            break
    return part


def _tasks(wanted: Iterable[int], entries: list[Entry], request: Request) -> Iterator[Task]:
    file_system, _ = request.location.store
    here = is_read_here(file_system)
    for at in wanted:
        entry = entries[at]
        data = None
        if here and entry.size <= request.limits.max_bytes:
            # What has vanished since is left to the worker, which says so.
            with suppress(OSError):
                data = file_system.cat_file(entry.address)
        yield Task(entry, data)
