"""Locations: added, listed, crawled, renamed, removed; the opt-in; content classified.

Where a key may point Cultivar is a setting's to say, as a server reads what its account can.
"""

from typing import Annotated, Any, Literal

from fastapi import Path, Query, Response
from pydantic import BaseModel, Field

from cultivar.core.roles import Action
from cultivar.operations.content.locations import (
    KnownLocation,
    add_location,
    location_named,
    visible_locations,
)
from cultivar.operations.content.noticed import noticed_at
from cultivar.operations.content.places import require_permitted_place
from cultivar.operations.content.removal import location_uses, remove_location
from cultivar.operations.content.renaming import rename_location
from cultivar.operations.content.unreadable import unreadable_items
from cultivar.operations.runs import failed_crawls
from cultivar.operations.scoring.labelling import labelling_due, labellings
from cultivar.operations.tenant.opting_in import plan_opt_in
from cultivar.operations.transactions import TENANT, require_permitted
from cultivar.web.api.routing import Body, Page, answer_of, page_of, router_of
from cultivar.web.api.runs import Accepted, begin
from cultivar.web.context import Context, CurrentUser
from cultivar.web.pagination import Paging

router = router_of("locations")
LocationName = Annotated[
    str, Path(min_length=1, max_length=200, description="Name of the location.")
]
Names = Annotated[list[str] | None, Field(max_length=1_000)]


class LocationBody(Body):
    """A place where content lives: an fsspec URL or a folder of the server."""

    name: str = Field(min_length=1, max_length=200)
    url: str = Field(min_length=1, max_length=2_000)
    workload: str = "files"
    purpose: Literal["content", "seed", "test"] = "content"


class NameBody(Body):
    """The new name."""

    name: str = Field(min_length=1, max_length=200)


class CrawlBody(Body):
    """How to crawl: accept that most of the files are gone; read again what was not readable."""

    allow_mass_deletion: bool = False
    retry: bool = False


class PlacesBody(Body):
    """The locations that are meant; all crawled content when left out."""

    locations: Names = None


class LocationAnswer(BaseModel):
    """A location, with the counts of its last crawl; ``failed`` says why that failed, if it did."""

    name: str
    place: str
    workload: str
    purpose: str
    crawled_at: str | None
    counts: dict[str, Any]
    failed: dict[str, Any] | None


@router.get("/locations")
def show_locations(context: Context, user: CurrentUser, paging: Paging) -> Page:
    """List the locations by name."""
    found = visible_locations(context.workspace, user.actor)
    failed = failed_crawls(context.workspace)
    shown = [_shown(each, failed).model_dump() for each in found]
    return page_of(shown, lambda each: [each["name"]], paging)


@router.post("/locations", status_code=201)
def add(context: Context, user: CurrentUser, given: LocationBody) -> LocationAnswer:
    """Add a location; the same one again changes nothing. Crawling it is asked for by itself."""
    require_permitted(context.workspace, user.actor, Action.ADD_LOCATION)
    require_permitted_place(given.url, context.workspace.settings.web_places)
    added = add_location(
        context.workspace, user.actor, given.name, given.url, given.workload, purpose=given.purpose
    )
    return _shown(added, failed_crawls(context.workspace))


@router.get("/locations/{name}")
def show(context: Context, user: CurrentUser, name: LocationName) -> dict[str, Any]:
    """Show a location: what could not be read, what the last crawl noticed, what refers to it."""
    workspace = context.workspace
    require_permitted(workspace, user.actor, Action.SEE_ITEMS)
    found = _shown(location_named(workspace, name), failed_crawls(workspace))
    return answer_of(
        {
            "location": found.model_dump(),
            "unreadable": unreadable_items(workspace, user.actor, name),
            "noticed": noticed_at(workspace, user.actor, name),
        }
    )


@router.get("/locations/{name}/uses")
def show_uses(context: Context, user: CurrentUser, name: LocationName) -> dict[str, Any]:
    """Show what refers to a location, which is worth a look before it is removed."""
    return answer_of(location_uses(context.workspace, user.actor, name))


@router.delete("/locations/{name}", status_code=204, response_class=Response)
def remove(context: Context, user: CurrentUser, name: LocationName) -> None:
    """Remove a location: it is crawled and labelled no more; its files stay as they are."""
    remove_location(context.workspace, user.actor, name)


@router.put("/locations/{name}/name")
def rename(
    context: Context, user: CurrentUser, name: LocationName, given: NameBody
) -> dict[str, Any]:
    """Rename a location, with all that refers to it."""
    made = rename_location(context.workspace, user.actor, name, given.name)
    shown = _shown(made.location, failed_crawls(context.workspace))
    return answer_of(made) | {"location": shown.model_dump()}


@router.post("/locations/{name}/crawl", status_code=202)
def crawl(
    context: Context, user: CurrentUser, name: LocationName, given: CrawlBody, response: Response
) -> Accepted:
    """Begin to read what is new or changed in a location."""
    require_permitted(context.workspace, user.actor, Action.ADD_LOCATION)
    known = location_named(context.workspace, name)
    wanted = {"location": known.name, "actor": user.person, **given.model_dump()}
    return begin(context, response, "crawl", wanted, f"location:{known.name}")


@router.post("/tenant/opt-in", status_code=202)
def opt_in(context: Context, user: CurrentUser, response: Response) -> Accepted:
    """Begin to crawl all content and take the baseline, which the first classifier needs."""
    plan_opt_in(context.workspace, user.actor)
    return begin(context, response, "opt_in", {"actor": user.person}, f"{TENANT}:opt_in")


@router.get("/labellings")
def show_labellings(
    context: Context,
    user: CurrentUser,
    paging: Paging,
    location: Annotated[str | None, Query(max_length=200)] = None,
) -> Page:
    """List how many items of each location match each published classifier."""
    found = labellings(context.workspace, user.actor)
    if location is not None:
        name = location_named(context.workspace, location).name
        found = [each for each in found if each.location == name]
    return page_of(found, lambda each: [each.location, each.classifier], paging)


@router.post("/labellings", status_code=202)
def label(context: Context, user: CurrentUser, given: PlacesBody, response: Response) -> Accepted:
    """Begin to classify what is new at locations by every published classifier."""
    labelling_due(context.workspace, user.actor, given.locations)
    wanted = {"locations": given.locations, "actor": user.person}
    return begin(context, response, "labelling", wanted, f"{TENANT}:labelling")


def _shown(known: KnownLocation, failed: Any) -> LocationAnswer:
    plain = answer_of({"at": known.crawled_at, "failed": failed.get(known.name)})
    return LocationAnswer(
        name=known.name, place=known.place, workload=known.workload, purpose=known.purpose,
        crawled_at=plain["at"], counts=dict(known.counts), failed=plain["failed"],
    )  # fmt: skip
