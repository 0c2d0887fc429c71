"""Items that no crawl finds any more although something that people gave rests on them.

Their names are shown to those who may see items, and stand in no log.
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cli.base.session import Session
from cli.terminal.tables import show_table
from cli.terminal.texts import printable
from cultivar import operations
from cultivar.core.errors import NotPermitted
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console

    from cultivar.operations.content.left_items import LeftItem
    from cultivar.operations.content.noticed import NoticedAt


def left_by(session: Session, counts: "Mapping[str, Mapping[str, Any]]") -> "list[LeftItem]":
    """Return the items that these crawls did not find again; none for who may not see items."""
    crawls = [name for name, found in counts.items() if found.get("not_found_again")]
    if not crawls:
        return []
    workspace = session.workspace
    at = {name: operations.content.location_named(workspace, name).crawled_at for name in crawls}
    with suppress(NotPermitted):
        found = operations.content.left_items(workspace, session.actor)
        return [each for each in found if at.get(each.location) == each.left_at]
    return []


def show_left(console: "Console", left: "list[LeftItem]") -> None:
    """Name them, and what rests on each."""
    if not left:
        return
    console.print(
        "Not found again, though people gave them labels or verdicts. These are kept, and stand "
        "again when the item returns:"
    )
    cells = [[each.location, each.path, "; ".join(each.resting)] for each in left]
    show_table(console, ("Location", "Path", "Rests on it"), cells)


def noticed_by(session: Session, names: "Iterable[str]") -> "dict[str, NoticedAt]":
    """Return what the last crawls noticed, by location; nothing for who may not see items."""
    with suppress(NotPermitted):
        return {
            name: operations.content.noticed_at(session.workspace, session.actor, name)
            for name in names
        }
    return {}


def show_noticed(console: "Console", name: str, found: "NoticedAt") -> None:
    """Name what a crawl noticed beside its items."""
    for folder in found.unlisted:
        console.print(
            f"Not listed in {name}: {printable(folder.path)} ({folder.reason}); nothing below it "
            "counts as deleted.",
            markup=False,
        )
    for box in found.emptied:
        console.print(
            f"Emptied in {name}: {printable(box.path)} held {how_many(box.held, 'item')} and "
            "holds none.",
            markup=False,
        )
    for item in found.found_twice:
        copies = ", ".join(map(printable, item.copies))
        console.print(
            f"Copies in {name}: what was given to {printable(item.path)} "
            f"({'; '.join(item.resting)}) was given to one of several that cannot be told apart; "
            f"the same content is at {copies}.",
            markup=False,
        )


def show_how_many_left(console: "Console", left: "Mapping[str, int]") -> None:
    """Count them by location, and say what names them."""
    for name, count in left.items():
        console.print(
            f"{how_many(count, 'item')} of {name} with labels or verdicts of people cannot be "
            f"found any more: `cultivar location show {name}`.",
            markup=False,
        )
