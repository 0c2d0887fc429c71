"""What a person sees of one item: its text with the telling words, the prediction, the question.

It words and lays out; it neither draws nor takes keys. No card shows where a tested item lies or
how its file is called: folders and names tell what somebody took it for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.terminal.texts import LONGEST_WHOLE, Word, closed_up, pieces, printable

if TYPE_CHECKING:
    from rich.text import Text

    from cultivar.operations.publishing.release_samples import SampledItem
    from cultivar.operations.retraining.candidates import Candidate
    from cultivar.operations.review.items import ItemToReview

SHORTEST_TITLE = 20
# the rule before a title and after it
ROUND_A_TITLE = 6
# Colour and weight both, so that the difference shows without colour.
STYLES = {1: "bold green underline", -1: "italic red", 0: ""}
MARKS = {1: ("[+", "]"), -1: ("[-", "]"), 0: ("", "")}


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown of one item; ``question`` asks whether its prediction is right.

    ``basis`` says what the prediction rests on: the score beside the threshold.
    """

    item_id: str
    version_id: str
    title: str
    text: str
    question: str
    basis: str


def card_of(item: "ItemToReview | SampledItem", threshold: float) -> Card:
    """Return the card of an item whose prediction is reviewed."""
    title = getattr(item, "title", None) or f"Item {item.item_id[:12]}"
    return Card(
        item.item_id, item.version_id, _line(title), item.text,
        f'We predict this item is "{item.shown_as}". Do you agree?',
        _basis(item.score, threshold, "Relevant"),
    )  # fmt: skip


def card_of_listed(item: "Candidate", text: str, threshold: float, before: str | None) -> Card:
    """Return the card of a listed item; ``before`` is what the person said of it earlier."""
    known = item.known
    place = "/".join(str(known[part]) for part in ("location", "folder", "name") if known[part])
    question = f'We predict this item is a "{item.prediction}". Is it a match?'
    if before is not None:
        question += f' Your verdict so far: "{before}".'
    title = f"{known['title']} · {place}" if known["title"] else place
    return Card(
        item.item_id, item.version_id, _line(title), text, question,
        _basis(item.score, threshold, "match"),
    )  # fmt: skip


def _line(title: str) -> str:
    """Return a title on one line, whatever the document put into it."""
    return " ".join(printable(title).split())


def _basis(score: float, threshold: float, word: str) -> str:
    """Return a score beside its threshold, with as many digits as tell the two apart."""
    digits = next((n for n in (2, 3, 4) if f"{score:.{n}f}" != f"{threshold:.{n}f}"), 2)
    return f'score {score:.{digits}f}; from {threshold:.{digits}f} on it is "{word}"'


def body_of(card: Card, words: Sequence[Word], *, plain: bool) -> "Text":
    """Return a card's telling parts; ``plain`` marks words by brackets, not by style."""
    from rich.text import Text

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


def title_of(card: Card, columns: int) -> str:
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


def foot_of(card: Card, keys: str) -> "tuple[Text, ...]":
    """Return the lines below the text: the question, what the prediction rests on, the keys."""
    from rich.text import Text

    return Text(card.question, "bold"), Text(f"({card.basis})", "dim"), Text(keys)
