"""Which items are the same, or nearly the same: exact by hash, near by their word 5-grams.

Pure computation on texts and hashes; it reads no store and drops no item.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cultivar.content.documents.parsing import normalised

NEAR_AT_LEAST = 0.8
WORDS_IN_SHINGLE = 5
# 25 bands of 5 rows: two texts of similarity 0.8 share a band with probability 0.99995.
_BANDS, _ROWS = 25, 5
_SEED = 20_211_117
_LEADERS_COMPARED = 20

Bands = NDArray[np.uint32]


def shingles(text: str) -> frozenset[str]:
    """Return the distinct runs of five words of a text, case and spacing aside.

    A text of fewer than five words is one run.
    """
    words = normalised(text).split()
    runs = max(len(words) - WORDS_IN_SHINGLE + 1, 1)
    return frozenset(" ".join(words[at : at + WORDS_IN_SHINGLE]) for at in range(runs))


def similarity(left: frozenset[str], right: frozenset[str]) -> float:
    """Return the Jaccard similarity of two sets of shingles, 0 to 1."""
    shared = len(left & right)
    return shared / (len(left) + len(right) - shared)


def bands_of(texts: Sequence[str]) -> Bands:
    """Return the locality-sensitive bands of each text: shape (texts, 25), equal where alike."""
    if not texts:
        return np.zeros((0, _BANDS), np.uint32)
    from rensa import RMinHash  # noqa: PLC0415 - only where something is compared

    hashes, offsets = _hashed_shingles(texts)
    rows: Any = RMinHash.digest_matrix_from_flat_token_hashes(
        hashes, offsets, _BANDS * _ROWS, _SEED
    ).to_rows()
    digests = np.asarray(rows, np.uint64).reshape(len(texts), _BANDS, _ROWS)
    folded = np.zeros(digests.shape[:2], np.uint64)
    for row in range(_ROWS):
        folded = _mixed(folded, digests[:, :, row])
    return (folded >> np.uint64(32)).astype(np.uint32)


class _WordHashes(dict[str, int]):
    """The hash of each word seen, the same in every process."""

    def __missing__(self, word: str) -> int:
        digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        value = self[word] = int.from_bytes(digest, "little")
        return value


def _hashed_shingles(texts: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return 64-bit hashes of every text's shingles, end to end, and where each text's begin."""
    known = _WordHashes()
    words: list[int] = []
    begins = [0]
    for text in texts:
        own = list(map(known.__getitem__, text.casefold().split()))
        # A short text is filled up to one run; 0 is no word's hash but by a chance of 2**-64.
        words += own + [0] * (WORDS_IN_SHINGLE - len(own))
        begins.append(len(words))
    flat, starts = np.array(words, np.uint64), np.array(begins)
    runs = len(flat) - WORDS_IN_SHINGLE + 1
    hashes = np.zeros(runs, np.uint64)
    for at in range(WORDS_IN_SHINGLE):
        hashes = _mixed(hashes, flat[at : at + runs])
    within = np.ones(runs, bool)
    for before in range(1, WORDS_IN_SHINGLE):
        within[starts[1:-1] - before] = False
    counts = np.diff(starts) - WORDS_IN_SHINGLE + 1
    return hashes[within], np.concatenate([[0], np.cumsum(counts)]).astype(np.uint64)


def _mixed(state: NDArray[np.uint64], more: NDArray[np.uint64]) -> NDArray[np.uint64]:
    state = (state ^ more) * np.uint64(0x9E3779B97F4A7C15)
    return state ^ (state >> np.uint64(29))


