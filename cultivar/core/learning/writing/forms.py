"""Folding 2: one Unicode form for a text, so that what looks the same has the same words.

It is made of a table by character, as folding 1 is, and of what replaces a character where one is
not enough (``rewriting.py``). Invisible signs and the tatweel leave no trace; letters of a
compatibility form are the letters that they stand for. Vowels of Thai, Lao, Khmer and Burmese and
the sound marks of kana stay. Where a script is not Latin, n-grams of letters count as well (RICH).
"""

from dataclasses import dataclass
from functools import cache
from unicodedata import ucd_3_2_0 as unicode32

import numpy as np
import numpy.typing as npt

from cultivar.core.learning.writing import folding
from cultivar.core.learning.writing.folding import MARK, SEPARATOR, SINGLE, TABLE_SIZE
from cultivar.core.learning.writing.younger import FORMS, MARKS

FIRST, NEWEST = 1, 2
FOLDINGS = (FIRST, NEWEST)
RICH = 1 << 30  # flag: n-grams of letters count beside words

_LATIN_OR_SIGNS = (
    (0x0000, 0x036F),
    (0x1D00, 0x1DBF),
    (0x1E00, 0x1EFF),
    (0x2000, 0x2BFF),
    (0x2C60, 0x2C7F),
    (0xA720, 0xA7FF),
    (0xAB30, 0xAB6F),
    (0xD800, 0xF8FF),
    (0xFF00, 0xFFFF),
    (0x1D000, 0x1FFFF),
)
_INVISIBLE = (0x00AD, 0x0640, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x200B)
_VOWELS = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF))
# Combining classes of the marks that stay: vowels and what kills one. One class a script, so that
# no form puts them in another order; tones are left out.
_KEPT_CLASSES = (0, 9, 103, 118)
_YOUNGER_CLASSES = {0x103A: 9, 0x108D: 220, 0x17DD: 230}
# what kills a vowel in Thai and Lao, where vowels below are of another class
_KILLERS = (0x0E3A, 0x0EBA)
_WHOLE = (0x0E33, 0x0EB3)  # AM in Thai and in Lao: one letter
_KANA = (0x3041, 0x30FF)
_SYLLABLES = (0xAC00, 0xD7A3)
# Parts of Hangul, of AM, the sound marks of kana, kana and Hangul in circles and of half width.
_PARTS = (
    (0x0E4D, 0x0E4D), (0x0ECD, 0x0ECD), (0x1100, 0x11FF), (0x3099, 0x309A), (0x3131, 0x318E),
    (0x3260, 0x327F), (0x32D0, 0x32FE), (0xFF66, 0xFFDC),
)  # fmt: skip
_BLANK = 0x20


@dataclass(frozen=True, eq=False)
class Folding:
    """How texts become words: ``fold`` uint32 by character, and what is rewritten before.

    ``rewrites`` (int32 by character) is where its replacement stands in ``parts`` (uint32), 0 where
    there is none: a number of characters, then these. ``unknown`` is how many word pieces a word
    counts for that the encoder's pieces cannot spell.
    """

    number: int
    fold: npt.NDArray[np.uint32]
    rewrites: npt.NDArray[np.int32]
    parts: npt.NDArray[np.uint32]
    unknown: int

    @property
    def rewriting(self) -> bool:
        """Whether any character is replaced."""
        return len(self.parts) > 1


@cache
def folding_of(number: int = NEWEST) -> Folding:
    """Return a folding by its number: models keep the one that they were trained with."""
    if number == FIRST:
        nothing = np.zeros(TABLE_SIZE, dtype=np.int32), np.zeros(1, dtype=np.uint32)
        return _frozen(FIRST, folding.folding_table(), *nothing)
    fold = folding.folding_table().copy()
    rewrites = np.zeros(TABLE_SIZE, dtype=np.int32)
    parts = [0]
    younger = Younger.read()
    for point in _looked_up(younger):
        found = _codes(point, younger)
        fold[point] = found[0] if len(found) == 1 else SEPARATOR
        if len(found) > 1 or _composes(point):
            replaced = _form(point, younger) if found == [MARK] else found
            rewrites[point] = len(parts)
            parts += [len(replaced), *(each or _BLANK for each in replaced)]
    _flag(fold)
    return _frozen(NEWEST, fold, rewrites, np.array(parts, dtype=np.uint32))


