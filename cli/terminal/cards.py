"""A card on a terminal: its text with the telling words marked, the question, the keys.

It lays out; it neither draws nor takes keys.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from cultivar.core.review.excerpts import LONGEST_WHOLE, Word, closed_up, pieces

if TYPE_CHECKING:
    from cultivar.operations.review.cards import Card

SHORTEST_TITLE = 20
# the rule before a title and after it
ROUND_A_TITLE = 6
# Colour and weight both, so that the difference shows without colour.
STYLES = {1: "bold green underline", -1: "italic red", 0: ""}
MARKS = {1: ("[+", "]"), -1: ("[-", "]"), 0: ("", "")}


def body_of(card: "Card", words: Sequence[Word], *, plain: bool) -> "Text":
    """Return a card's telling parts; ``plain`` marks words by brackets, not by style."""
    shown = Text()
    for piece in pieces(card.text, words):
        before, after = MARKS[piece.lean] if plain else ("", "")
        style = "" if plain else STYLES[piece.lean]
        shown.append(f"{before}{closed_up(piece.text)}{after}", style)
    if len(card.text) > LONGEST_WHOLE:
        shown.append(
            f"\n\nThis is an excerpt of {len(card.text):,} characters; o opens all.", "dim"
        )
    if not card.text.strip():
        shown.append("The document holds no text that can be read.", "dim")
    return shown


def title_of(card: "Card", columns: int) -> str:
    """Return a card's title, which says where its text is an excerpt: it is judged all the same.

    ``columns`` is the width that it has; what is cut ends in an ellipsis.
    """
    if len(card.text) <= LONGEST_WHOLE:
        return card.title
    excerpt = f" · excerpt of {len(card.text):,} characters, o opens all"
    room = max(SHORTEST_TITLE, columns - len(excerpt) - ROUND_A_TITLE)
    title = card.title
    shown = title if len(title) <= room else f"{title[: room - 1].rstrip(' ·/')}…"
    return f"{shown}{excerpt}"


def foot_of(card: "Card", keys: str) -> "tuple[Text, ...]":
    """Return the lines below the text: the question, what the prediction rests on, the keys."""
    return Text(card.question, "bold"), Text(f"({card.basis})", "dim"), Text(keys)
