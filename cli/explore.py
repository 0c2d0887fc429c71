"""Commands of the content explorer: list, count, open, and what there is to filter by.

Who may see what is the operations' to say.
"""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.base.confirmation import confirmed_overwriting
from cli.base.files import written_aside
from cli.base.help import (
    Sorted,
    command,
    known_locations,
    same_command,
    yes_option,
)
from cli.base.session import Session
from cli.base.sources import item_meant
from cli.explorer_options import filter_options, filters_of, page_options
from cli.terminal.tables import Ids, show_table
from cli.terminal.texts import strong
from cultivar import operations
from cultivar.content.formats import type_in_words
from cultivar.core.figures import LEGEND, PROBABILITY, probability
from cultivar.core.serialisation import as_json
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.operations.content.explorer import Filters
    from cultivar.operations.content.explorer_answers import (
        ClassifierEntry,
        ExplorerGroups,
        FolderCounts,
        ListedItem,
        Listing,
    )
    from cultivar.operations.content.items import Content

ORDERS = (
    "place", "close matches first", "highest score", "lowest score", "newest", "oldest",
)  # fmt: skip


@click.group(cls=Sorted)
def explore() -> None:
    """Look through what is listed and labelled, folder by folder."""


@filter_options
@click.option("--order", type=click.Choice(ORDERS), default="place", show_default=True)
@page_options
@click.option("--limit", type=click.IntRange(1, 1000), help="Rows of a page, 50 if left out.")
@click.option(
    "--csv", "target", type=click.Path(dir_okay=False, path_type=Path),
    help="Write all that the filters show, or --limit rows of it, as CSV.",
)  # fmt: skip
@yes_option
def list_(
    session: Session,
    *,
    order: str,
    page: int,
    after: str | None,
    limit: int | None,
    target: Path | None,
    yes: bool,
    **options: Any,
) -> None:
    """List items that match, nearly match or are labelled; a page at a time.

    With --json, `after` is the cursor of the next page, and null after the last one.
    """
    if target is not None:
        confirmed_overwriting(session, target, yes)
        _write(session, target, filters_of(options), order, limit)
        return

    found = operations.content.explore(
        session.workspace, session.actor, filters_of(options), order=order, after=after,
        limit=limit or 50, page=page,
    )  # fmt: skip
    session.answer(
        {
            "items": found.rows, "after": found.next, "aggregated_at": found.aggregated_at,
            "stale": found.stale,
        },
        lambda console: _table(console, found),
        _next_page(session, found.next, page),
    )  # fmt: skip


def _next_page(session: Session, after: str | None, page: int) -> str | None:
    """Return the command of the next page for a person; a script has the cursor."""
    return same_command(page=page + 1) if after and not session.json else None


def _write(
    session: Session, target: Path, filters: "Filters", order: str, limit: int | None
) -> None:
    # spreadsheets take the byte order mark as a sign of UTF-8
    with written_aside(target, "utf-8-sig") as file:
        rows = operations.content.write_csv(
            session.workspace, session.actor, file, filters, order=order, limit=limit
        )
    session.answer(
        {"rows": rows, "file": str(target)},
        lambda console: console.print(f"{rows:,} rows written to {target}.", markup=False),
    )


def _table(console: "Console", found: "Listing") -> None:
    columns = (
        "Location", "Path", "Classifier", "Prediction", PROBABILITY, "Labels", "Changed",
        Ids("Item"),
    )  # fmt: skip
    if found.rows:
        show_table(console, columns, [_row(each) for each in found.rows], lead="Path")
        if any(each.score is not None for each in found.rows):
            console.print(LEGEND)
    else:
        console.print("Nothing is listed under these filters.")
    console.print(_age(found.aggregated_at, found.stale))


def _row(each: "ListedItem") -> list[str]:
    score = probability(each.score) if each.score is not None else ""
    labels = ", ".join(label.label for label in each.labels)
    return [
        each.location, each.path, each.classifier or "", each.prediction or "", score,
        labels, f"{each.modified_at:%Y-%m-%d}", each.item_id,
    ]  # fmt: skip


def _age(at: datetime, stale: bool) -> str:
    behind = "; something changed since: `cultivar explore refresh`" if stale else ""
    return f"Last aggregated at {at:%Y-%m-%d %H:%M} UTC{behind}."


