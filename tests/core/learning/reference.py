"""The slow, obvious definition of words, pieces and scores that the kernels are held to."""

import math
from collections import Counter
from itertools import pairwise

from cultivar.core.learning.folding import MARK, SEPARATOR, SINGLE, TABLE_SIZE, folding_table
from cultivar.core.learning.kernels import LONGEST_SPLIT
from cultivar.core.learning.model import Model

_MASK = (1 << 64) - 1


def words(text: str) -> list[tuple[int, int, str]]:
    """Return (start, end, folded word), the positions in characters."""
    table = folding_table()
    found: list[tuple[int, int, str]] = []
    start, end, letters = 0, 0, ""
    for place, character in enumerate(text + " "):
        point = ord(character)
        code = int(table[point]) if point < TABLE_SIZE else point | SINGLE
        if code == MARK:
            end = place + 1 if letters else end
        elif code != SEPARATOR and not code & SINGLE:
            start = start if letters else place
            letters, end = letters + chr(code), place + 1
        else:
            if letters:
                found.append((start, end, letters))
                letters = ""
            if code & SINGLE:
                found.append((place, place + 1, chr(code & 0x1FFFFF)))
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
    """Return how often each hashed word and pair of words occurs."""
    hashes = [hashed(word) for _, _, word in words(text)]
    singles = [mixed(value) % half for value in hashes]
    pairs = [
        mixed((before * 0x9E3779B97F4A7C15 + value) & _MASK) % half + half
        for before, value in pairwise(hashes)
    ]
    return Counter(singles + pairs)


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
    rows = [row for _, _, word in words(text) for row in pieces(word, keys)]
    pooled = sum(float(model.piece_weights[row]) for row in rows) / max(1, len(rows))
    return (dot / math.sqrt(squares) if squares else 0.0) + pooled + model.bias
