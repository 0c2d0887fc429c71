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
from cultivar.core.learning.folding import folding_table
from cultivar.core.learning.function_words import is_function_word

if TYPE_CHECKING:
    from cultivar.core.learning.model import Model

Vector = npt.NDArray[np.float64]
_NONE = np.zeros(0, dtype=np.float64)


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
    half = len(model.idf) // 2
    lookup = (model.slots, model.piece_keys, model.piece_weights)
    starts, stops, features, sums, pooled = kernels.trace(encoded, folding_table(), half, *lookup)
    weights = _ngrams(model, features) + sums / max(1, int(pooled.sum()))
    characters = np.append(0, np.cumsum((encoded & 0xC0) != 0x80))
    spans = zip(characters[starts].tolist(), characters[stops].tolist(), weights, strict=True)
    return [Contribution(a, b, text[a:b], float(weight)) for a, b, weight in spans]


def _ngrams(model: "Model", features: npt.NDArray[np.int64]) -> Vector:
    """Return each word's share of the n-grams it takes part in."""
    used = features[features >= 0]
    if not used.size:
        return _NONE
    distinct, place, counts = np.unique(used, return_inverse=True, return_counts=True)
    logarithms = count_weights()
    counted = logarithms[np.minimum(counts, len(logarithms) - 1)] * model.idf[distinct]
    norm = np.sqrt(np.sum(np.square(counted, dtype=np.float64)))
    share = counted * model.weights[distinct].astype(np.float64) / (counts * norm)
    each = np.zeros(features.shape)
    each[features >= 0] = share[place]
    words = each[:, 0] + 0.5 * each[:, 1]
    words[:-1] += 0.5 * each[1:, 1]
    return words
