"""Every table of the command line: whole at any width, and as it was in a pipe.

At a terminal empty columns are left out. Where the table is too wide, values that all rows share
are said once above it and ids are shortened; then long values are folded; where even that is not
enough, each row becomes a few lines. No value is ever cut.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich import box
from rich.cells import cell_len
from rich.padding import Padding
from rich.table import Table

from cli.terminal.texts import SHOWN_INSTEAD, strong

if TYPE_CHECKING:
    from rich.console import Console

# Eight digits of an id tell 10,000 items apart, and are accepted wherever an item is named.
SHORT_ID = 8
GAP = 2
# Up to this many characters a column keeps its width; a wider one may be folded down to FOLDED,
# and the one that leads the row to LED.
RIGID, FOLDED, LED = 16, 20, 28


@dataclass(frozen=True, slots=True)
class Ids:
    """The column of ids under a title, of which a pipe gets ``piped`` characters."""

    title: str
    piped: int = 12


@dataclass(slots=True)
class _Column:
    title: str
    cells: list[str]
    is_id: bool = False
    leads: bool = False

    @property
    def width(self) -> int:
        return max(cell_len(each) for each in (self.title, *self.cells))

    @property
    def least(self) -> int:
        folded = LED if self.leads else FOLDED
        return self.width if self.width <= RIGID else min(self.width, folded)


def show_table(
    console: "Console",
    columns: Sequence[str | Ids],
    rows: Sequence[Sequence[str]],
    *,
    title: str = "",
    lead: str = "",
) -> None:
    """Print rows of cells under the titles of their columns.

    Ids are given whole. ``lead`` is the column that heads a row where a row becomes lines; the
    first one unless given.
    """
    made = [_column(each, [row[at] for row in rows]) for at, each in enumerate(columns)]
    next((each for each in made if each.title == lead), made[0]).leads = True
    if console.is_terminal:
        _fit(console, made, title)
    else:
        _piped(console, columns, made, title)


def _column(column: str | Ids, cells: list[str]) -> _Column:
    lines = [cell.replace("\n", SHOWN_INSTEAD).replace("\t", SHOWN_INSTEAD) for cell in cells]
    named = column.title if isinstance(column, Ids) else column
    return _Column(named, lines, isinstance(column, Ids))


def _piped(
    console: "Console", columns: Sequence[str | Ids], made: list[_Column], title: str
) -> None:
    for column, each in zip(columns, made, strict=True):
        if isinstance(column, Ids):
            each.cells = [cell[: column.piped] for cell in each.cells]
    table = Table(*(each.title for each in made), title=title or None)
    for cells in zip(*(each.cells for each in made), strict=True):
        table.add_row(*cells)
    console.print(table)


def _fit(console: "Console", columns: list[_Column], title: str) -> None:
    if title:
        console.print(strong(title))
    if not columns[0].cells:
        return
    columns = [each for each in columns if each.leads or any(each.cells)]
    if _total(columns) > console.width:
        columns = _without_what_all_share(console, columns)
        for each in columns:
            each.cells = [cell[:SHORT_ID] for cell in each.cells] if each.is_id else each.cells
    if _total(columns, least=True) <= console.width:
        _table(console, columns)
    else:
        _lines(console, columns)


def _total(columns: Sequence[_Column], *, least: bool = False) -> int:
    widths = [each.least if least else each.width for each in columns]
    return sum(widths) + GAP * (len(widths) - 1)


def _without_what_all_share(console: "Console", columns: list[_Column]) -> list[_Column]:
    """Say once what all rows have in common, and return the other columns."""
    several = len(columns[0].cells) > 1
    shared = [c for c in columns if several and len(set(c.cells)) == 1 and not c.leads]
    if shared:
        said = "; ".join(f"{each.title} {each.cells[0]}" for each in shared)
        console.print(f"In every row: {said}.")
    return [each for each in columns if each not in shared]


def _table(console: "Console", columns: list[_Column]) -> None:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for each, width in zip(columns, _widths(columns, console.width), strict=True):
        table.add_column(each.title, width=width, overflow="fold")
    for cells in zip(*(each.cells for each in columns), strict=True):
        table.add_row(*cells)
    console.print(table)


def _widths(columns: Sequence[_Column], width: int) -> list[int]:
    """Return a width for each column: its own while there is room, narrow ones served first."""
    left = width - GAP * (len(columns) - 1) - sum(c.width for c in columns if c.width <= RIGID)
    wide = sorted((c for c in columns if c.width > RIGID), key=lambda each: each.width)
    given = {}
    for at, each in enumerate(wide):
        given[id(each)] = min(each.width, left // (len(wide) - at))
        left -= given[id(each)]
    return [given.get(id(each), each.width) for each in columns]


def _lines(console: "Console", columns: list[_Column]) -> None:
    [head] = [each for each in columns if each.leads]
    for at, heading in enumerate(head.cells):
        console.print(strong(heading or "(none)"), overflow="fold")
        others = [each for each in columns if not each.leads and each.cells[at]]
        told = console.render_str("; ".join(f"{c.title}: {c.cells[at]}" for c in others))
        told.overflow = "fold"
        if others:
            console.print(Padding(told, (0, 0, 0, 2), expand=False))
