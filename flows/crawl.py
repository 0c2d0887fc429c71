"""Crawl locations: read what is new or changed into items artifacts.

It decides no more than which locations are meant.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from cultivar.core.errors import CultivarError, GateClosed
from cultivar.core.reference import ArtifactReference
from cultivar.core.words import how_many
from cultivar.operations.locations import location_named, locations, record_crawl, refused_crawl
from cultivar.store.workspace import Workspace, open_workspace
from flows.stage import stage, today
from flows.working import Work, on_location
from tasks import Told, reporting, say
from tasks.checking import Asked
from tasks.crawling import crawl_location


def _named(given: Mapping[str, Any]) -> str:
    return f"crawl: {given.get('location') or 'every content location'}, {today()}"


@stage(_named)
def crawl(
    location: str | None = None, actor: str | None = None, allow_mass_deletion: bool = False
) -> Told[dict[str, int]]:
    """Crawl one location, or every content location; return the number of items by location.

    Args:
        location: The location's name; all content locations when it is left out.
        actor: Who asks; the person of the settings when it is left out.
        allow_mass_deletion: Accept that most of a location is gone.
    """
    with open_workspace() as workspace:
        person = actor or workspace.settings.user
        if location is not None:
            name = location_named(workspace, location).name
            found = {name: crawl_one(workspace, person, name, allow_mass_deletion)}
            return _told(found, [])
        found = crawl_content(workspace, person)
        wanted = [each.name for each in locations(workspace, "content")]
        return _told(found, [name for name in wanted if name not in found])


def _told(found: dict[str, int], refused: list[str]) -> Told[dict[str, int]]:
    items, places = how_many(sum(found.values()), "item"), how_many(len(found), "location")
    said = f"Crawled {places}: {items}"
    if not refused:
        return Told(found, f"{said}.")
    kept = f"what is known of {', '.join(refused)} stays as it was, as the log explains"
    return Told(found, f"{said}; {kept}.", level=logging.WARNING)


def _rows(counts: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    """Yield a row a count, and one for each status that items have."""
    for name, value in counts.items():
        if isinstance(value, Mapping):
            yield from ({"count": f"items: {each}", "value": value[each]} for each in value)
        else:
            shown = ("yes" if value else "no") if isinstance(value, bool) else value
            yield {"count": name.replace("_", " "), "value": shown}


def crawl_content(workspace: Workspace, actor: str) -> dict[str, int]:
    """Crawl every content location; one that cannot be crawled this time keeps its last items.

    Raises:
        CultivarError: a location that was never crawled could not be; the first one's error.
    """
    found: dict[str, int] = {}
    for known in locations(workspace, "content"):
        try:
            found[known.name] = crawl_one(workspace, actor, known.name)
        except CultivarError as refused:
            if known.items_sha256 is None:
                raise
            reporting.show_page("crawl refused", known.name, refused.sentence)
            say(f"{known.name} keeps the items that it had: {refused.sentence}", logging.WARNING)
    return found


def crawl_one(
    workspace: Workspace, actor: str, name: str, allow_mass_deletion: bool = False
) -> int:
    """Crawl one location and make its items the newest, once their gate is open.

    Raises:
        GateClosed: the location holds nothing that could be read.
        Conflict: code ``already-running``.
    """
    with on_location(workspace, actor, name) as work:
        crawled = crawl_location(workspace, name, work.advance, allow_mass_deletion)
        reporting.show_table("crawl", name, list(_rows(crawled.counts)))
        _require_items(work, crawled.items)
        record_crawl(workspace, name, crawled.items, crawled.counts, actor)
        return crawled.items.rows


def _require_items(work: Work, items: ArtifactReference) -> None:
    """Check the gate of the items; a refusal names the location."""
    try:
        work.check("items", items, Asked(about=work.name))
    except GateClosed as closed:
        raise refused_crawl(work.workspace, work.name, closed) from None
