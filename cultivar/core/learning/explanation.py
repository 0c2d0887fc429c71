"""Which words moved a decision, and by how much.

It explains one linear model exactly and approximates nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cultivar.core.learning import kernels
from cultivar.core.learning.features import count_weights
from cultivar.core.learning.writing import rewriting
from cultivar.core.learning.writing.forms import Folding
from cultivar.core.learning.writing.function_words import is_function_word

if TYPE_CHECKING:
    from cultivar.core.learning.model import Model

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one occurrence of a word adds to the decision value.

    ``text[start:end]`` is ``word``; ``weight`` is above 0 where it speaks for a match.
    """

    start: int
    end: int
    word: str
    weight: float


@dataclass(frozen=True, slots=True)
class WordWeight:
    """What all occurrences of a word add to the decision value together."""

    word: str
    times: int
    weight: float


def by_word(found: Iterable[Contribution]) -> list[WordWeight]:
    """Return each word once, whatever its case, strongest first; all weights keep their sum."""
    words: dict[str, list[Contribution]] = {}
    for each in found:
        words.setdefault(each.word.casefold(), []).append(each)
    merged = [
        WordWeight(same[0].word, len(same), sum(each.weight for each in same))
        for same in words.values()
    ]
    return sorted(merged, key=lambda each: (-abs(each.weight), each.word))


def telling(strongest_first: Iterable[Contribution]) -> list[Contribution]:
    """Return what tells a reader most: each word once, at its strongest, no function words."""
    seen: dict[str, Contribution] = {}
    for each in strongest_first:
        if not is_function_word(each.word):
            seen.setdefault(each.word.casefold(), each)
    return list(seen.values())


def contributions(model: "Model", text: str) -> list[Contribution]:
    """Return one contribution a word, in the order of the text.

    Their weights and the model's bias add up to the decision value, to 1e-6 of the largest term
    (the terms are added in another order than in scoring). A pair of words is shared between both.
    """
    encoded = np.frombuffer(text.encode("utf-8", "surrogatepass"), dtype=np.uint8)
    data, sources = _rewritten(encoded, model.folding)
    half = len(model.idf) // 2
    lookup = (model.slots, model.piece_keys, model.piece_weights)
    words, features, shares = kernels.trace(data, model.folding.fold, half, *lookup)
    starts, stops, sums, pooled = words
    if sources is not None:
        starts, stops = sources[starts, 0], sources[stops - 1, 1]
    counted = int(np.where(pooled > 0, pooled, model.folding.unknown).sum())
    weights = _ngrams(model, features, shares, len(starts)) + sums / max(1, counted)
    characters = np.append(0, np.cumsum((encoded & 0xC0) != 0x80))
    spans = zip(characters[starts].tolist(), characters[stops].tolist(), weights, strict=True)
    return [Contribution(a, b, text[a:b], weight) for a, b, weight in _apart(spans)]


def _apart(spans: Iterable[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    """Return spans that share no character; words of one character (a fraction) become one."""
    found: list[tuple[int, int, float]] = []
    for start, end, weight in spans:
        if found and start < found[-1][1]:
            first, _, before = found.pop()
            found.append((first, end, before + float(weight)))
        else:
            found.append((start, end, float(weight)))
    return found


def _rewritten(
    encoded: npt.NDArray[np.uint8], folding: Folding
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64] | None]:
    """Return a text in one Unicode form, and where each of its bytes stood where that changed it.

    Both are byte positions in ``encoded``: from where, to where.
    """
    offsets = np.array([0, len(encoded)], dtype=np.int64)
    offsets.flags.writeable = False
    if not folding.rewriting or not rewriting.to_rewrite(encoded, offsets, folding.rewrites)[0]:
        return encoded, None
    wanted = np.ones(1, dtype=np.bool_)
    replaced = (folding.rewrites, folding.parts)
    data, _, sources = rewriting.rewrite(encoded, offsets, wanted, *replaced, True)
    data.flags.writeable = False
    return data, sources


def _ngrams(model: "Model", features: npt.NDArray[np.int64], shares: Vector, words: int) -> Vector:
    """Return each word's share of the n-grams it takes part in (float64 [words])."""
    if not len(features):
        return np.zeros(words)
    distinct, place = np.unique(features[:, 0], return_inverse=True)
    counts = np.rint(np.bincount(place, weights=shares)).astype(np.int64)
    logarithms = count_weights()
    counted = logarithms[np.minimum(counts, len(logarithms) - 1)] * model.idf[distinct]
    norm = np.sqrt(np.sum(np.square(counted, dtype=np.float64)))
    each = counted * model.weights[distinct].astype(np.float64) / (counts * norm)
    found = np.bincount(features[:, 1], weights=each[place] * shares, minlength=words)
    return found.astype(np.float64)
