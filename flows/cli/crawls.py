"""Crawl a location from the command line, without an orchestrator.

It reads, writes the items artifact, checks its gate and records both, as the flows do.
"""

from contextlib import nullcontext
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flows.cli.session import Session, counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from cultivar.content.crawling import Request
    from cultivar.content.limits import Limits
    from cultivar.core.reference import ArtifactReference
    from cultivar.operations.locations import KnownLocation

PRODUCER = "crawl"


def crawl_location(
    session: Session, known: "KnownLocation", *, allow_mass_deletion: bool = False
) -> dict[str, Any]:
    """Read what is new or changed, and return the counts of the crawl.

    Raises:
        CultivarError: codes ``mass-deletion``, ``location-not-found``, ``location-unreachable``.
        GateClosed: nothing of it can be used; the location keeps what it had.
        Conflict: code ``already-running``.
    """
    from cultivar.content.crawling import Request
    from cultivar.operations.locations import record_crawl
    from cultivar.operations.runs import claim

    workspace = session.workspace
    with (
        claim(workspace, "crawl", f"location:{known.name}") as held,
        session.working(f"Crawling {known.name}") as show,
        workspace.artifacts.open(workspace.artifacts.reference(known.items_sha256))
        if known.items_sha256
        else nullcontext() as previous,
    ):
        request = Request(
            known.location,
            previous=previous,
            limits=limits_of(session),
            on_progress=_both(known.name, show, held.progress),
            allow_mass_deletion=allow_mass_deletion,
        )
        items, counts = _crawled(session, request, known)
        _require_usable(session, items)
        record_crawl(workspace, known.name, items, counts, session.actor)
    return counts


def _crawled(
    session: Session, request: "Request", known: "KnownLocation"
) -> "tuple[ArtifactReference, dict[str, Any]]":
    from cultivar.content.crawling import crawl
    from cultivar.core.schemas import ITEMS

    store = session.workspace.artifacts
    with crawl(request) as found:
        counts = asdict(found.summary)
        if known.items_sha256 and not found.changed:
            return store.reference(known.items_sha256), counts
        return store.write(ITEMS.name, found.batches(), producer=PRODUCER), counts


def _require_usable(session: Session, items: "ArtifactReference") -> None:
    import expectations
    from cultivar.operations.gates import record_gate

    table = session.workspace.artifacts.read(items, columns=list(expectations.COLUMNS["items"]))
    result = expectations.evaluate("items", table)
    record_gate(session.workspace, result, artifact_sha256=items.sha256)
    result.require()


def limits_of(session: Session) -> "Limits":
    """Return the limits of parsing that the settings state."""
    from cultivar.content.limits import Limits

    settings = session.settings
    return Limits(
        max_bytes=settings.max_bytes,
        max_characters=settings.max_characters,
        seconds=float(settings.parse_seconds),
        memory_bytes=settings.parse_memory,
        workers=settings.workers,
    )


def _both(
    name: str, show: "Callable[[str], None]", keep: "Callable[[int, int | None], None]"
) -> "Callable[[int, int], None]":
    """Tell the person and, every two hundred files, the registry."""

    def advance(done: int, total: int) -> None:
        show(counted(f"Crawling {name}", done, total))
        if done % 200 == 0 or done == total:
            keep(done, total)

    return advance
