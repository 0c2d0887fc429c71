"""Keeps the documents of a kind apart: the share of word 5-grams that two of them have in common.

The measure is containment, the stricter one: common 5-grams over those of the shorter document.
It judges text only and decides nothing about what to do with a copy.
"""

import re
from collections import Counter
from collections.abc import Iterable

SIZE = 5
_WORD = re.compile(r"\w+")
Gram = tuple[str, ...]


def five_grams(text: str) -> frozenset[Gram]:
    """Distinct 5-grams of lower-case words; one shorter tuple for a text of fewer words."""
    words = _WORD.findall(text.lower())
    if len(words) < SIZE:
        return frozenset([tuple(words)])
    return frozenset(zip(*(words[start:] for start in range(SIZE)), strict=False))


class Collection:
    """Documents of one kind, and for each new one its closest neighbour among them."""

    def __init__(self) -> None:
        self._sizes: list[int] = []
        self._holders: dict[Gram, list[int]] = {}

    def __len__(self) -> int:
        return len(self._sizes)

    def closest(self, grams: frozenset[Gram]) -> tuple[float, int]:
        """Largest containment with any document held, 0 to 1, and that document's number."""
        common = Counter[int]()
        for gram in grams:
            common.update(self._holders.get(gram, ()))
        shares = (
            (count / min(len(grams), self._sizes[number]), number)
            for number, count in common.items()
        )
        return max(shares, default=(0.0, -1))

    def add(self, grams: frozenset[Gram]) -> None:
        """Hold one more document."""
        number = len(self._sizes)
        self._sizes.append(len(grams))
        for gram in grams:
            self._holders.setdefault(gram, []).append(number)


def largest_overlaps(texts: Iterable[str]) -> list[float]:
    """For each text, its largest containment with any text before it."""
    collection = Collection()
    overlaps = []
    for text in texts:
        grams = five_grams(text)
        overlaps.append(collection.closest(grams)[0])
        collection.add(grams)
    return overlaps