def first_of_each(*keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return, for each row, the original among the earlier rows that share a key, or -1.

    ``keys`` are parallel arrays, one a kind of hash (its first 64 bits); 0 matches nothing. The
    original of a row that shares keys with several is the first of them.
    """
    rows = len(keys[0])
    result = np.full(rows, -1, np.int64)
    shared = np.zeros(rows, bool)
    for key in keys:
        shared |= _repeats(key) & (key != 0)
    originals: list[dict[int, int]] = [{} for _ in keys]
    for row in np.flatnonzero(shared).tolist():
        values = [int(key[row]) for key in keys]
        known = [
            seen[value] for seen, value in zip(originals, values, strict=True) if value in seen
        ]
        original = min(known, default=row)
        if known:
            result[row] = original
        for seen, value in zip(originals, values, strict=True):
            if value:
                seen.setdefault(value, original)
    return result


def nearest_earlier(
    bands: Bands, rows: NDArray[np.int64], text_of: Callable[[int], str]
) -> dict[int, int]:
    """Return near-duplicates: row → the first earlier row whose text is at least 0.8 similar.

    ``bands`` has one line for each of ``rows`` (ascending); a row that stands there several times
    has several forms of its text, of which any may be the similar one. Only rows that are not
    themselves near duplicates are pointed at, so a cluster has one original. ``text_of`` gives the
    text of a line, and is asked only for those that share a band with another row's.
    """
    suspects = np.flatnonzero(_shares_a_band(bands, rows)).tolist()
    leaders: list[dict[int, list[int]]] = [defaultdict(list) for _ in range(_BANDS)]
    result: dict[int, int] = {}
    known: dict[int, frozenset[str]] = {}
    for row, lines in groupby(suspects, key=lambda line: int(rows[line])):
        own = {line: shingles(text_of(line)) for line in lines}
        found = [
            _leader(each, _candidates(bands[line], leaders), known, text_of)
            for line, each in own.items()
        ]
        if near := [line for line in found if line is not None]:
            result[row] = int(rows[min(near)])
            continue
        for line, each in own.items():
            for band, value in enumerate(bands[line].tolist()):
                leaders[band][value].append(line)
            _remember(known, line, each)
    return result


def _shares_a_band(bands: Bands, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which lines share a band with a line of another row."""
    shares = np.zeros(len(bands), bool)
    has_forms = bool((rows[1:] == rows[:-1]).any())
    for band in bands.T:
        if not has_forms:
            shares |= _repeats(band)
            continue
        # the forms of one row count once
        pairs = np.unique(band.astype(np.uint64) << np.uint64(32) | rows.astype(np.uint64))
        values = pairs >> np.uint64(32)
        shares |= np.isin(band, values[1:][values[1:] == values[:-1]])
    return shares


def _repeats(values: NDArray[Any]) -> NDArray[np.bool_]:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray(counts[inverse] > 1)


def _candidates(values: NDArray[np.uint32], leaders: list[dict[int, list[int]]]) -> list[int]:
    votes: dict[int, int] = defaultdict(int)
    for band, value in enumerate(values.tolist()):
        for row in leaders[band].get(value, ())[:_LEADERS_COMPARED]:
            votes[row] += 1
    most = sorted(votes, key=lambda row: (-votes[row], row))[:_LEADERS_COMPARED]
    return sorted(most)


def _leader(
    own: frozenset[str],
    candidates: list[int],
    known: dict[int, frozenset[str]],
    text_of: Callable[[int], str],
) -> int | None:
    for row in candidates:
        other = known.get(row)
        if other is None:
            other = shingles(text_of(row))
        if similarity(own, other) >= NEAR_AT_LEAST:
            return row
    return None


_REMEMBERED = 2_000


def _remember(known: dict[int, frozenset[str]], row: int, own: frozenset[str]) -> None:
    known[row] = own
    if len(known) > _REMEMBERED:
        known.pop(next(iter(known)))


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What the leak guard compares: hash of the bytes, hash of the text, and the text."""

    sha256: str
    text_sha256: str | None
    text: str | None


def overlaps_with(
    seeds: Sequence[Fingerprint], candidates: Sequence[Fingerprint]
) -> list[str | None]:
    """Tell for each candidate how it repeats a seed: ``same``, ``near``, or None where it does not.

    ``same`` is equal bytes or equal text, ``near`` a similarity of at least 0.8.
    """
    bytes_seen = {seed.sha256 for seed in seeds if seed.sha256}
    texts_seen = {seed.text_sha256 for seed in seeds if seed.text_sha256}
    near = _near_seeds([seed.text for seed in seeds if seed.text], candidates)
    return [
        "same"
        if one.sha256 in bytes_seen or one.text_sha256 in texts_seen
        else ("near" if near[at] else None)
        for at, one in enumerate(candidates)
    ]


def _near_seeds(seeds: list[str], candidates: Sequence[Fingerprint]) -> list[bool]:
    sets = [shingles(text) for text in seeds]
    index: dict[tuple[int, int], list[int]] = defaultdict(list)
    for seed, values in enumerate(bands_of(seeds).tolist()):
        for key in enumerate(values):
            index[key].append(seed)
    near = []
    bands = bands_of([one.text or "" for one in candidates])
    for one, values in zip(candidates, bands.tolist(), strict=True):
        likely = {seed for key in enumerate(values) for seed in index.get(key, ())}
        mine = shingles(one.text) if one.text and likely else frozenset()
        near.append(
            bool(mine) and any(similarity(mine, sets[at]) >= NEAR_AT_LEAST for at in likely)
        )
    return near
