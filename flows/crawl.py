"""Crawl locations: read what is new or changed into items artifacts.

It decides no more than which locations are meant.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cultivar.core.errors import CultivarError
from cultivar.core.roles import Action
from cultivar.core.vocabulary import how_many
from cultivar.operations.content.crawling import keep_crawled, not_all_crawled
from cultivar.operations.content.locations import (
    location_named,
    locations,
)
from cultivar.store.workspace import Workspace, open_workspace
from flows.claims import on_location, require_permitted_if_set_up
from flows.stage import stage, today
from tasks import Told, reporting, say
from tasks.checking import Asked
from tasks.crawling import crawl_location

EMPTY = "no-items"


def _named(given: Mapping[str, Any]) -> str:
    return f"crawl: {given.get('location') or 'every content location'}, {today()}"


@dataclass(frozen=True, slots=True)
class CrawledContent:
    """The number of items of each location that was crawled, and why the others were not.

    ``unknown`` are those that were never crawled, so that nothing is known of them.
    """

    items: dict[str, int] = field(default_factory=dict)
    failed: dict[str, CultivarError] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def require_all(self) -> None:
        """Raise what tells of every location that was not crawled, if there is one."""
        if len(self.failed) == 1 and not self.items:
            raise next(iter(self.failed.values()))
        if self.failed:
            raise not_all_crawled(len(self.items), self.failed)

    def require_known(self) -> None:
        """Raise the error of the first location of which nothing can be known.

        An empty location holds nothing to know, so it is left out where another one holds items.
        """
        others = [name for name in self.unknown if self.failed[name].code != EMPTY]
        holds_items = self.items or self.failed.keys() - set(self.unknown)
        if others or (self.unknown and not holds_items):
            raise self.failed[(others or self.unknown)[0]]

    @property
    def warning(self) -> str:
        """A sentence on the locations that were not crawled; nothing where all were."""
        names = [name for name in self.failed if name not in self.unknown]
        kept = f" Not crawled this time, so as before: {', '.join(names)}." if names else ""
        left_out = f" Never crawled, so left out: {', '.join(self.unknown)}."
        return kept + (left_out if self.unknown else "")


@stage(_named)
def crawl(
    location: str | None = None, actor: str | None = None, allow_mass_deletion: bool = False
) -> Told[dict[str, int]]:
    """Crawl one location, or every content location; return the number of items by location.

    Every location is crawled; where one of them fails, the run fails in the end.

    Args:
        location: The location's name; all content locations when it is left out.
        actor: Who asks; the person of the settings when it is left out.
        allow_mass_deletion: Accept that most of a location is gone.
    """
    with open_workspace() as workspace:
        person = actor or workspace.settings.user
        require_permitted_if_set_up(workspace, person, Action.ADD_LOCATION)
        if location is not None:
            name = location_named(workspace, location).name
            found = {name: crawl_one(workspace, person, name, allow_mass_deletion)}
        else:
            crawled = crawl_content(workspace, person)
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


def crawl_content(workspace: Workspace, actor: str) -> CrawledContent:
    """Crawl every content location; one that cannot be crawled this time keeps its last items."""
    found = CrawledContent()
    for known in locations(workspace, "content"):
        try:
            found.items[known.name] = crawl_one(workspace, actor, known.name)
        except Exception as error:  # noqa: BLE001 - the others are crawled whatever befalls one
            refused = _refusal_of(error)
            reporting.show_page("crawl refused", known.name, refused.sentence)
            say(f"{known.name} is as before: {refused.sentence}", logging.WARNING)
            if known.items_sha256 is None:
                found.unknown.append(known.name)
            elif refused.code == "already-running":
                # somebody else crawls it at this moment
                continue
            found.failed[known.name] = refused
    return found


def _refusal_of(error: Exception) -> CultivarError:
    """Return an error as a refusal; of a defect, which its step has told, the kind alone."""
    if isinstance(error, CultivarError):
        return error
    return CultivarError("defect", f"A defect of Cultivar: {type(error).__name__}.")


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
        asked = Asked(about=work.name)
        keep_crawled(
            workspace, actor, name, crawled, lambda items: work.check("items", items, asked)
        )
        return crawled.items.rows
