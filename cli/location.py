"""Commands about locations: add, list, show, rename, remove.

What a location is and how it is read is decided in ``content``.
"""

import shlex
from typing import TYPE_CHECKING, Any

import click

from cli.base.confirmation import confirmed
from cli.base.crawls import crawl_location
from cli.base.help import Sorted, command, known_locations, yes_option
from cli.base.left_items import show_left, show_noticed
from cli.base.session import Session
from cli.base.sources import require_folder
from cli.terminal.tables import show_table
from cultivar import operations
from cultivar.content.locations import Location
from cultivar.core.texts.reading_status import OK
from cultivar.core.vocabulary import WORKLOADS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from cultivar.operations.content.locations import KnownLocation
    from cultivar.operations.content.renaming import Renamed
    from cultivar.operations.content.unreadable import UnreadableItem
    from cultivar.operations.runs import FailedCrawl

PURPOSES = ("content", "seed", "test")


@click.group(cls=Sorted)
def location() -> None:
    """Add, list, rename and remove the places where content lives."""


@click.argument("name")
@click.argument("url")
@click.option("--workload", type=click.Choice(WORKLOADS), default="files", show_default=True)
@click.option(
    "--purpose",
    type=click.Choice(PURPOSES),
    default="content",
    show_default=True,
    help="content counts for the baseline and is labelled; seed and test are set aside.",
)
@click.option("--crawl", "at_once", is_flag=True, help="Crawl it at once.")
def add(
    session: Session, *, name: str, url: str, workload: str, purpose: str, at_once: bool
) -> None:
    """Add a folder or an fsspec URL as the location NAME."""
    # what is refused sets nothing up
    place = Location(name, require_folder(url), workload)
    session.set_up()
    added = operations.content.add_location(
        session.workspace, session.actor, name, place.url, workload, purpose=purpose
    )
    counts = crawl_location(session, added) if at_once else None
    session.answer(
        {"location": _plain(added), "crawl": counts},
        lambda console: console.print(f"Added {name} ({workload}, {purpose}): {added.place}"),
        "cultivar opt-in" if at_once else f"cultivar crawl {shlex.quote(name)}",
    )


def list_all(session: Session) -> None:
    """List the locations, with the counts of their last crawl."""
    found = operations.content.visible_locations(session.workspace, session.actor)
    failed = operations.runs.failed_crawls(session.workspace)
    session.answer(
        {"locations": [_plain(each) | {"failed": failed.get(each.name)} for each in found]},
        lambda console: _table(console, found, failed),
        None if found else "cultivar location add NAME FOLDER",
    )


@click.argument("name", shell_complete=known_locations)
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True,
    help="How many items are shown.",
)  # fmt: skip
def show(session: Session, name: str, limit: int) -> None:
    """Show the items of the location NAME that are not read, or in part, with the reasons.

    It also names the items that are gone although a label by hand or a verdict rests on them, and
    what the last crawl noticed: folders it could not list, emptied mailboxes, copies.
    """
    known = operations.content.location_named(session.workspace, name)
    found = operations.content.unreadable_items(session.workspace, session.actor, name)
    left = operations.content.left_items(session.workspace, session.actor, name)
    noticed = operations.content.noticed_at(session.workspace, session.actor, name)

    def tell(console: "Console") -> None:
        show_left(console, left)
        show_noticed(console, name, noticed)
        _unreadable(console, found, limit)

    session.answer(
        {"location": _plain(known), "unreadable": found, "not_found_again": left}
        | {"noticed": noticed},
        tell,
    )


@click.argument("name", shell_complete=known_locations)
def remove(session: Session, *, name: str, yes: bool) -> None:
    """Remove the location NAME: it is crawled and labelled no more. Its files stay as they are.

    What refers to it is shown first. Labels that were written into its files stay there.
    """
    uses = operations.content.location_uses(session.workspace, session.actor, name)
    if uses.sentence:
        confirmed(session, f"Remove {name}, which holds {uses.sentence}?", yes)
    removed = operations.content.remove_location(session.workspace, session.actor, name)
    session.answer(
        {"removed": removed.name, "url": removed.place, "uses": uses},
        lambda console: console.print(f"Removed {name}; {removed.place} is left as it is."),
        "cultivar location list",
    )