@filter_options
@page_options
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=200,
    show_default=True,
    help="Folders of a page.",
)
def counts(session: Session, *, page: int, after: str | None, limit: int, **options: Any) -> None:
    """Count matches and close matches, in all and folder by folder.

    With --json, `after` is the cursor of further folders, and null after the last one.
    """
    found = operations.content.folder_counts(
        session.workspace, session.actor, filters_of(options), after=after, limit=limit, page=page
    )
    then = _next_page(session, found.next, page)
    # the key `next` of an answer says what to do next
    told = {("after" if name == "next" else name): value for name, value in as_json(found).items()}
    session.answer(told, lambda console: _folders(console, found), then)


def _folders(console: "Console", found: "FolderCounts") -> None:
    rows = [
        [each.location, each.folder, f"{each.matches:,}", f"{each.close_matches:,}",
         f"{each.predictions:,}"]
        for each in found.folders
    ]  # fmt: skip
    if rows:
        columns = ("Location", "Folder", "Match", "Close match", "All")
        show_table(console, columns, rows, lead="Folder")
    else:
        console.print("Nothing is listed under these filters.")
    console.print(f"In all {found.predictions:,}: {_matches(found)}.")
    console.print(_age(found.aggregated_at, found.stale))


def _matches(found: "FolderCounts | ClassifierEntry") -> str:
    close = how_many(found.close_matches, "close match", "close matches")
    return f"{how_many(found.matches, 'match', 'matches')}, {close}"


def groups(session: Session) -> None:
    """Show what there is to filter by: trainable classifiers, labels and types."""
    found = operations.content.explorer_groups(session.workspace, session.actor)
    session.answer(found, lambda console: _groups(console, found))


def _groups(console: "Console", found: "ExplorerGroups") -> None:
    for group in found.groups:
        console.print(strong(group.group))
        if not group.entries:
            console.print("  none")
        for each in group.entries:
            if isinstance(each, operations.content.LabelEntry):
                console.print(f"  {each.label}: {how_many(each.items, 'item')}", markup=False)
            else:
                console.print(f"  {each.name}: {_matches(each)}", markup=False)
    types = sorted({type_in_words(each) for each in found.types})
    console.print(f"Types: {', '.join(types) or 'none'}")
    console.print(_age(found.aggregated_at, found.stale))


@click.argument("item")
@click.option("--location", shell_complete=known_locations, help="Of this location.")
def open_(session: Session, item: str, location: str | None) -> None:
    """Open ITEM and print its text; that you did is on record.

    ITEM is an id or the start of one (six characters or more), a path with or without its
    location or from the current folder, or a name that only one item has.
    """
    meant = item if location is not None else item_meant(session, item)
    found = operations.content.open_item(session.workspace, session.actor, meant, location=location)
    session.answer({"item": found}, lambda console: _content(console, found))


def _content(console: "Console", found: "Content") -> None:
    told = f"{found.location}/{found.path}, {found.media_type}, {found.size:,} bytes"
    console.print(strong(told), overflow="fold")
    text = found.text if found.text is not None else f"No text: {found.reason or found.status}."
    console.print(text)


@click.option("--rebuild", is_flag=True, help="Aggregate again even if nothing changed.")
@click.option("--anew", "rebuild", is_flag=True, hidden=True, help="The former name of --rebuild.")
def refresh(session: Session, rebuild: bool) -> None:
    """Aggregate what was labelled and decided since the last time."""
    with session.working("Aggregating") as account:
        at = operations.content.aggregate(
            session.workspace, session.actor, rebuild=rebuild,
            advance=lambda done, total: account(f"Aggregating location {done + 1} of {total}"),
        )  # fmt: skip
    session.answer(
        {"aggregated_at": at}, lambda console: console.print(_age(at, stale=False)),
        "cultivar explore groups",
    )  # fmt: skip


def add_to(program: click.Group) -> None:
    """Register the commands."""
    program.add_command(explore)
    command(explore, "groups", examples=("cultivar explore groups",))(groups)
    command(
        explore,
        "counts",
        examples=("cultivar explore counts --classifier complaints --match",),
        then="`cultivar explore list --folder FOLDER` lists the items of one.",
    )(counts)
    command(
        explore,
        "list",
        examples=(
            'cultivar explore list --classifier complaints --order "close matches first"',
            "cultivar explore list --label Contract --type pdf --since 2026-01-01",
            "cultivar explore list --location mail --match --csv matches.csv",
        ),
        then="`cultivar explore open ITEM` opens one; `cultivar feedback` judges them.",
    )(list_)
    command(explore, "open", examples=("cultivar explore open 4f0c2a91",))(open_)
    command(explore, "refresh", examples=("cultivar explore refresh",))(refresh)
