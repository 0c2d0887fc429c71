"""Crawl locations: read what is new or changed into items artifacts.

It decides no more than which locations are meant.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from cultivar.core.roles import Action
from cultivar.core.vocabulary import how_many
from cultivar.operations.content.crawled_content import CrawledContent
from cultivar.operations.content.crawling import keep_crawled
from cultivar.operations.content.locations import (
    location_named,
    locations,
)
from cultivar.operations.tenant.accounts import actor_id
from cultivar.store.workspace import Workspace, open_workspace
from flows.base.claims import on_location, require_permitted_if_set_up
from flows.base.stage import stage, today
from tasks import Told, reporting, say
from tasks.checking import Asked
from tasks.crawling import crawl_location


def _named(given: Mapping[str, Any]) -> str:
    return f"crawl: {given.get('location') or 'every content location'}, {today()}"


@stage(_named)
def crawl(
    location: str | None = None,
    actor: str | None = None,
    allow_mass_deletion: bool = False,
    retry: bool = False,
) -> Told[dict[str, int]]:
    """Crawl one location, or every content location; return the number of items by location.

    Every location is crawled; where one of them fails, the run fails in the end.

    Args:
        location: The location's name; all content locations when it is left out.
        actor: Who asks; the person of the settings when it is left out.
        allow_mass_deletion: Accept that most of a location, or all of it, is gone.
        retry: Read again what could not be read, and compare every file with what was read of it.
    """
    with open_workspace() as workspace:
        person = actor_id(workspace, actor)
        require_permitted_if_set_up(workspace, person, Action.ADD_LOCATION)
        if location is not None:
            name = location_named(workspace, location).name
            found = {name: crawl_one(workspace, person, name, allow_mass_deletion, retry)}
        else:
            crawled = crawl_content(workspace, person, **({"retry": True} if retry else {}))
            crawled.require_all()
            found = crawled.items
    items, places = how_many(sum(found.values()), "item"), how_many(len(found), "location")
    return Told(found, f"Crawled {places}: {items}.")


def _rows(counts: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    """Yield a row a count, and one for each status that items have."""
    for name, value in counts.items():
        if isinstance(value, Mapping):
            yield from ({"count": f"items: {each}", "value": value[each]} for each in value)
        else:
            shown = ("yes" if value else "no") if isinstance(value, bool) else value
            yield {"count": name.replace("_", " "), "value": shown}


def crawl_content(workspace: Workspace, actor: str, **how: bool) -> CrawledContent:
    """Crawl every content location; one that cannot be crawled this time keeps its last items.

    ``how`` is as for ``crawl_one``.
    """
    found = CrawledContent()
    for known in locations(workspace, "content"):
        try:
            found.items[known.name] = crawl_one(workspace, actor, known.name, **how)
        except Exception as error:  # noqa: BLE001 - the others are crawled whatever befalls one
            refused = found.leave_out(known, error)
            reporting.show_page("crawl refused", known.name, refused.sentence)
            say(f"{known.name} is as before: {refused.sentence}", logging.WARNING)
    return found


def crawl_one(
    workspace: Workspace,
    actor: str,
    name: str,
    allow_mass_deletion: bool = False,
    retry: bool = False,
) -> int:
    """Crawl one location and make its items the newest, once their gate is open.

    Raises:
        GateClosed: the location holds nothing that could be read.
        Conflict: code ``already-running``.
    """
    with on_location(workspace, actor, name) as work:
        crawled = crawl_location(workspace, name, work.advance, allow_mass_deletion, retry)
        reporting.show_table("crawl", name, list(_rows(crawled.counts)))
        asked = Asked(about=work.name)
        keep_crawled(
            workspace, actor, name, crawled, lambda items: work.check("items", items, asked)
        )
        if lost := crawled.counts["not_found_again"]:
            # names are for those who may see items, and for no log
            say(
                f"{name}: {how_many(lost, 'item')} with labels or verdicts of people not found "
                f"again; `cultivar location show {name}` names them.",
                logging.WARNING,
            )
        return crawled.items.rows
