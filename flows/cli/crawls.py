"""Crawl a location from the command line, without an orchestrator.

It crawls, checks the gate of the items and records both, as the flows do.
"""

from typing import TYPE_CHECKING, Any

from flows.cli.session import Session, counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from cultivar.core.reference import ArtifactReference
    from cultivar.operations.locations import KnownLocation


def crawl_location(
    session: Session, known: "KnownLocation", *, allow_mass_deletion: bool = False
) -> dict[str, Any]:
    """Read what is new or changed, and return the counts of the crawl.

    Raises:
        CultivarError: codes ``mass-deletion``, ``location-not-found``, ``location-unreachable``.
        GateClosed: nothing of it can be used; the location keeps what it had.
        Conflict: code ``already-running``.
    """
    from cultivar.operations.crawling import crawl_known
    from cultivar.operations.locations import record_crawl
    from cultivar.operations.runs import claim

    workspace = session.workspace
    with (
        claim(workspace, "crawl", f"location:{known.name}") as held,
        session.working(f"Crawling {known.name}") as show,
    ):
        advance = _both(known.name, show, held.progress)
        found = crawl_known(workspace, known, advance, allow_mass_deletion=allow_mass_deletion)
        _require_usable(session, found.items)
        record_crawl(workspace, known.name, found.items, found.counts, session.actor)
    return found.counts


def _require_usable(session: Session, items: "ArtifactReference") -> None:
    import expectations
    from cultivar.operations.gates import record_gate

    table = session.workspace.artifacts.read(items, columns=list(expectations.COLUMNS["items"]))
    result = expectations.evaluate("items", table, session.settings.thresholds)
    record_gate(session.workspace, result, artifact_sha256=items.sha256)
    result.require()


def _both(
    name: str, show: "Callable[[str], None]", keep: "Callable[[int, int | None], None]"
) -> "Callable[[int, int], None]":
    """Tell the person and, every two hundred files, the registry."""

    def advance(done: int, total: int) -> None:
        show(counted(f"Crawling {name}", done, total))
        if done % 200 == 0 or done == total:
            keep(done, total)

    return advance
