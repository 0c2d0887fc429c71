"""Locations of the tenant: added once, crawled often, and named as site, library and folder.

It keeps where content lives and what the last crawl found; crawling is done in ``content``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.content.locations import Location, Source
from cultivar.content.stores import require_place
from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict, InvalidInput, NotReady
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.roles import Action, AnyActor
from cultivar.core.texts.reading_status import has_text
from cultivar.core.texts.shown_places import shown_place
from cultivar.core.vocabulary import REMOVED
from cultivar.operations.content.former_names import name_now, renamings, require_free
from cultivar.operations.content.places import is_below, place_of, require_apart, require_outside
from cultivar.operations.lookups import unknown
from cultivar.operations.transactions import snapshot, transaction
from cultivar.store.tables import LocationRow
from cultivar.store.workspace import Workspace

PURPOSES = ("content", "seed", "test")
# what a crawl noticed by name, which is for those alone who may see items
NOTICED = "noticed"


@dataclass(frozen=True, slots=True)
class KnownLocation:
    """A location as the registry has it; ``items_sha256`` is None until it was crawled."""

    name: str
    # it may name an account: people are shown ``place``
    url: str = field(repr=False)
    workload: str
    purpose: str
    crawled_at: datetime | None
    items_sha256: str | None
    counts: Mapping[str, Any]
    read_with: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """The URL as it may be shown."""
        return shown_place(self.url)

    @property
    def location(self) -> Location:
        """The location that ``content`` reads."""
        return Location(self.name, self.url, self.workload)


def add_location(
    workspace: Workspace,
    actor: AnyActor,
    name: str,
    url: str,
    workload: str = "files",
    *,
    purpose: str = "content",
) -> KnownLocation:
    """Add a location; the same one again changes nothing.

    ``purpose`` is ``content`` (part of the baseline), or ``seed`` or ``test`` (set aside for
    classifiers).

    Raises:
        InvalidInput: name, workload or purpose is not one that exists.
        InvalidInput: codes ``no-such-folder`` (no place is named, or none of a known kind),
            ``own-home`` (the place holds Cultivar's own files).
        Conflict: codes ``location-exists`` (the name stands for another place), ``place-taken``,
            ``places-overlap`` (another location of that purpose is, holds or lies in that place).
    """
    made = Location(name, url, workload)
    if purpose not in PURPOSES:
        raise InvalidInput(
            "unknown-purpose", f"{purpose!r} is not a purpose. Choose one of {', '.join(PURPOSES)}."
        )
    with transaction(workspace, actor, Action.ADD_LOCATION) as tx:
        row = tx.session.get(LocationRow, name)
        if row is not None and row.purpose != REMOVED:
            _require_same(row, made)
            return known(row)
        require_place(url)
        require_outside(workspace.settings.home, url)
        require_free(tx.session, name)
        query = select(LocationRow.name, LocationRow.url).where(LocationRow.purpose == purpose)
        others = [(other, place) for other, place in tx.session.execute(query)]
        require_apart(url, sorted(others))
        if row is None:
            row = LocationRow(name=name)
            tx.session.add(row)
        row.url, row.workload, row.purpose = url, workload, purpose
        row.added_by, row.added_at = tx.actor, tx.at
        tx.audit(AuditAction.LOCATION_ADDED, f"location:{name}", workload=workload, purpose=purpose)
        return known(row)


def _require_same(row: LocationRow, made: Location) -> None:
    if (place_of(row.url), row.workload) != (place_of(made.url), made.workload):
        raise Conflict(
            "location-exists",
            f"The location {row.name} exists already, for another place ({row.workload}, "
            f"{shown_place(row.url)}). Choose another name.",
            {"name": row.name},
        )


def locations(workspace: Workspace, purpose: str | None = None) -> list[KnownLocation]:
    """Return the locations, by name; of one purpose, if that is named."""
    query = select(LocationRow).order_by(LocationRow.name)
    wanted = LocationRow.purpose != REMOVED if purpose is None else LocationRow.purpose == purpose
    query = query.where(wanted)
    with workspace.registry.reading() as session:
        return [known(row) for row in session.scalars(query)]


def not_readable(workspace: Workspace) -> dict[str, int]:
    """Return how many items the last crawl could not read, by content location, where any."""
    statuses = {
        each.name: each.counts.get("by_status", {}) for each in locations(workspace, "content")
    }
    counts = {
        name: sum(count for status, count in found.items() if not has_text(status))
        for name, found in statuses.items()
    }
    return {name: count for name, count in counts.items() if count}


def location_named(workspace: Workspace, name: str) -> KnownLocation:
    """Return one location.

    Raises:
        NotFound: code ``unknown-location``; the sentence offers near matches.
    """
    with workspace.registry.reading() as session:
        return known(location_row(session, name))


def require_content(workspace: Workspace, names: Iterable[str]) -> None:
    """Do nothing when each name is that of a location of content, crawled or not.

    Raises:
        NotFound: code ``unknown-location``.
        InvalidInput: code ``not-content``; seeds and test items are set aside.
    """
    with workspace.registry.reading() as session:
        for name in names:
            _require_purpose(session, location_row(session, name))


def resolve_source(workspace: Workspace, text: str) -> Source:
    """Return what ``site/library/folder`` names, or a folder or URL inside a known location.

    Raises:
        NotFound: code ``unknown-location``; no location has that name or holds that folder.
        InvalidInput: code ``no-source``; the text is empty.
    """
    if not text.strip():
        raise InvalidInput("no-source", "No folder is named. Name one as site/library/folder.")
    known = locations(workspace)
    site, _, below = text.strip().partition("/")
    if any(each.name == site for each in known):
        library, _, folder = below.strip("/").partition("/")
        return Source(site, library, folder)
    place = place_of(text)
    inside = [each for each in known if is_below(place, place_of(each.url))]
    if inside:
        return _below(max(inside, key=lambda each: len(each.url)), text)
    is_place = "://" in text or text.startswith(("/", ".", "~"))
    named = shown_place(text.strip()) if is_place else site
    raise unknown("location", named, [each.name for each in known], {"name": named})


def place_in_location(workspace: Workspace, path: str) -> str | None:
    """Return a path of this machine as lists print it, its location first; None outside of all."""
    place = place_of(path)
    for known in locations(workspace):
        root = place_of(known.url)
        if is_below(place, root):
            return f"{known.name}/{place.removeprefix(f'{root}/')}"
    return None


def _below(known: KnownLocation, text: str) -> Source:
    rest = place_of(text)[len(place_of(known.url)) :].strip("/")
    library, _, folder = rest.partition("/")
    return Source(known.name, library, folder)


def items_of(workspace: Workspace, source: Source) -> KnownLocation:
    """Return the source's location once it was crawled.

    Raises:
        NotFound: code ``unknown-location``.
        NotReady: code ``not-crawled``; the sentence says how to crawl it.
    """
    with workspace.registry.reading() as session:
        return crawled_location(session, source.site)


def crawled_location(session: Session, name: str) -> KnownLocation:
    """Return a location within a session; see ``items_of``."""
    row = location_row(session, name)
    if row.items_sha256 is None:
        raise NotReady(
            "not-crawled",
            f"The location {name} was not crawled yet, so its items are not known.",
            {"location": name},
            Remedy(NextStep.CRAWL, name),
        )
    return known(row)


def crawled_content(session: Session, name: str) -> KnownLocation:
    """Return a crawled location of content within a session; see ``require_content``."""
    _require_purpose(session, location_row(session, name))
    return crawled_location(session, name)


def _require_purpose(session: Session, row: LocationRow) -> None:
    if row.purpose == "content":
        return
    of_content = select(LocationRow.name).where(LocationRow.purpose == "content")
    names = ", ".join(session.scalars(of_content.order_by(LocationRow.name)))
    found = names or "none yet; `cultivar location add NAME FOLDER` adds one"
    raise InvalidInput(
        "not-content",
        f"The location {row.name} holds {row.purpose} items, which are set aside: only content is "
        f"classified and labelled. Locations of content: {found}.",
        {"location": row.name},
    )


def location_row(session: Session, name: str) -> LocationRow:
    """Return a location's row; see ``location_named``."""
    row = session.get(LocationRow, name)
    if row is None or row.purpose == REMOVED:
        now = name_now(renamings(session), name)
        note = f"; it is named {now} now" if now != name else ""
        raise unknown("location", name, location_names(session), {"name": name}, note=note)
    return row


def location_names(session: Session) -> list[str]:
    """Return the names of the locations that there are, in order."""
    query = select(LocationRow.name).where(LocationRow.purpose != REMOVED)
    return list(session.scalars(query.order_by(LocationRow.name)))


def known(row: LocationRow) -> KnownLocation:
    """Return a location as its row has it."""
    counts = {name: count for name, count in (row.crawl or {}).items() if name != NOTICED}
    return KnownLocation(
        row.name, row.url, row.workload, row.purpose, row.crawled_at, row.items_sha256,
        counts, dict(row.read_with or {}),
    )  # fmt: skip


def visible_locations(workspace: Workspace, actor: AnyActor) -> list[KnownLocation]:
    """Return the locations to a person who may read the area."""
    with snapshot(workspace, actor, Action.READ):
        pass
    return locations(workspace)
