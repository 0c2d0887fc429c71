"""The body of a mail: HTML in characters, and which of several forms of it to take. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cultivar.content.documents.characters.charsets import Guess
from cultivar.content.documents.markup import markup_decoded, page_of

# A form that holds so much of the other's words says all that the other does.
_ALL = 0.8
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Shown:
    """Text, and how many places of its bytes gave no character."""

    text: str
    lost: int


@dataclass(frozen=True, slots=True)
class Alternative:
    """One form of a body."""

    kind: str
    text: str


def text_of_html(data: bytes, charset: str | None, guess: Guess) -> Shown:
    """Return the text of HTML whose charset a mail may state."""
    found = markup_decoded(data, charset, guess)
    return Shown(page_of(found.text, marks_quotes=True).text, found.lost)


def chosen(offers: Sequence[Alternative]) -> list[str]:
    """Return the plain form where it says what the others do, else all that say something new."""
    with_text = [offer for offer in offers if _WORD.search(offer.text)]
    taken: list[str] = []
    seen: Counter[str] = Counter()
    for offer in sorted(with_text, key=_rank):
        words = Counter(_WORD.findall(offer.text.casefold()))
        if taken and (words & seen).total() >= _ALL * words.total():
            continue
        if taken and (words & seen).total() >= _ALL * seen.total():
            # A stub or a beginning stands in what says it all.
            taken, seen = [], Counter()
        taken.append(offer.text)
        seen |= words
    return taken


def _rank(offer: Alternative) -> int:
    order = ("text/plain", "text/html")
    return next((at for at, kind in enumerate(order) if offer.kind == kind), len(order))
