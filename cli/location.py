"""Commands about locations: add, list, crawl.

What a location is and how it is read is decided in ``content``.
"""

import shlex
from typing import TYPE_CHECKING, Any

import click

from cli.base.confirmation import confirmed
from cli.base.crawls import crawl_location
from cli.base.defects import interrupted, told
from cli.base.help import Sorted, command, known_locations, location_argument, yes_option
from cli.base.left_items import left_by, show_left
from cli.base.next_command import after_classifying
from cli.base.session import Session, write_json
from cli.base.sources import require_folder
from cli.terminal.tables import show_table
from cli.terminal.texts import strong
from cultivar import operations
from cultivar.content.locations import Location
from cultivar.core.errors import CultivarError, NotReady
from cultivar.core.texts.reading_status import OK
from cultivar.core.vocabulary import WORKLOADS, how_many

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from cultivar.operations.content.left_items import LeftItem
    from cultivar.operations.content.locations import KnownLocation
    from cultivar.operations.content.renaming import Renamed
    from cultivar.operations.content.unreadable import UnreadableItem
    from cultivar.operations.runs import FailedCrawl

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
    # what is refused sets nothing up
    place = Location(name, require_folder(url), workload)
    session.set_up()
    added = operations.content.add_location(
        session.workspace, session.actor, name, place.url, workload, purpose=purpose
    )
    counts = crawl_location(session, added) if at_once else None
    session.answer(
        {"location": _plain(added), "crawl": counts},
        lambda console: console.print(f"Added {name} ({workload}, {purpose}): {added.url}"),
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


@click.option(
    "--allow-mass-deletion",
    is_flag=True,
    help="Accept a crawl that finds less than half of the files, or none.",
)
@click.option(
    "--from-scratch",
    is_flag=True,
    help="Read every file again; mends damaged items.",
)
@click.option(
    "--retry",
    is_flag=True,
    help="Read again what could not be read, and compare every file with what was read of it.",
)
@location_argument
def crawl(session: Session, locations: tuple[str, ...], **how: bool) -> None:
    """Read what is new or changed in LOCATIONS, or in all of them.

    Where one location fails, the others are crawled all the same.
    """
    known = (
        [operations.content.location_named(session.workspace, each) for each in locations]
        if locations
        else operations.content.visible_locations(session.workspace, session.actor)
    )
    if not known:
        raise NotReady(
            "no-location", "There is no location yet. `cultivar location add NAME FOLDER` adds one."
        )
    counts: dict[str, dict[str, Any]] = {}
    failed: dict[str, CultivarError] = {}
    for each in known:
        try:
            counts[each.name] = crawl_location(session, each, **how)
        except Exception as error:
            if len(known) == 1 or interrupted(error):
                raise
            failed[each.name] = error if isinstance(error, CultivarError) else told(error)
    if not failed:
        answer: dict[str, Any] = {"crawled": counts}
        left = left_by(session, counts)
        answer["not_found_again"] = left
        session.answer(answer, lambda console: _crawls(console, counts, left), _then(session))
        return
    refused = operations.content.not_all_crawled(len(counts), failed)
    if not session.json:
        _crawls(session.console, counts, left_by(session, counts))
        raise refused
    write_json({"crawled": counts} | _errors(refused, failed))
    click.get_current_context().exit(1)


def _errors(refused: "CultivarError", failed: "Mapping[str, CultivarError]") -> dict[str, Any]:
    said = {name: {"code": each.code, "message": each.sentence} for name, each in failed.items()}
    return {"failed": said, "error": {"code": refused.code, "message": refused.sentence}}


@click.argument("name", shell_complete=known_locations)
@click.option("--limit", default=50, show_default=True, help="How many items are shown.")
def show(session: Session, name: str, limit: int) -> None:
    """Show the items of the location NAME that are not read, or in part, with the reasons.

    It also names the items that are gone although a label by hand or a verdict rests on them.
    """
    known = operations.content.location_named(session.workspace, name)
    found = operations.content.unreadable_items(session.workspace, session.actor, name)
    left = operations.content.left_items(session.workspace, session.actor, name)
    session.answer(
        {"location": _plain(known), "unreadable": found, "not_found_again": left},
        lambda console: _unreadable(console, found, limit, left),
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
        {"removed": removed.name, "url": removed.url, "uses": uses},
        lambda console: console.print(f"Removed {name}; {removed.url} is left as it is."),
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
        "cultivar label" if made.location.items_sha256 else f"cultivar crawl {shlex.quote(new)}",
    )


def _renamed(before: str, made: "Renamed") -> str:
    said = f"{before} is named {made.location.name} now."
    if made.policies:
        said += f" Policies with a version that says so: {', '.join(made.policies)}."
    return said


def _unreadable(
    console: "Console", rows: "list[UnreadableItem]", limit: int, left: "list[LeftItem]"
) -> None:
    show_left(console, left)
    if not rows:
        console.print("Every item is read in full.")
        return
    cells = [[row.path, row.status, row.reason or ""] for row in rows[:limit]]
    show_table(console, ("Path", "Status", "Reason"), cells)
    if len(rows) > limit:
        console.print(f"{len(rows) - limit:,} more; --limit {len(rows)} shows all.")


def _then(session: Session) -> str:
    if operations.tenant.tenant_state(session.workspace, session.actor).opt_in_status != "opted in":
        return "cultivar opt-in"
    classifiers = operations.classifiers.list_classifiers(session.workspace, session.actor)
    if any(each.published_version for each in classifiers):
        return after_classifying(session)
    return 'cultivar create "NAME" --seeds SITE/FOLDER'


def _crawls(console: "Console", counts: dict[str, dict[str, Any]], left: "list[LeftItem]") -> None:
    for name, found in counts.items():
        statuses = ", ".join(
            f"{number:,} {status}" for status, number in found["by_status"].items()
        )
        console.print(
            f"{strong(name)}: {how_many(found['items'], 'item')} in "
            f"{how_many(found['found'], 'file')}{_more_than_files(found)} "
            f"{statuses and f'({statuses}); '}{found['added']:,} added, "
            f"{found['changed']:,} changed, "
            f"{found['deleted']:,} deleted, {_moved(found)}"
            f"{how_many(found['duplicates'], 'duplicate')}, "
            f"{how_many(found['near_duplicates'], 'near-duplicate')}"
        )
        if not found["complete"]:
            console.print(
                "  Some folders could not be listed, so nothing below them counts as deleted; "
                f"`cultivar location show {name}` names them.",
                markup=False,
            )
    show_left(console, left)


def _moved(found: "Mapping[str, Any]") -> str:
    return f"{how_many(found['moved'], 'item')} moved, " if found["moved"] else ""


def _more_than_files(found: "Mapping[str, Any]") -> str:
    """Explain why there are more items than files, where there are."""
    several = found["items"] > found["found"]
    return ", as a mailbox or an archive holds several" if several else ""


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
    command(
        program,
        "crawl",
        examples=("cultivar crawl", "cultivar crawl sites mail"),
        then="Only what changed is read again. Unreadable files are listed with a reason, never "
        "dropped. After the first crawl: `cultivar opt-in`.",
    )(crawl)
