"""A known location's items: read what changed, and keep the rest.

It writes the artifact; whether that suffices is the gate's.
"""

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import pyarrow as pa

from cultivar.content.crawl.crawling import Crawl, crawl
from cultivar.content.crawl.requests import Progress, Request, read_with
from cultivar.content.limits import limits_of
from cultivar.core.errors import Damaged, GateClosed
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.parts.compaction import Bounds
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import AnyActor
from cultivar.core.schemas import ITEMS
from cultivar.operations.content.crawl_records import record_crawl
from cultivar.operations.content.kept_items import left_traces
from cultivar.operations.content.locations import KnownLocation, location_named
from cultivar.operations.content.noticed import Noticed
from cultivar.settings import Settings
from cultivar.store.origin import Producer
from cultivar.store.parts.reading import PartRows
from cultivar.store.parts.writing import Changes, write_changes, write_items
from cultivar.store.workspace import Workspace

# what later versions of the schema added follows from the texts
_ALL_IS_READ_SINCE = 2


@dataclass(frozen=True, slots=True)
class Crawled:
    """The items of a location, and the counts of the crawl; ``changed`` is False where it was same.

    The counts are figures alone: files found, unchanged, added, changed, deleted, items per status,
    and, once it is kept, items not found again that something given by people rests on.
    ``may_be_empty`` tells that a person accepted it, now or before, if there is nothing left.
    """

    items: ArtifactReference
    counts: dict[str, Any]
    changed: bool
    read_with: dict[str, str] = field(default_factory=dict)
    may_be_empty: bool = False
    noticed: Noticed = Noticed()  # noqa: RUF009 - it never changes


def crawl_known(
    workspace: Workspace,
    known: KnownLocation,
    on_progress: Progress,
    *,
    allow_mass_deletion: bool = False,
    from_scratch: bool = False,
    retry: bool = False,
) -> Crawled:
    """Read what is new or changed in a location; with nothing changed its artifact stays.

    ``on_progress`` is told (files read, files to read). ``from_scratch`` reads every file; of what
    was read before it takes over the ids alone; so does the first crawl after an earlier release
    whose items had fewer columns. ``retry`` reads again what could not be read, and
    compares every file with what was read of it.

    Raises:
        Damaged: code ``artifact-damaged``; the items of the last crawl are not whole.
        NotFound: the place that it names does not exist.
        InvalidInput: its store cannot be opened.
        NotReady: code ``ocr-not-installed``.
        CultivarError: code ``mass-deletion``.
    """
    limits = limits_of(workspace.settings)
    items = _previous(workspace, known, may_be_damaged=from_scratch)
    # an earlier release did not keep what this one reads of the same bytes
    is_older = items is not None and min(items.versions()) < _ALL_IS_READ_SINCE
    request = Request(
        known.location,
        previous=items,
        limits=limits,
        on_progress=on_progress,
        allow_mass_deletion=allow_mass_deletion,
        left=left_traces(workspace, known.name, all_of_them=items is None),
        from_scratch=from_scratch or is_older,
        retry=retry,
        night=workspace.clock().date().isoformat(),
        read_with=known.read_with,
    )
    with crawl(request) as found:
        if items is not None and known.items_sha256 is not None and not found.changed:
            same = workspace.artifacts.reference(known.items_sha256)
            made = Crawled(same, asdict(found.summary), changed=False, may_be_empty=True)
        else:
            made = _written(workspace, found, items)
    is_accepted = made.may_be_empty or (allow_mass_deletion and items is not None)
    noticed = Noticed(found.unlisted, found.emptied, found.undecided)
    return replace(made, read_with=read_with(limits), may_be_empty=is_accepted, noticed=noticed)


def _written(workspace: Workspace, found: Crawl, before: PartRows | None = None) -> Crawled:
    store, bounds = workspace.artifacts, bounds_of(workspace.settings)
    if before is None:
        items = write_items(store, found.batches(), producer=Producer.CRAWL, bounds=bounds)
    else:
        changes = Changes(before, found.origins, found.has_text, found.batches)
        items = write_changes(store, changes, producer=Producer.CRAWL, bounds=bounds)
    return Crawled(items, asdict(found.summary), changed=True)


def bounds_of(settings: Settings) -> Bounds:
    """Return how large a part of a location's items becomes."""
    return Bounds(settings.part_items, settings.part_bytes)


def keep_crawled(
    workspace: Workspace,
    actor: AnyActor,
    name: str,
    crawled: Crawled,
    check: Callable[[ArtifactReference], object],
) -> None:
    """Make what a crawl found the newest items of a location.

    ``check`` judges the gate of the items; suites stand above the operations. Of a location that
    a person accepts as empty there is nothing to judge.

    Raises:
        GateClosed: the gate is closed; the location keeps what it had.
        NotFound: code ``unknown-location``.
    """
    if crawled.items.rows or not crawled.may_be_empty:
        try:
            check(crawled.items)
        except GateClosed as closed:
            raise _refused(workspace, name, closed) from None
    crawled.counts["not_found_again"] = record_crawl(
        workspace, name, crawled.items, crawled.counts, actor,
        read_with=crawled.read_with, noticed=crawled.noticed,
    )  # fmt: skip


def _refused(workspace: Workspace, name: str, closed: GateClosed) -> GateClosed:
    """Return a refusal of a crawl's items that names the location, and how to be rid of a new one.

    An empty location fails further checks, which say nothing more.
    """
    checks: Any = closed.facts.get("checks")
    first = checks[0] if checks and closed.code == "no-items" else None
    said = f"{first['sentence'] if first else closed.sentence} It is the location {name}."
    if location_named(workspace, name).items_sha256 is None:
        command = f"cultivar location remove {shlex.quote(name)}"
        said += f" Where it was added by mistake: `{command}`, then repeat the command."
    return GateClosed(closed.code, said, closed.facts)


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


def _previous(
    workspace: Workspace, known: KnownLocation, *, may_be_damaged: bool = False
) -> PartRows | None:
    if known.items_sha256 is None:
        return None
    items = workspace.artifacts.reference(known.items_sha256)
    try:
        workspace.artifacts.check(items)
        return PartRows(workspace.artifacts, items)
    except Damaged as error:
        if may_be_damaged:
            return None
        raise _built_on_nothing(known, error) from error


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
