"""What README and docs claim was measured: read from ``claims.toml``, shown in docs, judged.

It runs nothing. A claim is one cell of a table: the figure as the page shows it, where the output
of the table's command has it, and what may differ.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PAGE = "docs/measurements.md"
_BLOCK = re.compile(r"(<!-- measured: ([a-z-]+) -->\n).*?(<!-- end -->\n)", re.DOTALL)
_FIGURE = re.compile(r"[+-]?\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True)
class Tolerance:
    """What a measured figure may differ: ``± 0.01``, ``≥ 0.5 times`` or ``≤ 3 times`` the claim."""

    text: str

    def holds(self, claimed: float, measured: float) -> bool:
        """Tell whether a measured figure bears the claim out."""
        sign, size = self.text[0], float(self.text[1:].removesuffix("times"))
        if sign == "±":
            return abs(measured - claimed) <= size + 1e-9
        return measured >= size * claimed if sign == "≥" else measured <= size * claimed


@dataclass(frozen=True)
class Claim:
    """One figure: in which table, row and column, as shown, and its place in what is found."""

    table: str
    row: str
    column: str
    shown: str
    group: int
    tolerance: Tolerance

    @property
    def name(self) -> str:
        """The claim as the report of a run names it."""
        return f"{self.table}: {self.row}, {self.column}"

    @property
    def claimed(self) -> float:
        """The figure as a number."""
        return number(self.shown)


@dataclass(frozen=True)
class Row:
    """A row of a table: its claims are what one search of the output finds, in its order."""

    what: str
    find: str
    cells: tuple[str, ...]
    claims: tuple[Claim, ...]

    def measured(self, output: str) -> tuple[float, ...]:
        """Return what an output says of the claims; nothing where it does not have the row."""
        found = re.search(self.find, output, re.DOTALL)
        return tuple(number(found[claim.group]) for claim in self.claims) if found else ()


@dataclass(frozen=True)
class Table:
    """Figures of one command: ``text`` says of what, ``why`` why they may differ as they do.

    ``alone`` are figures of speed: their command runs while no other does.
    """

    name: str
    command: str
    minutes: float
    text: str
    why: str
    rows: tuple[Row, ...]
    columns: tuple[str, ...]
    first: str
    corpora: bool
    long: bool
    alone: bool
    needs: str
    page: str

    @property
    def claims(self) -> Iterator[Claim]:
        """Every claim of the table."""
        return (claim for row in self.rows for claim in row.claims)

    def shown(self) -> str:
        """Return the table as the page shows it."""
        length = " (not in the default set)" if self.long else ""
        lines = [
            "",
            f"{self.text} `{self.command}`{length}." if self.page == PAGE else self.text,
            "",
            f"| {' | '.join((self.first, *self.columns))} |",
            "|---" * (1 + len(self.columns)) + "|",
        ]
        lines += [f"| {' | '.join((row.what, *row.cells))} |" for row in self.rows]
        return "\n".join([*lines, "", ""])


@dataclass(frozen=True)
class Saying:
    """What another page says of a claim in its own words, worth ``value``, by at most ``off``."""

    page: str
    text: str
    claim: str
    value: float
    off: float


def number(shown: str) -> float:
    """Return the number that a figure shows."""
    found = _FIGURE.search(shown)
    if found is None:
        raise ValueError(f"no figure in {shown!r}")
    return float(found[0].replace(",", ""))


@cache
def tables() -> tuple[Table, ...]:
    """Return every table of claims."""
    return tuple(_table(each) for each in _file()["table"])


@cache
def sayings() -> tuple[Saying, ...]:
    """Return what other pages say."""
    return tuple(Saying(**each) for each in _file()["said"])


def _file() -> dict[str, Any]:
    return tomllib.loads((ROOT / "benchmarks" / "claims.toml").read_text(encoding="utf-8"))


def _table(given: dict[str, Any]) -> Table:
    columns, differ = tuple(given["columns"]), tuple(map(Tolerance, given["differ"]))
    return Table(
        name=given["name"],
        command=given["command"],
        minutes=given["minutes"],
        text=given["text"],
        why=given["why"],
        rows=tuple(_row(given["name"], columns, differ, each) for each in given["row"]),
        columns=columns,
        first=given.get("first", ""),
        corpora=given.get("corpora", True),
        long=given.get("long", False),
        alone=given.get("alone", False),
        needs=given.get("needs", ""),
        page=given.get("page", PAGE),
    )


def _row(
    table: str, columns: tuple[str, ...], differ: tuple[Tolerance, ...], given: dict[str, Any]
) -> Row:
    """Return a row; a cell may show several figures, and an empty one claims nothing."""
    claims: list[Claim] = []
    for column, cell, tolerance in zip(columns, given["claimed"], differ, strict=True):
        for shown in _FIGURE.findall(cell):
            claims.append(Claim(table, given["what"], column, shown, len(claims) + 1, tolerance))
    return Row(given["what"], given["find"], tuple(given["claimed"]), tuple(claims))


def remade(page: str) -> str:
    """Return the page's text with each table as the claims have it."""
    known = {each.name: each for each in tables()}
    return _BLOCK.sub(lambda found: found[1] + known[found[2]].shown() + found[3], page)


def placed(page: str) -> list[str]:
    """Return the names of the tables that a page shows."""
    return [found[2] for found in _BLOCK.finditer(page)]


def unclaimed(page: str) -> str:
    """Return a page's text without its tables of claims, and without code and links."""
    return re.sub(r"`[^`]*`|\]\([^)]*\)", "", _BLOCK.sub("", page))
