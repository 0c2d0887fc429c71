"""Crawl a location from the command line, without an orchestrator.

It crawls, checks the gate of the items and records both, as the flows do.
"""

import shlex
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from cli.base.session import Session, counted
from cultivar import operations
from cultivar.core.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cultivar.core.reference import ArtifactReference
    from cultivar.operations.content.crawling import Aside, Crawled
    from cultivar.operations.content.locations import KnownLocation


def crawl_location(
    session: Session,
    known: "KnownLocation",
    *,
    allow_mass_deletion: bool = False,
    from_scratch: bool = False,
    retry: bool = False,
) -> dict[str, Any]:
    """Read what is new or changed, and return the counts of the crawl.

    Raises:
        Damaged: code ``artifact-damaged``; the items of the last crawl are not whole.
        CultivarError: codes ``mass-deletion``, ``location-not-found``, ``location-unreachable``.
        GateClosed: nothing of it can be used; the location keeps what it had.
        Conflict: code ``already-running``.
    """
    workspace = session.workspace
    with (
        _naming_the_place(known),
        _saying_what_is_kept(session, known),
        operations.runs.claim(workspace, "crawl", f"location:{known.name}") as held,
        session.working(f"Crawling {known.name}") as show,
    ):
        advance = _both(known.name, show, held.progress)
        found = operations.content.crawl_known(
            workspace,
            known,
            advance,
            allow_mass_deletion=allow_mass_deletion,
            from_scratch=from_scratch,
            retry=retry,
        )
        return _recorded(session, known, found)


@contextmanager
def _naming_the_place(known: "KnownLocation") -> "Iterator[None]":
    """Say at the terminal where the folder should be; no record of a run holds a path."""
    try:
        yield
    except NotFound as error:
        if error.code != "location-not-found":
            raise
        raise NotFound(error.code, f"{error.sentence} It should be at {known.place}.") from error


@contextmanager
def _saying_what_is_kept(session: Session, known: "KnownLocation") -> "Iterator[None]":
    """Say on Ctrl-C that a crawl is kept whole or not at all."""
    try:
        yield
    except KeyboardInterrupt:
        kept = "keeps the items of its last crawl" if known.items_sha256 else "holds no items yet"
        session.tell(f"{known.name} {kept}; its crawl begins again with `{_again(known)}`.")
        raise


def _again(known: "KnownLocation") -> str:
    return f"cultivar crawl {shlex.quote(known.name)}"


@contextmanager
def read_aside(session: Session, known: "KnownLocation") -> "Iterator[Aside]":
    """Read a place that was never crawled, and hold what it gave; ``keep_crawl`` keeps it."""
    with _naming_the_place(known), ExitStack() as held:
        with session.working(f"Reading {known.place}") as show:
            advance = _shown(f"Reading {known.place}", show)
            aside = held.enter_context(
                operations.content.crawled_aside(session.workspace, known, advance)
            )
        yield aside


def keep_crawl(session: Session, known: "KnownLocation", aside: "Aside") -> None:
    """Make what was read of a location its first crawl.

    Raises: as ``crawl_location``.
    """
    with operations.runs.claim(session.workspace, "crawl", f"location:{known.name}"):
        _recorded(session, known, aside.keep())


def _recorded(session: Session, known: "KnownLocation", found: "Crawled") -> dict[str, Any]:
    operations.content.keep_crawled(
        session.workspace, session.actor, known.name, found,
        lambda items: _require_usable(session, items),
    )  # fmt: skip
    return found.counts


def _require_usable(session: Session, items: "ArtifactReference") -> None:
    import expectations

    known = operations.gates.opened(session.workspace, "items", items.sha256)
    thresholds = session.settings.thresholds
    if known is not None and (known.overridden or expectations.still_asks(known, thresholds)):
        return  # evaluating takes seconds, and would say the same
    table = session.workspace.artifacts.read(items, columns=list(expectations.COLUMNS["items"]))
    result = expectations.evaluate("items", table, thresholds)
    operations.gates.record_gate(session.workspace, result, artifact_sha256=items.sha256)
    result.require()


def _both(
    name: str, show: "Callable[[str], None]", keep: "Callable[[int, int | None], None]"
) -> "Callable[[int, int], None]":
    """Tell the person and, every two hundred files, the registry."""
    shown = _shown(f"Crawling {name}", show)

    def advance(done: int, total: int) -> None:
        shown(done, total)
        if done % 200 == 0 or done == total:
            keep(done, total)

    return advance


def _shown(what: str, show: "Callable[[str], None]") -> "Callable[[int, int], None]":
    return lambda done, total: show(counted(what, done, total))
