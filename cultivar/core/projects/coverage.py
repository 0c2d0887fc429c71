"""How much of what texts say the encoder knows as words; it sees no tag."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cultivar.core.learning import kernels
from cultivar.core.learning.encoder import StaticEncoder
from cultivar.core.learning.text import FEATURES, Texts, folded
from cultivar.core.learning.writing.forms import Folding, folding_of
from cultivar.core.schemas.arrays import arrow_numbers

_LOOKED_AT = 200  # texts, evenly spread
_LONGEST = 20_000  # bytes of each
_NOT_ASCII = 0x80
_AS_ALL = 0.85  # names and slips of the pen are unknown in the encoder's own language too


@dataclass(frozen=True)
class Coverage:
    """Shares of the words of texts: those that are ``known``, and those that are ``characters``.

    ``known`` is 1 from 85 % on. Known is a word of several characters that is one piece of the
    encoder. What it spells of several pieces, as it does most words of a language that it has not
    learned, it does not know.
    ``characters`` are words of one character, as all are in a script without spaces.
    """

    known: float
    characters: float


def coverage_of(texts: Texts, encoder: StaticEncoder) -> Coverage:
    """Return what a few of the texts, evenly spread, come to."""
    places = np.unique(np.linspace(0, max(0, len(texts) - 1), _LOOKED_AT).astype(np.int64))
    folding = folding_of()
    counts = np.zeros(3, dtype=np.int64)
    for data, offsets in folded(
        texts.take(arrow_numbers(places)) if len(texts) else texts, folding
    ):
        for first, last in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
            counts += _counted(data[first : min(last, first + _LONGEST)], folding, encoder)
    words, known, characters = counts.tolist()
    if not words:
        return Coverage(1.0, 0.0)
    return Coverage(min(1.0, known / (words * _AS_ALL)), characters / words)


def _counted(
    data: npt.NDArray[np.uint8], folding: Folding, encoder: StaticEncoder
) -> tuple[int, int, int]:
    """Return how many words a text has, how many are known, and how many are one character."""
    nothing = np.zeros(len(encoder.keys), dtype=np.float32)
    lookup = (encoder.slots, encoder.keys, nothing)
    (starts, stops, _, pieces), _, _ = kernels.trace(data, folding.fold, FEATURES // 2, *lookup)
    begun = np.append(0, np.cumsum((data & 0xC0) != 0x80))
    one = (begun[stops] - begun[starts] == 1) & (data[starts] >= _NOT_ASCII)
    return len(starts), int(((pieces == 1) & ~one).sum()), int(one.sum())
