"""A location to its items: only what changed is read, and what is gone is noticed.

Yields record batches and figures; it writes no artifact and keeps no record of its own.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cultivar.content.crawl.boxes import Boxes
from cultivar.content.crawl.comparing import (
    ADDED,
    AGAIN,
    CHANGED,
    UNCHANGED,
    Compared,
    Matcher,
    compared,
    refuse_mass_deletion,
)
from cultivar.content.crawl.identities import Recognition, Settled
from cultivar.content.crawl.requests import Request
from cultivar.content.crawl.rows import batch_of, row_of
from cultivar.content.crawl.spool import CHARACTERS_A_BATCH, ROWS_A_BATCH, Sealed, Spool
from cultivar.content.documents.ocr import require_ocr
from cultivar.content.entries import Entry, Listing, is_folder
from cultivar.content.locations import is_read_here, list_location
from cultivar.content.reading import Task, row_without_content
from cultivar.content.workers import Workers

# Small, so that the workers need not wait long while their rows are compared.
_ROWS_A_PART = 500

_Placed = tuple[int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a crawl found. Files are what the store lists, items what they hold.

    ``changed`` counts the files that were read again, for whatever reason, of which ``read_again``
    had not changed; ``moved`` items were
    found again at another path, ``returned`` ones after they had been gone; ``emptied`` counts the
    mailboxes and archives that held items and hold none. ``complete`` tells whether every folder
    could be listed, ``unlisted`` how many could not; nothing counts as deleted below those.
    """

    found: int
    unchanged: int
    added: int
    changed: int
    deleted: int
    moved: int
    returned: int
    items: int
    by_status: dict[str, int]
    duplicates: int
    near_duplicates: int
    complete: bool
    read_again: int = 0
    unlisted: int = 0
    emptied: int = 0


@dataclass(frozen=True, slots=True)
class Crawl:
    """A crawl's outcome. Where ``changed`` is False the previous artifact still holds.

    ``unlisted`` says why each folder could not be listed, ``emptied`` how many items each mailbox
    or archive held that holds none any more, by path; ``undecided`` are the ids of items that came
    to one of several copies where nothing told which it is.
    """

    summary: Summary
    changed: bool
    _batches: Callable[[], Iterator[pa.RecordBatch]]
    unlisted: Mapping[str, str] = field(default_factory=dict)
    emptied: Mapping[str, int] = field(default_factory=dict)
    undecided: tuple[str, ...] = ()

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield every item in path order, in record batches of the items schema."""
        return self._batches()


@contextmanager
def crawl(request: Request) -> Iterator[Crawl]:
    """Crawl a location; the outcome's batches can be read until the block ends.

    An item that was there before keeps its id, wherever in the location it is now.

    Raises:
        CultivarError: the listing lost all files, or most of 50 or more (``mass-deletion``).
        NotReady: code ``ocr-not-installed``.
        NotFound: the location does not exist.
        StoreUnavailable: its store cannot be opened or listed.
        Damaged: the previous artifact is not sorted by path.
    """
    if request.limits.ocr:
        require_ocr(request.limits.ocr_languages)
    listing = list_location(request.location)
    found = compared(listing, request)
    if not request.allow_mass_deletion:
        refuse_mass_deletion(request.location.name, listing, found)
    if request.previous is not None and found.is_as_before:
        yield _unchanged(request.previous, listing)
        return
    with Spool() as spool:
        recognition, boxes = Recognition(request.left), Boxes()
        statuses = _carry(spool, listing, found, request, (recognition, boxes))
        carried = spool.rows
        statuses += _read(spool, listing, found, request, (recognition, boxes))
        settled = recognition.settled()
        rows = spool.sealed(carried, settled)
        summary = _summary(listing, found, settled, rows, statuses)
        summary = replace(summary, emptied=len(boxes.emptied))
        yield Crawl(summary, True, rows.batches, listing.reasons, boxes.emptied, settled.undecided)


def _unchanged(previous: pq.ParquetFile, listing: Listing) -> Crawl:
    table = previous.read(columns=["status", "duplicate_of", "near_duplicate_of"])
    count = len(listing.entries)
    summary = Summary(
        found=count,
        unchanged=count,
        added=0,
        changed=0,
        deleted=0,
        moved=0,
        returned=0,
        items=table.num_rows,
        by_status=dict(sorted(Counter(table.column("status").to_pylist()).items())),
        duplicates=table.num_rows - table.column("duplicate_of").null_count,
        near_duplicates=table.num_rows - table.column("near_duplicate_of").null_count,
        complete=listing.complete,
        unlisted=len(listing.unlisted),
    )
    batches = lambda: previous.iter_batches(ROWS_A_BATCH)  # noqa: E731
    return Crawl(summary, False, batches, listing.reasons)


def _summary(
    listing: Listing, found: Compared, settled: Settled, rows: Sealed, statuses: Counter[str]
) -> Summary:
    return Summary(
        found=len(listing.entries),
        unchanged=found.count(UNCHANGED),
        added=found.count(ADDED),
        changed=found.count(CHANGED, AGAIN),
        read_again=found.count(AGAIN),
        deleted=found.gone,
        moved=settled.moved,
        returned=settled.returned,
        items=rows.rows,
        by_status=dict(sorted(statuses.items())),
        duplicates=rows.duplicates,
        near_duplicates=rows.near_duplicates,
        complete=listing.complete,
        unlisted=len(listing.unlisted),
    )


_Known = tuple[Recognition, Boxes]


def _carry(
    spool: Spool, listing: Listing, found: Compared, request: Request, known: _Known
) -> Counter[str]:
    """Copy the rows of unchanged files, and of those below folders that could not be listed.

    What is to be known of the other rows goes into ``known``.
    """
    statuses: Counter[str] = Counter()
    if request.previous is None:
        return statuses
    matcher = Matcher(listing.entries)
    for batch in request.previous.iter_batches(ROWS_A_BATCH):
        positions = []
        for path in batch.column("source_path").to_pylist():
            at = matcher.position(path)
            if is_folder(path):
                positions.append(-1)
            elif at is None:
                positions.append(2 * matcher.at if listing.hides(path) else -1)
            else:
                positions.append(2 * at + 1 if found.states[at] == UNCHANGED else -1)
        kept = np.array(positions, np.int64) >= 0
        if not kept.all():
            others = batch.filter(pa.array(~kept))
            for each in known:
                each.expect(others)
        carried = batch.filter(pa.array(kept))
        spool.write(carried, np.array(positions)[kept].tolist())
        statuses.update(carried.column("status").to_pylist())
    return statuses


def _read(
    spool: Spool, listing: Listing, found: Compared, request: Request, known: _Known
) -> Counter[str]:
    """Read the files that are new or changed into rows."""
    wanted = np.flatnonzero(found.states != UNCHANGED).tolist()
    statuses: Counter[str] = Counter()
    with Workers(request.location, request.limits, len(wanted), request.read) as workers:
        rows = _rows(wanted, listing.entries, request, workers)
        while part := _part(rows):
            for each in known:
                each.see(spool.rows, [row for _, row in part])
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