def _frozen(
    number: int,
    fold: npt.NDArray[np.uint32],
    rewrites: npt.NDArray[np.int32],
    parts: npt.NDArray[np.uint32],
) -> Folding:
    for each in (fold, rewrites, parts):
        each.flags.writeable = False
    return Folding(number, fold, rewrites, parts, int(number != FIRST))


@dataclass(frozen=True)
class Younger:
    """Characters that Unicode 3.2 lacks: their forms, and which of them are marks."""

    forms: dict[int, str]
    marks: frozenset[int]

    @classmethod
    def read(cls) -> "Younger":
        """Read the lists of ``younger.py``."""
        forms: dict[int, str] = {}
        point = 0
        for entry in FORMS.split():
            start, _, form = entry.rpartition("=")
            point = int(start, 16) if start else point + 1
            forms[point] = "".join(chr(int(each, 16)) for each in form.split("+"))
        marks: set[int] = set()
        for entry in MARKS.split():
            first, _, last = entry.partition("-")
            marks |= set(range(int(first, 16), int(last or first, 16) + 1))
        return cls(forms, frozenset(marks))


def _looked_up(younger: Younger) -> list[int]:
    """Return the characters that need a look: no syllables, plain ideographs, private use."""
    wanted = np.zeros(TABLE_SIZE, dtype=bool)
    for first, last in ((0, 0x33FF), (0x4DC0, 0x4DFF), (0xA000, 0xABFF), (0xF900, 0x107FF)):
        wanted[first : last + 1] = True
    wanted[0x1D000:0x1D800] = True
    wanted[0x2F800:0x2FA20] = True
    wanted[list(younger.forms)] = True
    wanted[list(younger.marks)] = True
    return [int(point) for point in np.flatnonzero(wanted)]


def _form(point: int, younger: Younger) -> list[int]:
    character = chr(point)
    form = younger.forms.get(point) or unicode32.normalize("NFKC", character)
    return [ord(each) for each in form]


def _codes(point: int, younger: Younger) -> list[int]:
    """Return what a character folds to: MARK alone, SEPARATOR alone, or letters among these."""
    if point in _WHOLE:
        return [point]
    found = [code for each in _form(point, younger) for code in _bare(each, younger)]
    kept = [code for code in found if code != MARK]
    if not any(kept):
        return [SEPARATOR if kept else MARK]
    return kept


def _bare(point: int, younger: Younger) -> list[int]:
    """Return a character's letters in lower case without what is not kept."""
    if point in _INVISIBLE:
        return [MARK]
    if _KANA[0] <= point <= _KANA[1] and unicode32.category(chr(point))[0] == "L":
        return [point]
    if _SYLLABLES[0] <= point <= _SYLLABLES[1]:
        return [point]
    lower = unicode32.normalize("NFD", chr(point).lower())
    return [_letter(each, younger) for each in lower]


def _letter(character: str, younger: Younger) -> int:
    point, category = ord(character), unicode32.category(character)
    if category == "Mn" or point in younger.marks:
        return point if _is_kept(point) else MARK
    if category == "Cf":
        return MARK
    if category == "Cn":
        return point if point >= 0x80 else SEPARATOR
    return point if category[0] in "LNM" else SEPARATOR


def _is_kept(point: int) -> bool:
    """Tell whether a mark is a letter: in a script without spaces, and no tone."""
    inside = any(first <= point <= last for first, last in _VOWELS)
    return inside and _class(point) in _KEPT_CLASSES and point not in _KILLERS


def _class(point: int) -> int:
    return _YOUNGER_CLASSES.get(point, unicode32.combining(chr(point)))


def _composes(point: int) -> bool:
    """Tell whether a character may be a part of a composed one."""
    return any(first <= point <= last for first, last in _PARTS)


def _flag(fold: npt.NDArray[np.uint32]) -> None:
    """Set SINGLE and RICH by what a character folds to."""
    points = fold & np.uint32(0x1FFFFF)
    rich = points > MARK
    for first, last in _LATIN_OR_SIGNS:
        rich &= ~((points >= first) & (points <= last))
    fold[rich] |= np.uint32(RICH)
    single = np.zeros(len(fold), dtype=bool)
    for first, last in (*folding.WITHOUT_SPACES, (0x20000, 0x2FFFF)):
        single |= (points >= first) & (points <= last)
    fold[single] |= np.uint32(SINGLE)
