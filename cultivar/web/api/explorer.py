"""The content explorer: groups to filter by, listed items, folders with counts, one item's content.

Who sees items and who opens content is the operations' to say; each opening is on record.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Query
from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from cultivar.operations.content.explorer import Filters, explore, explorer_groups, folder_counts
from cultivar.operations.content.items import open_item
from cultivar.operations.content.left_items import left_items
from cultivar.operations.content.locations import location_named
from cultivar.web.api.routing import Page, answer_of, page_of, router_of
from cultivar.web.context import Context, CurrentUser
from cultivar.web.pagination import Paging

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")
router = router_of("explorer")
Text = Annotated[str | None, Query(max_length=1_000)]
Score = Annotated[float | None, Query(ge=0, le=1)]


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("the moment is out of range") from None


def _written_out(moment: object) -> object:
    # a number alone would be taken for seconds since 1970, and a year for half an hour of them
    if not isinstance(moment, str) or not _MOMENT.match(moment):
        raise ValueError("a moment is written as 2024-05-01T00:00:00Z")
    return moment


Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_utc)]


async def places(
    workload: Text = None, location: Text = None, folder: Text = None, name: Text = None
) -> dict[str, Any]:
    """Return where to look."""
    return {"workload": workload, "location": location, "folder": folder, "name": name}


async def verdicts(
    classifier: Text = None, prediction: Text = None, label: Text = None,
    labelled: bool | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return which predictions and labels to show."""
    return {
        "classifier": classifier,
        "prediction": prediction,
        "label": label,
        "labelled": labelled,
    }


async def filters(
    where: Annotated[dict[str, Any], Depends(places)],
    what: Annotated[dict[str, Any], Depends(verdicts)],
    score_from: Score = None,
    score_to: Score = None,
    media: Annotated[str | None, Query(alias="type", max_length=200)] = None,
) -> dict[str, Any]:
    """Return what to show, times aside."""
    return where | what | {"score_from": score_from, "score_to": score_to, "type": media}


async def wanted(
    shown: Annotated[dict[str, Any], Depends(filters)],
    since: Annotated[Moment | None, Query()] = None,
    until: Annotated[Moment | None, Query()] = None,
) -> Filters:
    """Return what to show."""
    return Filters(**shown, since=since, until=until)


Wanted = Annotated[Filters, Depends(wanted)]


class ExplorerPage(Page):
    """A page of items; ``stale`` tells that something changed since ``aggregated_at``."""

    aggregated_at: datetime
    stale: bool


@router.get("/explorer/groups")
def show_groups(context: Context, user: CurrentUser) -> dict[str, Any]:
    """Show what there is to filter by, with counts; names no item and no folder."""
    return answer_of(explorer_groups(context.workspace, user.actor))


@router.get("/explorer/items")
def show_items(
    context: Context,
    user: CurrentUser,
    shown: Wanted,
    paging: Paging,
    order: Annotated[str, Query(max_length=100)] = "place",
) -> ExplorerPage:
    """List items with their predictions and labels."""
    found = explore(
        context.workspace,
        user.actor,
        shown,
        order=order,
        after=paging.cursor,
        limit=paging.limit,
    )
    rows = answer_of(found)["rows"]
    return ExplorerPage(
        items=rows, next=found.next, aggregated_at=found.aggregated_at, stale=found.stale
    )


@router.get("/explorer/folders")
def show_folders(
    context: Context, user: CurrentUser, shown: Wanted, paging: Paging
) -> dict[str, Any]:
    """Show how many matches there are, in all and in each folder that has some."""
    found = folder_counts(
        context.workspace, user.actor, shown, after=paging.cursor, limit=paging.limit
    )
    return answer_of(found)


@router.get("/explorer/not-found-again")
def show_left(context: Context, user: CurrentUser, paging: Paging, location: Text = None) -> Page:
    """List items that no crawl finds any more although something that a person gave rests on them.

    The latest come first; each says what rests on it.
    """
    if location is not None:
        location_named(context.workspace, location)
    found = left_items(context.workspace, user.actor, location)
    return page_of(
        found, lambda each: [-each.left_at.timestamp(), each.location, each.item_id], paging
    )


@router.get("/explorer/items/{item}")
def show_content(
    context: Context,
    user: CurrentUser,
    item: Annotated[str, Path(min_length=1, max_length=1_000)],
    location: Text = None,
) -> dict[str, Any]:
    """Open an item, which stays on record."""
    return answer_of(open_item(context.workspace, user.actor, item, location=location))
