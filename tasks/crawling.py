"""Crawl one location into an items artifact.

It decides neither which locations are crawled nor whether what was found suffices.
"""

from dataclasses import asdict, dataclass
from typing import Any

from cultivar.content.crawling import Crawl, Request, crawl
from cultivar.content.limits import Limits
from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import ITEMS
from cultivar.operations.locations import location_named
from cultivar.settings import Settings
from cultivar.store.workspace import Workspace
from tasks import Progress, step

PRODUCER = "crawl"


@dataclass(frozen=True, slots=True)
class Crawled:
    """The items of a location, and the counts of the crawl; ``changed`` is False where it was same.

    The counts are figures alone: files found, unchanged, added, changed, deleted, items a status.
    """

    items: ArtifactReference
    counts: dict[str, Any]
    changed: bool


@step
def crawl_location(
    workspace: Workspace, name: str, advance: Progress, allow_mass_deletion: bool = False
) -> Crawled:
    """Read what is new or changed in a location; with nothing changed its artifact stays.

    Raises:
        NotFound: the location, or the place that it names, does not exist.
        InvalidInput: its store cannot be opened.
        CultivarError: code ``mass-deletion``.
    """
    known = location_named(workspace, name)
    if known.items_sha256 is None:
        return _crawled(workspace, Request(known.location, **_bounds(workspace, advance)), None)
    previous = workspace.artifacts.reference(known.items_sha256)
    with workspace.artifacts.open(previous) as file:
        request = Request(
            known.location,
            previous=file,
            allow_mass_deletion=allow_mass_deletion,
            **_bounds(workspace, advance),
        )
        return _crawled(workspace, request, previous)


def _crawled(workspace: Workspace, request: Request, previous: ArtifactReference | None) -> Crawled:
    with crawl(request) as found:
        counts = asdict(found.summary)
        if previous is not None and not found.changed:
            return Crawled(previous, counts, changed=False)
        return Crawled(_written(workspace, found), counts, changed=True)


def _written(workspace: Workspace, found: Crawl) -> ArtifactReference:
    return workspace.artifacts.write(ITEMS.name, found.batches(), producer=PRODUCER)


def _bounds(workspace: Workspace, advance: Progress) -> dict[str, Any]:
    return {"limits": _limits(workspace.settings), "on_progress": advance}


def _limits(settings: Settings) -> Limits:
    return Limits(
        max_bytes=settings.max_bytes,
        max_characters=settings.max_characters,
        seconds=float(settings.parse_seconds),
        memory_bytes=settings.parse_memory,
        workers=settings.workers,
    )
