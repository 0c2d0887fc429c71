"""A known location's items: read what changed, and keep the rest.

It writes the artifact; whether that suffices is the gate's.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cultivar.content.crawling import Crawl, Progress, Request, crawl
from cultivar.content.limits import limits_of
from cultivar.core.errors import Damaged, GateClosed
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import AnyActor
from cultivar.core.schemas import ITEMS
from cultivar.operations.content.locations import KnownLocation, record_crawl, refused_crawl
from cultivar.store.origin import Producer
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Crawled:
    """The items of a location, and the counts of the crawl; ``changed`` is False where it was same.

    The counts are figures alone: files found, unchanged, added, changed, deleted, items per status.
    """

    items: ArtifactReference
    counts: dict[str, Any]
    changed: bool


def crawl_known(
    workspace: Workspace,
    known: KnownLocation,
    on_progress: Progress,
    *,
    allow_mass_deletion: bool = False,
    from_scratch: bool = False,
) -> Crawled:
    """Read what is new or changed in a location; with nothing changed its artifact stays.

    ``on_progress`` is told (files read, files to read). ``from_scratch`` reads every file and
    builds on nothing that was read before.

    Raises:
        Damaged: code ``artifact-damaged``; the items of the last crawl are not whole.
        NotFound: the place that it names does not exist.
        InvalidInput: its store cannot be opened.
        NotReady: code ``ocr-not-installed``.
        CultivarError: code ``mass-deletion``.
    """
    with _previous(workspace, None if from_scratch else known) as file:
        request = Request(
            known.location,
            previous=file,
            limits=limits_of(workspace.settings),
            on_progress=on_progress,
            allow_mass_deletion=allow_mass_deletion,
        )
        with crawl(request) as found:
            if file is not None and known.items_sha256 is not None and not found.changed:
                same = workspace.artifacts.reference(known.items_sha256)
                return Crawled(same, asdict(found.summary), changed=False)
            return _written(workspace, found)


def _written(workspace: Workspace, found: Crawl) -> Crawled:
    items = workspace.artifacts.write(ITEMS.name, found.batches(), producer=Producer.CRAWL)
    return Crawled(items, asdict(found.summary), changed=True)


def keep_crawled(
    workspace: Workspace,
    actor: AnyActor,
    name: str,
    crawled: Crawled,
    check: Callable[[ArtifactReference], object],
) -> None:
    """Make what a crawl found the newest items of a location.

    ``check`` judges the gate of the items; suites stand above the operations.

    Raises:
        GateClosed: the gate is closed; the location keeps what it had.
        NotFound: code ``unknown-location``.
    """
    try:
        check(crawled.items)
    except GateClosed as closed:
        raise refused_crawl(workspace, name, closed) from None
    record_crawl(workspace, name, crawled.items, crawled.counts, actor)


@dataclass(frozen=True, slots=True)
class Aside:
    """What a place holds, read and not kept: nothing of it is stored until ``keep`` is called."""

    _workspace: Workspace
    _found: Crawl

    def narrow(self, columns: list[str]) -> pa.Table:
        """Return some columns of every item."""
        batches = [batch.select(columns) for batch in self._found.batches()]
        return pa.Table.from_batches(batches, _narrowed(columns))

    def keep(self) -> Crawled:
        """Write the items that were read."""
        return _written(self._workspace, self._found)


def _narrowed(columns: list[str]) -> pa.Schema:
    return pa.schema([ITEMS.arrow.field(name) for name in columns])


@contextmanager
def crawled_aside(
    workspace: Workspace, known: KnownLocation, on_progress: Progress
) -> Iterator[Aside]:
    """Read a place that was never crawled, and hold what it gave for the block.

    Raises: as ``crawl_known``.
    """
    limits = limits_of(workspace.settings)
    with crawl(Request(known.location, limits=limits, on_progress=on_progress)) as found:
        yield Aside(workspace, found)


@contextmanager
def _previous(workspace: Workspace, known: KnownLocation | None) -> Iterator[pq.ParquetFile | None]:
    if known is None or known.items_sha256 is None:
        yield None
        return
    items = workspace.artifacts.reference(known.items_sha256)
    try:
        workspace.artifacts.check(items)
    except Damaged as error:
        raise _built_on_nothing(known, error) from error
    with workspace.artifacts.open(items) as file:
        yield file


def _built_on_nothing(known: KnownLocation, error: Damaged) -> Damaged:
    """Say what the damaged items are of, and the command that does without them."""
    sha256 = known.items_sha256 or ""
    return Damaged(
        "artifact-damaged",
        f"The items artifact {sha256[:12]} of the location {known.name} is missing or is not what "
        "its name states, so nothing is built on it. Restore the file from a copy;",
        {**error.facts, "location": known.name},
        Remedy(NextStep.CRAWL_FROM_SCRATCH, known.name, "does without and reads every file again"),
    )
