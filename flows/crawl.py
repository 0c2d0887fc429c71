"""Crawl locations: read what is new or changed into items artifacts.

It decides no more than which locations are meant.
"""

from cultivar.core.errors import CultivarError
from cultivar.operations.locations import location_named, locations, record_crawl
from cultivar.store.workspace import Workspace, open_workspace
from flows.stage import stage
from flows.working import on_location
from tasks import reporting
from tasks.checking import check
from tasks.crawling import crawl_location


@stage("crawl: {location}")
def crawl(
    location: str | None = None, actor: str | None = None, allow_mass_deletion: bool = False
) -> dict[str, int]:
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
            return {name: crawl_one(workspace, person, name, allow_mass_deletion)}
        return crawl_content(workspace, person)


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
        rows = [{"count": key, "value": str(value)} for key, value in crawled.counts.items()]
        reporting.show_table("crawl", name, rows)
        work.show(check(workspace, "items", crawled.items)).require()
        record_crawl(workspace, name, crawled.items, crawled.counts, actor)
        return crawled.items.rows
