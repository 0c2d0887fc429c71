"""Tables: whole at any width of a terminal, unchanged in a pipe, and nothing taken for markup."""

import io
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from cli.terminal.paper import Paper
from cli.terminal.tables import SHORT_ID, Ids, show_table
from cli.terminal.texts import on_a_line, strong

HOSTILE = st.text(
    st.sampled_from([*"ab/[]\\:;=\n\t ", "\x1b", "\x07", "\u202e", "\u200b", "\ufdd0", "계", "…"]),
    max_size=60,
) | st.sampled_from(["[/b]x", "[bold red]y[/]", ":smile:", "[link=file:///x]z", "a" * 200])
ROWS = st.lists(st.lists(HOSTILE, min_size=3, max_size=3), min_size=1, max_size=4)


def printed(
    width: int | None, columns: Sequence[str | Ids], rows: Sequence[Sequence[str]], **how: str
) -> str:
    """Return a table as a terminal of a width shows it, or a pipe."""
    file = io.StringIO()
    console = Paper(
        file=file, width=width or 1_000, force_terminal=width is not None, color_system=None,
        highlight=False,
    )  # fmt: skip
    show_table(console, columns, rows, **how)
    return file.getvalue()


@given(rows=ROWS, width=st.sampled_from([40, 80, 110, 120]))
@example(rows=[["[/b]x", "b" * 90, "c"], ["[/b]x", "b" * 90, "c"]], width=80)
def test_a_table_keeps_to_the_width_and_every_character_of_what_leads_a_row(
    rows: list[list[str]], width: int
) -> None:
    shown = printed(width, ("One", "Two", "Three"), rows)
    assert all(cell_len(line) <= width for line in shown.splitlines())
    assert "\x1b" not in shown
    led = Counter("".join(on_a_line(row[0]) for row in rows).replace(" ", ""))
    assert led <= Counter(shown)


@given(rows=ROWS)
def test_a_pipe_gets_every_cell_as_it_is(rows: list[list[str]]) -> None:
    lines = printed(None, ("One", "Two", "Three"), rows).splitlines()
    assert len(lines) == len(rows) + 4
    for line, row in zip(lines[3:], rows, strict=False):
        cells = [cell.strip() for cell in line.split("│")[1:-1]]
        assert cells == [on_a_line(cell).strip() for cell in row]


PATH = "finance/2026/quarterly reports/north and south/minutes of the board of directors.docx"
COLUMNS = (
    "Location",
    "Path",
    "Classifier",
    "Prediction",
    "Probability",
    "Labels",
    "Changed",
    Ids("Item"),
)
LISTED = [
    ["drive", f"{number}/{PATH}", "contracts", prediction, f"0.9{number}0", label,
     f"2026-01-0{number}", f"{number}{'c0ffee' * 5}f"]
    for number, prediction, label in ((1, "match", "Contract, 10 years"), (2, "close match", ""))
]  # fmt: skip


@pytest.mark.parametrize("width", [80, 110, 120])
def test_what_all_rows_share_is_said_once_and_paths_stay_whole(width: int) -> None:
    shown = printed(width, COLUMNS, LISTED, lead="Path")
    assert all(len(line) <= width for line in shown.splitlines())
    assert shown.count("contracts") == 1
    assert "…" not in shown
    joined = "".join(shown.split())
    for row in LISTED:
        assert joined.count(row[-1][:SHORT_ID]) == 1
    if width == 80:
        # the path has lines of its own
        assert all("".join(row[1].split()) in joined for row in LISTED)


def test_a_table_that_fits_keeps_all_its_columns() -> None:
    shown = printed(80, ("Name", "State"), [["one", "on"], ["two", "on"]])
    assert shown.splitlines()[0].split() == ["Name", "State"]
    assert "In every row" not in shown


def test_empty_columns_are_left_out_at_a_terminal_and_stay_in_a_pipe() -> None:
    rows = [["one", "", "x"], ["two", "", "y"]]
    assert "Words" not in printed(80, ("Name", "Words", "Last"), rows)
    assert "Words" in printed(None, ("Name", "Words", "Last"), rows)


def test_ids_are_as_long_in_a_pipe_as_scripts_know_them() -> None:
    row = [["f00d" * 8, "x"]]
    assert "f00d" * 3 + " " in printed(None, (Ids("Item"), "Name"), row)
    assert "f00d" * 8 in printed(None, (Ids("Item", piped=32), "Name"), row)


def test_what_is_strong_is_bold_whatever_is_in_it() -> None:
    file = io.StringIO()
    console = Paper(file=file, width=80, force_terminal=True, color_system="standard")
    console.print(f"{strong('[/b]x')} and [bold]y[/bold]")
    assert file.getvalue() == "\x1b[1m[/b]x\x1b[0m and [bold]y[/bold]\n"
