"""Commands about locations: add, list, crawl.

What a location is and how it is read is the content room's.
"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from cultivar.core.words import WORKLOADS, how_many
from flows.cli.session import Session
from flows.cli.teaching import Sorted, command, known_locations, location_argument
from flows.cli.texts import strong

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.operations.locations import KnownLocation

PURPOSES = ("content", "seed", "test")


@click.group(cls=Sorted)
def location() -> None:
    """Add, list and remove the places where content lives."""


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
    from cultivar.operations.locations import add_location
    from flows.cli.crawls import crawl_location
    from flows.cli.places import require_folder

    session.set_up()
    added = add_location(
        session.workspace, session.actor, name, require_folder(url), workload, purpose=purpose
    )
    counts = crawl_location(session, added) if at_once else None
    session.answer(
        {"location": _plain(added), "crawl": counts},
        lambda console: console.print(f"Added {name} ({workload}, {purpose}): {added.url}"),
        "cultivar opt-in" if at_once else f"cultivar crawl {name}",
    )


def list_all(session: Session) -> None:
    """List the locations, with the counts of their last crawl."""
    from cultivar.operations.locations import visible_locations

    found = visible_locations(session.workspace, session.actor)
    session.answer(
        {"locations": [_plain(each) for each in found]},
        lambda console: _table(console, found),
        None if found else "cultivar location add NAME FOLDER",
    )


@click.option("--allow-mass-deletion", is_flag=True, help="Believe it when most files are gone.")
@location_argument
def crawl(session: Session, locations: tuple[str, ...], allow_mass_deletion: bool) -> None:
    """Read what is new or changed in LOCATIONS, or in all of them."""
    from cultivar.core.errors import NotReady
    from cultivar.operations.locations import location_named, visible_locations
    from flows.cli.crawls import crawl_location

    known = (
        [location_named(session.workspace, each) for each in locations]
        if locations
        else visible_locations(session.workspace, session.actor)
    )
    if not known:
        raise NotReady(
            "no-location", "There is no location yet. `cultivar location add NAME FOLDER` adds one."
        )
    counts = {
        each.name: crawl_location(session, each, allow_mass_deletion=allow_mass_deletion)
        for each in known
    }
    session.answer({"crawled": counts}, lambda console: _crawls(console, counts), _then(session))


@click.argument("name", shell_complete=known_locations)
@click.option("--limit", default=50, show_default=True, help="How many items are shown.")
def show(session: Session, name: str, limit: int) -> None:
    """Show the items of the location NAME that cannot be read, with the reasons."""
    from cultivar.operations.locations import location_named
    from cultivar.operations.unreadable import unreadable_items

    known = location_named(session.workspace, name)
    found = unreadable_items(session.workspace, session.actor, name)
    rows = [asdict(each) for each in found]
    session.answer(
        {"location": _plain(known), "unreadable": rows},
        lambda console: _unreadable(console, rows, limit),
    )


@click.argument("name", shell_complete=known_locations)
def remove(session: Session, name: str) -> None:
    """Remove the location NAME, of which no crawl is kept. Its files stay as they are."""
    from cultivar.operations.locations import remove_location

    removed = remove_location(session.workspace, session.actor, name)
    session.answer(
        {"removed": removed.name, "url": removed.url},
        lambda console: console.print(f"Removed {name}; {removed.url} is left as it is."),
        "cultivar location list",
    )


def _unreadable(console: "Console", rows: list[dict[str, Any]], limit: int) -> None:
    from flows.cli.tables import show_table

    if not rows:
        console.print("Every item can be read.")
        return
    cells = [[row[name] or "" for name in ("path", "status", "reason")] for row in rows[:limit]]
    show_table(console, ("Path", "Status", "Reason"), cells)
    if len(rows) > limit:
        console.print(f"{len(rows) - limit:,} more; --limit {len(rows)} shows all.")


def _then(session: Session) -> str:
    from cultivar.operations.tenant import tenant_state

    opted_in = tenant_state(session.workspace, session.actor).opt_in_status == "opted in"
    return 'cultivar create "NAME" --seeds SITE/FOLDER' if opted_in else "cultivar opt-in"


def _crawls(console: "Console", counts: dict[str, dict[str, Any]]) -> None:
    for name, found in counts.items():
        statuses = ", ".join(
            f"{number:,} {status}" for status, number in found["by_status"].items()
        )
        console.print(
            f"{strong(name)}: {how_many(found['items'], 'item')} in "
            f"{how_many(found['found'], 'file')} ({statuses}); {found['added']:,} added, "
            f"{found['changed']:,} changed, {found['deleted']:,} deleted, "
            f"{how_many(found['duplicates'], 'duplicate')}, "
            f"{how_many(found['near_duplicates'], 'near-duplicate')}"
        )
        if not found["complete"]:
            console.print("  Some folders could not be listed, so nothing counts as deleted.")


def _table(console: "Console", found: "list[KnownLocation]") -> None:
    from flows.cli.tables import show_table

    if not found:
        console.print("No location yet.")
        return
    columns = ("Location", "Workload", "Purpose", "Crawled", "Items", "Not readable", "URL")
    show_table(console, columns, [_row(each) for each in found])


def _row(each: "KnownLocation") -> list[str]:
    statuses = each.counts.get("by_status", {})
    bad = ", ".join(f"{number} {name}" for name, number in statuses.items() if name != "ok")
    crawled = f"{each.crawled_at:%Y-%m-%d %H:%M}" if each.crawled_at else "never"
    items = f"{each.counts.get('items', 0):,}"
    return [each.name, each.workload, each.purpose, crawled, items, bad, each.url]


def _plain(known: "KnownLocation") -> dict[str, Any]:
    return {
        "name": known.name,
        "url": known.url,
        "workload": known.workload,
        "purpose": known.purpose,
        "crawled_at": known.crawled_at,
        "items": known.items_sha256,
        "counts": dict(known.counts),
    }


def add_to(program: click.Group) -> None:
    """Add the commands of this room."""
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
    command(location, "remove", examples=("cultivar location remove drafts",))(remove)
    command(
        program,
        "crawl",
        examples=("cultivar crawl", "cultivar crawl sites mail"),
        then="Only what changed is read again. Unreadable files are listed with a reason, never "
        "dropped. After the first crawl: `cultivar opt-in`.",
    )(crawl)
