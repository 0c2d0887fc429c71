"""A known location's items: read what changed, and keep the rest.

It writes the artifact; whether that suffices is the gate's, and recording it the caller's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow.parquet as pq

from cultivar.content.crawling import Progress, Request, crawl
from cultivar.content.limits import Limits
from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import ITEMS
from cultivar.operations.locations import KnownLocation
from cultivar.settings import Settings
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Crawled:
    """The items of a location, and the counts of the crawl; ``changed`` is False where it was same.

    The counts are figures alone: files found, unchanged, added, changed, deleted, items a status.
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
) -> Crawled:
    """Read what is new or changed in a location; with nothing changed its artifact stays.

    ``on_progress`` is told (files read, files to read).

    Raises:
        NotFound: the place that it names does not exist.
        InvalidInput: its store cannot be opened.
        NotReady: code ``ocr-not-installed``.
        CultivarError: code ``mass-deletion``.
    """
    with _previous(workspace, known) as file:
        request = Request(
            known.location,
            previous=file,
            limits=limits_of(workspace.settings),
            on_progress=on_progress,
            allow_mass_deletion=allow_mass_deletion,
        )
        with crawl(request) as found:
            counts = asdict(found.summary)
            if known.items_sha256 is not None and not found.changed:
                same = workspace.artifacts.reference(known.items_sha256)
                return Crawled(same, counts, changed=False)
            items = workspace.artifacts.write(ITEMS.name, found.batches(), producer="crawl")
            return Crawled(items, counts, changed=True)


@contextmanager
def _previous(workspace: Workspace, known: KnownLocation) -> Iterator[pq.ParquetFile | None]:
    if known.items_sha256 is None:
        yield None
        return
    with workspace.artifacts.open(workspace.artifacts.reference(known.items_sha256)) as file:
        yield file


def limits_of(settings: Settings) -> Limits:
    """Return the bounds of parsing that the settings state."""
    return Limits(
        max_bytes=settings.max_bytes,
        max_characters=settings.max_characters,
        seconds=float(settings.parse_seconds),
        memory_bytes=settings.parse_memory,
        workers=settings.workers,
        ocr=settings.ocr,
    )
