"""The telling parts of a text: what a person reads of a long document, and which words are marked.

It handles text in memory and keeps nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cultivar.core.texts.safe_text import readable

_GAP = re.compile(r"\n(?:[ \t]*\n){2,}")
BEFORE_AND_AFTER = 160
LONGEST_WHOLE = 1_600
MOST_WINDOWS = 5
MOST_MARKED = 12


class Word(Protocol):
    """What an explanation says of one word: ``text[start:end]`` and its weight."""

    @property
    def start(self) -> int:
        """Where it begins, in characters."""

    @property
    def end(self) -> int:
        """Where it ends."""

    @property
    def weight(self) -> float:
        """What it adds to the decision; below 0 it speaks against a match."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the shown text; ``lean`` is 1 for a match, -1 against, 0 neither."""

    text: str
    lean: int = 0


def closed_up(text: str) -> str:
    """Return text with one empty line where it has several, so that a screen holds more of it."""
    return _GAP.sub("\n\n", text)


def windows(length: int, words: Sequence[Word]) -> list[tuple[int, int]]:
    """Return the spans of a text to show: all of a short one, else around the strongest words.

    ``words`` come strongest first. A long text's beginning is always among the spans.
    """
    if length <= LONGEST_WHOLE:
        return [(0, length)]
    spans = [(0, BEFORE_AND_AFTER * 2)]
    for word in words:
        start = max(0, word.start - BEFORE_AND_AFTER)
        stop = min(length, word.end + BEFORE_AND_AFTER)
        joined = _joined([*spans, (start, stop)])
        if len(joined) > MOST_WINDOWS or sum(b - a for a, b in joined) > LONGEST_WHOLE:
            continue
        spans = joined
    return spans


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, stop in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], stop))
        else:
            found.append((start, stop))
    return found


def pieces(text: str, words: Sequence[Word], most: int = MOST_MARKED) -> list[Piece]:
    """Return what to show of a text: its telling windows, with the ``most`` telling words marked.

    What is left out between windows shows as an ellipsis.
    """
    marked = sorted(words[:most], key=lambda word: word.start)
    found: list[Piece] = []
    last = 0
    for start, stop in windows(len(text), words):
        if start > last:
            found.append(Piece(" […] "))
        found += _marked(text, start, stop, marked)
        last = stop
    if last < len(text):
        found.append(Piece(" […]"))
    return found


def _marked(text: str, start: int, stop: int, words: Sequence[Word]) -> list[Piece]:
    found, at = [], start
    for word in words:
        if word.start < at or word.end > stop:
            continue
        found.append(Piece(readable(text[at : word.start])))
        found.append(Piece(readable(text[word.start : word.end]), 1 if word.weight > 0 else -1))
        at = word.end
    found.append(Piece(readable(text[at:stop])))
    return [piece for piece in found if piece.text]
