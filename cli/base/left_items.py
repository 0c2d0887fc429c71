"""Items that no crawl finds any more although something that people gave rests on them.

Their names are shown to those who may see items, and stand in no log.
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cli.base.session import Session
from cli.terminal.tables import show_table
from cultivar import operations
from cultivar.core.errors import NotPermitted
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from cultivar.operations.content.left_items import LeftItem


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


def show_how_many_left(console: "Console", left: "Mapping[str, int]") -> None:
    """Count them by location, and say what names them."""
    for name, count in left.items():
        console.print(
            f"{how_many(count, 'item')} of {name} with labels or verdicts of people cannot be "
            f"found any more: `cultivar location show {name}`.",
            markup=False,
        )
