"""What is to be judged, as a list: one table and one CSV for review, content and release sample.

Which items are listed, and what is said of them in the end, is the caller's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.base.files import taken_back, write_rows
from cli.base.session import Session
from cli.terminal.tables import Ids, show_table
from cultivar.core.figures import LEGEND, PROBABILITY, probability
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.core.review.item_names import Named

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of items: its ``rows``, and how it ends.

    ``place`` is the column that says where an item is: ``path``, or ``name`` where a folder may
    tell what its documents are. ``written`` stands behind the number of items in a file.
    """

    rows: Sequence[Row]
    place: str
    said: str
    title: str = ""
    written: str = ""

    def answer(
        self, session: Session, facts: dict[str, Any], target: Path | None, again: str
    ) -> None:
        """Write the list to ``target`` where there is one, else show it; ``again`` goes on."""
        if target is not None:
            columns = ("item_id", self.place, "prediction", "score", "relevant")
            write_rows(target, columns, self.rows)
        session.answer(
            {**facts, "items": self.rows} | ({"file": str(target)} if target else {}),
            lambda console: self._show(console, target),
            f"{again}{taken_back(target)}",
        )

    def _show(self, console: "Console", target: Path | None) -> None:
        if target is not None:
            console.print(
                f"{how_many(len(self.rows), 'item')} written to {target}{self.written}. Fill in "
                "the column relevant: yes where the document is one of the kind, no, or not sure.",
                markup=False,
            )
            return
        if self.rows:
            self._table(console)
        console.print(self.said, markup=False)

    def _table(self, console: "Console") -> None:
        cells = [
            [row["item_id"], row[self.place], row["prediction"] or "",
             "" if row["score"] is None else probability(row["score"]), row["relevant"] or ""]
            for row in self.rows
        ]  # fmt: skip
        place = self.place.capitalize()
        columns = (Ids("Item"), place, "Prediction", PROBABILITY, "Relevant")
        show_table(console, columns, cells, title=self.title, lead=place)
        console.print(LEGEND)


def row_of(named: "Named", place: str, claim: str | None, score: float | None) -> Row:
    """Return the row of an item that nobody judged; ``claim`` is what is said of it."""
    where = named.shown if place == "path" else named.name
    return {
        "item_id": named.item_id, place: where, "prediction": claim, "score": score,
        "relevant": None,
    }  # fmt: skip
