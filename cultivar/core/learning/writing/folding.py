"""Folding 1: how a character is folded before it is hashed, by one fixed table.

Lower case, without accents. Models of format 1 keep it; ``forms.py`` makes folding 2 from it.

It knows nothing of words, hashes or weights.

Unicode 3.2 is the one version that every Python carries, so the same text gives the same words
under every interpreter. Folding is one code point to one code point, so that a word's span in the
folded text is its span in the text.
"""

from functools import cache
from unicodedata import ucd_3_2_0 as unicode32

import numpy as np
import numpy.typing as npt

SEPARATOR = 0
MARK = 1  # an accent or an invisible character: joins what surrounds it and leaves no byte
SINGLE = 1 << 31  # flag: a word of its own
TABLE_SIZE = 0x30000  # what lies above is ideographs, each a word of its own
_ASSIGNED = 0x20000  # ideographs begin here

# Scripts written without spaces: a character is a word, and pairs of them are the features.
WITHOUT_SPACES = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # ideographs
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x1F000, 0x1FFFF),  # pictographs, all younger than Unicode 3.2
)
_SOFT_HYPHEN = 0xAD  # a dash in Unicode 3.2, invisible since
_HANGUL = (0xAC00, 0xD7A3)
_SURROGATES_AND_PRIVATE = (0xD800, 0xF8FF)
_BY_RULE = (*WITHOUT_SPACES[5:7], WITHOUT_SPACES[8], _HANGUL, _SURROGATES_AND_PRIVATE)


@cache
def folding_table() -> npt.NDArray[np.uint32]:
    """Return the fold of each code point below ``TABLE_SIZE`` (uint32, read-only).

    An entry is ``SEPARATOR``, ``MARK``, or the folded code point, with ``SINGLE`` set where the
    character is a word of its own. Code points that Unicode 3.2 lacks are kept as they are.
    """
    table = np.arange(TABLE_SIZE, dtype=np.uint32)
    for point in _looked_up():
        table[point] = _fold(point)
    for first, last in WITHOUT_SPACES:
        block = table[first : last + 1]
        block[block > MARK] |= np.uint32(SINGLE)
    table[_ASSIGNED:] |= np.uint32(SINGLE)
    table[slice(_SURROGATES_AND_PRIVATE[0], _SURROGATES_AND_PRIVATE[1] + 1)] = SEPARATOR
    table.flags.writeable = False
    return table


def _looked_up() -> list[int]:
    by_rule = np.zeros(TABLE_SIZE, dtype=bool)
    for first, last in _BY_RULE:
        by_rule[first : last + 1] = True
    by_rule[0x10800:0x1D000] = True  # unassigned in Unicode 3.2
    by_rule[_ASSIGNED:] = True
    return [int(point) for point in np.flatnonzero(~by_rule)]


def _fold(point: int) -> int:
    character = chr(point)
    category = unicode32.category(character)
    if category in ("Mn", "Cf") or point == _SOFT_HYPHEN:
        return MARK
    if category == "Cn":
        return point if point >= 0x80 else SEPARATOR
    if category[0] not in "LNM":
        return SEPARATOR
    return ord(_bare(character.lower()) or _bare(character) or character)


def _bare(text: str) -> str:
    """Return the one base character of a decomposed text, or nothing where there are several."""
    bases = [
        character
        for character in unicode32.normalize("NFD", text)
        if unicode32.category(character) != "Mn"
    ]
    return bases[0] if len(bases) == 1 else ""