@click.argument("name", metavar="OLD", shell_complete=known_locations)
@click.argument("new")
def rename(session: Session, *, name: str, new: str, yes: bool) -> None:
    """Give the location OLD the name NEW; all that refers to it goes along.

    What refers to it is shown first. A policy that names it gets a version with the new name.
    """
    uses = operations.content.location_uses(session.workspace, session.actor, name)
    if uses.referring:
        question = f"Rename {name}, to which {uses.referring} refer, to {new}?"
        confirmed(session, question, yes)
    with session.working(f"Renaming {name}"):
        made = operations.content.rename_location(session.workspace, session.actor, name, new)
    session.answer(
        {"renamed": name, "location": _plain(made.location), "policies": made.policies}
        | {"uses": uses},
        lambda console: console.print(_renamed(name, made), markup=False),
        "cultivar explore refresh"
        if made.location.items_sha256
        else f"cultivar crawl {shlex.quote(new)}",
    )


def _renamed(before: str, made: "Renamed") -> str:
    said = f"{before} is named {made.location.name} now."
    if made.policies:
        said += f" Policies with a version that says so: {', '.join(made.policies)}."
    return said


def _unreadable(console: "Console", rows: "list[UnreadableItem]", limit: int) -> None:
    if not rows:
        console.print("Every item is read in full.")
        return
    cells = [[row.path, row.status, row.reason or ""] for row in rows[:limit]]
    show_table(console, ("Path", "Status", "Reason"), cells)
    if len(rows) > limit:
        console.print(f"{len(rows) - limit:,} more; --limit {len(rows)} shows all.")


def show_failed(console: "Console", failed: "Mapping[str, FailedCrawl]") -> None:
    """Show, of each location whose last crawl failed, when and why."""
    for name, each in failed.items():
        console.print(
            f"The last crawl of {name} failed on {each.at:%Y-%m-%d %H:%M} UTC: {each.reason}",
            markup=False,
        )


def _table(
    console: "Console",
    found: "list[KnownLocation]",
    failed: "Mapping[str, FailedCrawl]",
) -> None:
    if not found:
        console.print("No location yet.")
        return
    columns = ("Location", "Workload", "Purpose", "Crawled", "Items", "Not in full", "URL")
    show_table(console, columns, [_row(each) for each in found])
    show_failed(console, failed)


def _row(each: "KnownLocation") -> list[str]:
    statuses = each.counts.get("by_status", {})
    bad = ", ".join(f"{number} {name}" for name, number in statuses.items() if name != OK)
    crawled = f"{each.crawled_at:%Y-%m-%d %H:%M}" if each.crawled_at else "never"
    items = f"{each.counts.get('items', 0):,}"
    return [each.name, each.workload, each.purpose, crawled, items, bad, each.place]


def _plain(known: "KnownLocation") -> dict[str, Any]:
    return {
        "name": known.name,
        "url": known.place,
        "workload": known.workload,
        "purpose": known.purpose,
        "crawled_at": known.crawled_at,
        "items": known.items_sha256,
        "counts": dict(known.counts),
    }


def add_to(program: click.Group) -> None:
    """Register the commands."""
    program.add_command(location)
    command(
        location,
        "add",
        examples=(
            "cultivar location add sites ./documents",
            "cultivar location add mail ./mailboxes --workload exchange --crawl",
            "cultivar location add archive s3://bucket/archive",
        ),
        then="`cultivar crawl` reads it. Folders of seeds or test items need no adding: create and "
        "add-test take a path.",
    )(add)
    command(location, "list", examples=("cultivar location list", "cultivar location list --json"))(
        list_all
    )
    command(location, "show", examples=("cultivar location show sites",))(show)
    command(location, "remove", examples=("cultivar location remove drafts",))(yes_option(remove))
    command(location, "rename", examples=("cultivar location rename drafts archive",))(
        yes_option(rename)
    )
