"""What a reviewer sees of one item: progress, the prediction, and the text with its telling words.

It prints; it takes no keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cultivar.core.selection import declared_by_folder
from flows.cli.texts import Word, pieces, printable, strong

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from cultivar.operations.evidence import ItemToReview
    from cultivar.operations.release_samples import SampledItem
    from cultivar.operations.review_states import ReviewState

# Colour and weight both, so that the difference shows without colour.
STYLES = {1: "bold green underline", -1: "italic red", 0: ""}
WIDEST = 100
MARKS = {1: ("[+", "]"), -1: ("[-", "]"), 0: ("", "")}


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown of one item; ``shown_as`` is the claim that a person agrees to or not."""

    item_id: str
    version_id: str
    title: str
    place: str
    text: str
    shown_as: str
    score: float
    skippable: bool = True


def card_of(item: "ItemToReview") -> Card:
    """Return the card of a tested item, without what its folder declares."""
    place = "/".join([*unlabelled(item.folder), item.name])
    return Card(
        item.item_id, item.version_id, item.title or item.name, place, item.text, item.shown_as,
        item.score,
    )  # fmt: skip


def card_of_sample(item: "SampledItem") -> Card:
    """Return the card of an item of a release sample, of which the text alone is known."""
    return Card(
        item.item_id, item.version_id, "An item of the release sample", item.item_id[:12],
        item.text, item.shown_as, item.score, skippable=False,
    )  # fmt: skip


def show_card(console: "Console", progress: str, card: Card, words: Sequence[Word]) -> None:
    """Print one item to review."""
    from rich.panel import Panel

    if console.is_terminal:
        console.clear()
    console.print(progress, markup=False)
    body = marked_text(card.text, words, plain=not console.is_terminal)
    title, place = escape(printable(card.title)), escape(printable(card.place))
    panel = Panel(body, title=title, subtitle=place, width=min(console.width, WIDEST))
    console.print(panel)
    console.print(f"Prediction: {strong(card.shown_as)} (score {card.score:.2f}). Do you agree?")
    skip = "s skip   " if card.skippable else ""
    console.print(f"y yes   n no   ? not sure   {skip}u take back   q quit", markup=False)


def unlabelled(folder: str) -> list[str]:
    """Return a folder's parts without those that declare what its items are: the person judges."""
    return [part for part in folder.split("/") if part and declared_by_folder(f"{part}/x") is None]


def escape(text: str) -> str:
    """Return text that rich takes literally."""
    from rich.markup import escape as literally

    return literally(text)


def progress_line(state: "ReviewState") -> str:
    """Return where the review is, in one line."""
    number = state.presented - state.unanswered + 1
    parts = [
        f"Batch {state.batch}, item {min(number, state.presented)} of {state.presented}",
        f"{state.reviewed} reviewed, publish from 200",
    ]
    if state.accuracy is not None:
        parts.append(
            f"accuracy {state.accuracy:.1%} ({state.lower:.1%} to {state.upper:.1%}) after "
            f"{len(state.points)} batches"
        )
    return " · ".join(parts)


def marked_text(text: str, words: Sequence[Word], *, plain: bool) -> "Text":
    """Return the telling parts of a text; ``plain`` marks words by brackets, not by style."""
    from rich.text import Text

    shown = Text()
    for piece in pieces(text, words):
        if plain:
            before, after = MARKS[piece.lean]
            shown.append(f"{before}{piece.text}{after}")
        else:
            shown.append(piece.text, STYLES[piece.lean])
    return shown
