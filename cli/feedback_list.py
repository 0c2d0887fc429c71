"""What can be judged in feedback, as a table on screen or a CSV to be filled in.

It shows and writes; judging is the command's.
"""

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from cli.base.files import taken_back, write_rows
from cli.base.session import Session
from cli.terminal.tables import Ids, show_table
from cultivar import operations
from cultivar.core.figures import LEGEND, PROBABILITY, probability
from cultivar.core.retraining.feedback import MATCH, NOT_A_MATCH
from cultivar.core.review.order import NO, YES
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from rich.console import Console

SHOWN = 30
COLUMNS = ("item_id", "path", "title", "prediction", "score", "policy", "relevant")


def list_judgeable(session: Session, name: str, target: Path | None) -> None:
    """Show the items that may be judged, or write them to a file."""
    found = operations.retraining.items_to_judge(session.workspace, session.actor, name)
    own = operations.retraining.own_verdicts(session.workspace, session.actor, name)
    relevance = {MATCH: YES, NOT_A_MATCH: NO}
    rows = [
        {
            "item_id": each.item_id,
            "path": each.named.shown,
            "title": each.known["title"],
            "prediction": each.prediction,
            "score": each.score,
            "location": each.known["location"],
            "folder": each.known["folder"],
            "name": each.known["name"],
            "policy": each.policy,
            "verdict": own.get(each.item_id),
            "relevant": relevance.get(own.get(each.item_id, "")),
        }
        for each in found
    ]
    if target is not None:
        write_rows(target, COLUMNS, rows)
    session.answer(
        {"items": rows} | ({"file": str(target)} if target else {}),
        lambda console: _show_items(console, rows, target),
        f"cultivar feedback {quote(name)}{taken_back(target)}" if target else None,
    )


def _show_items(console: "Console", rows: list[dict[str, Any]], target: Path | None) -> None:
    can = f"{how_many(len(rows), 'item')} can be judged"
    if target is not None:
        console.print(
            f"{how_many(len(rows), 'item')} written to {target}. Fill in the column relevant: "
            "yes where the document is one of the kind, or no.",
            markup=False,
        )
        return
    if rows:
        _table(console, rows[:SHOWN])
    all_of_them = "; --csv FILE or --json lists them all" if len(rows) > SHOWN else ""
    console.print(f"{can}{all_of_them}.")


def _table(console: "Console", rows: list[dict[str, Any]]) -> None:
    cells = [
        [row["item_id"], row["title"] or "", row["path"], row["prediction"],
         probability(row["score"]), row["verdict"] or ""]
        for row in rows
    ]  # fmt: skip
    columns = (Ids("Item"), "Subject", "Path", "Prediction", PROBABILITY, "Verdict")
    show_table(console, columns, cells, lead="Path")
    console.print(LEGEND)
