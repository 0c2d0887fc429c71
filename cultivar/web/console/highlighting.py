"""A text in parts, so that a page can mark the words that moved its score, for and against.

It is pure: what it is given are the model's own contributions, and it adds no weight of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cultivar.core.learning.explanation import Contribution, telling

WORDS = 12
PLAIN, FOR, AGAINST = "", "for", "against"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the text; ``side`` tells whether it speaks for or against, or is empty."""

    text: str
    side: str


@dataclass(frozen=True, slots=True)
class Word:
    """A telling word: its side, and its share of what all words of the text say, in per cent."""

    word: str
    side: str
    share: int


@dataclass(frozen=True, slots=True)
class Highlighted:
    """A text with its telling words; ``shown`` is the share of all weight that they carry."""

    parts: tuple[Part, ...]
    words: tuple[Word, ...]
    shown: float


def highlighted(text: str, found: Sequence[Contribution]) -> Highlighted:
    """Return a text with the words that moved its score the most, every time that they occur."""
    strongest = sorted(found, key=lambda each: (-abs(each.weight), each.start))
    chosen = telling(strongest)[:WORDS]
    wanted = {each.word.casefold() for each in chosen}
    marked = [each for each in found if each.word.casefold() in wanted]
    total = sum(abs(each.weight) for each in found) or 1.0
    by_word = {
        word: sum(each.weight for each in marked if each.word.casefold() == word) for word in wanted
    }
    words = tuple(
        Word(each.word, _side(by_word[each.word.casefold()]),
             round(100 * abs(by_word[each.word.casefold()]) / total))
        for each in sorted(chosen, key=lambda one: (-abs(by_word[one.word.casefold()]), one.word))
    )  # fmt: skip
    shown = sum(abs(each.weight) for each in marked) / total
    return Highlighted(tuple(_parts(text, marked)), words, shown if found else 0.0)


def _side(weight: float) -> str:
    return FOR if weight > 0 else AGAINST


def _parts(text: str, marked: Sequence[Contribution]) -> list[Part]:
    parts, reached = [], 0
    for each in sorted(marked, key=lambda one: one.start):
        if each.start < reached or each.end > len(text):
            continue
        parts.append(Part(text[reached : each.start], PLAIN))
        parts.append(Part(text[each.start : each.end], _side(each.weight)))
        reached = each.end
    parts.append(Part(text[reached:], PLAIN))
    return [part for part in parts if part.text]
