"""The slow, obvious definition of words, pieces and scores that the kernels are held to."""

import math
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from cultivar.core.learning.kernels import LONGEST_SPLIT
from cultivar.core.learning.model import Model
from cultivar.core.learning.writing.folding import MARK, SEPARATOR, SINGLE, TABLE_SIZE
from cultivar.core.learning.writing.forms import RICH, folding_of
from cultivar.core.learning.writing.rewriting import composed

_MASK = (1 << 64) - 1
_INNER = 0xA0761D6478BD642F
_PAIR = 0x9E3779B97F4A7C15


@dataclass(frozen=True)
class Word:
    """A word: where its source stands in the text, its folded letters, and its flags."""

    start: int
    end: int
    folded: str
    codes: tuple[int, ...]
    place: tuple[int, int]  # among the rewritten characters
    first: int  # code point of its first letter before it is folded

    @property
    def single(self) -> bool:
        return bool(self.codes[0] & SINGLE)

    @property
    def rich(self) -> bool:
        # the micro sign folds to a Greek letter, and no kernel takes its word for a rich one
        return bool(self.codes[0] & RICH) and self.first != ord("\N{MICRO SIGN}")

    def follows_on(self, other: "Word", characters: list[tuple[int, int, int]]) -> bool:
        between = characters[self.place[1] : other.place[0]]
        return all(_is_mark(point) for point, _, _ in between)


def _is_mark(point: int) -> bool:
    return point < TABLE_SIZE and int(folding_of().fold[point]) == MARK


def rewritten(text: str) -> list[tuple[int, int, int]]:
    """Return (code point, start, end) of each character in one Unicode form."""
    folding = folding_of()
    found: list[tuple[int, int, int]] = []
    for place, character in enumerate(text):
        point = ord(character)
        index = int(folding.rewrites[point]) if point < TABLE_SIZE else 0
        size = int(folding.parts[index]) if index else 1
        for number in range(size):
            single = int(folding.parts[index + 1 + number]) if index else point
            both = composed(found[-1][0], single) if found else 0
            start = found.pop()[1] if both else place
            found.append((int(both) or single, start, place + 1))
    if not any(folding.rewrites[ord(each)] for each in text if ord(each) < TABLE_SIZE):
        return [(ord(each), place, place + 1) for place, each in enumerate(text)]
    return found


def words(text: str) -> list[Word]:
    """Return the words of a text."""
    table = folding_of().fold
    found: list[Word] = []
    codes: list[int] = []
    start = end = first = last = 0
    characters = rewritten(text)
    for place, (point, begin, stop) in enumerate([*characters, (0x20, len(text), len(text))]):
        code = int(table[point]) if point < TABLE_SIZE else point | SINGLE
        if code == MARK:
            end, last = (stop, place + 1) if codes else (end, last)
        elif code != SEPARATOR and not code & SINGLE:
            start, first = (start, first) if codes else (begin, place)
            codes.append(code)
            end, last = stop, place + 1
        else:
            if codes:
                found.append(_word(start, end, codes, (first, last), characters[first][0]))
                codes = []
            if code & SINGLE:
                found.append(_word(begin, stop, [code], (place, place + 1), point))
    return found


def _word(start: int, end: int, codes: list[int], place: tuple[int, int], first: int) -> Word:
    folded = "".join(chr(code & 0x1FFFFF) for code in codes)
    return Word(start, end, folded, tuple(codes), place, first)


def inner(found: list[Word], characters: list[tuple[int, int, int]]) -> list[int]:
    """Return the hash of each n-gram of letters, within words and of words of one character.

    Those of ideographs and kana are negative: they count among the pairs.
    """
    hashes: list[int] = []
    for word in found:
        if word.rich and not word.single:
            hashes += _within(word)
    for one, two, three in zip(found, found[1:], found[2:], strict=False):
        run = (one, two, three)
        adjacent = one.follows_on(two, characters) and two.follows_on(three, characters)
        if adjacent and all(each.rich and each.single for each in run):
            a, b, c = (hashed(each.folded) for each in run)
            value = ((((a * _PAIR + b) & _MASK) * _PAIR) + c) & _MASK
            hashes.append(-value if three.codes[0] & 0x1FFFFF >= 0x2E80 else value)
    return hashes


def _within(word: Word) -> list[int]:
    codes = word.codes[:64]
    found = []
    for first, code in enumerate(codes):
        lengths = (3, 4) if code & 0x1FFFFF < 0x800 else (1, 2, 3)
        for length in lengths:
            gram = codes[first : first + length]
            whole = len(gram) == length and all(each & RICH for each in gram)
            if whole and (len(codes) > 1 or length > 1):
                found.append(hashed("".join(chr(each & 0x1FFFFF) for each in gram), _INNER))
    return found


def hashed(word: str, seed: int = 0xCBF29CE484222325) -> int:
    """Return FNV-1a of a word's UTF-8 bytes."""
    value = seed
    for byte in word.encode("utf-8", "surrogatepass"):
        value = ((value ^ byte) * 0x100000001B3) & _MASK
    return value


def mixed(value: int) -> int:
    """Return the finaliser of MurmurHash3."""
    value = ((value ^ (value >> 33)) * 0xFF51AFD7ED558CCD) & _MASK
    value = ((value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53) & _MASK
    return value ^ (value >> 33)


def features(text: str, half: int) -> Counter[int]:
    """Return how often each hashed word, pair of words and n-gram of letters occurs."""
    found = words(text)
    hashes = [hashed(word.folded) for word in found]
    singles = [mixed(value) % half for value in hashes]
    pairs = [
        mixed((before * _PAIR + value) & _MASK) % half + half for before, value in pairwise(hashes)
    ]
    further = inner(found, rewritten(text))
    grams = [mixed(abs(value)) % half + (half if value < 0 else 0) for value in further]
    return Counter(singles + pairs + grams)


def pieces(word: str, keys: dict[int, int]) -> list[int]:
    """Return the rows of a word's pieces, longest first from the left; none if one is missing."""
    whole = keys.get(hashed(word))
    if whole is not None:
        return [whole]
    letters = word.encode("utf-8", "surrogatepass")
    found: list[int] = []
    begin = 0 if len(letters) <= LONGEST_SPLIT else len(letters)
    while begin < len(letters):
        seed = 0x9AE16A3B2F90404F if begin else 0xCBF29CE484222325
        value, row, reach = seed, -1, begin
        for place in range(begin, min(len(letters), begin + 18)):
            value = ((value ^ letters[place]) * 0x100000001B3) & _MASK
            if value in keys:
                row, reach = keys[value], place + 1
        if row < 0:
            return []
        found.append(row)
        begin = reach
    return found


def decision(model: Model, text: str) -> float:
    """Return the decision value by plain sums."""
    keys = {int(key): row for row, key in enumerate(model.piece_keys)}
    dot = squares = 0.0
    for feature, count in features(text, len(model.idf) // 2).items():
        weighted = (1.0 + math.log(min(count, 1024))) * float(model.idf[feature])
        dot += weighted * float(model.weights[feature])
        squares += weighted * weighted
    found = [pieces(word.folded, keys) for word in words(text)]
    total = sum(float(model.piece_weights[row]) for rows in found for row in rows)
    pooled = total / max(1, sum(max(1, len(rows)) for rows in found))
    return (dot / math.sqrt(squares) if squares else 0.0) + pooled + model.bias
