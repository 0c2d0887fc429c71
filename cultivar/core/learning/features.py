"""A text's rows of numbers: weighted n-grams beside the encoder's pooled vector.

It learns nothing; the weighting comes from the baseline's document frequencies.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cultivar.core.learning import arithmetic, kernels
from cultivar.core.learning.encoder import StaticEncoder
from cultivar.core.learning.engine import Engine
from cultivar.core.learning.solver import Rows
from cultivar.core.learning.text import FEATURES, Buffers, Texts, folded, frequency_vector
from cultivar.core.learning.writing.forms import Folding, folding_of

POOLED = 0.5  # what the pooled vector weighs beside the n-grams' unit vector
_LARGEST_COUNT = 1024  # a feature that occurs more often counts as this often
_PAIRS = 0.5
_BLOCK = 512  # documents whose features are laid out at a time


def count_weights() -> npt.NDArray[np.float32]:
    """Return 1 + ln n for n in 0..1024 (float32; entry 0 is 0)."""
    counts = np.arange(1, _LARGEST_COUNT + 1, dtype=np.float64)
    return np.append(0.0, 1.0 + arithmetic.logarithms(counts)).astype(np.float32)


def inverse_frequencies(frequencies: pa.Table, documents: int) -> npt.NDArray[np.float32]:
    """Return ln((1 + documents) / (1 + frequency)) + 1 by feature (float32 [FEATURES]).

    Half of that for pairs of words: measured on real corpora, pairs at full weight crowd out the
    single words that few seeds can teach.
    """
    held = np.minimum(frequency_vector(frequencies), documents)
    ratio = (1.0 + documents) / (1.0 + held.astype(np.float64))
    weights = arithmetic.logarithms(ratio) + 1.0
    weights[FEATURES // 2 :] *= _PAIRS
    return weights.astype(np.float32)


def extract(
    texts: Texts, engine: Engine, idf: npt.NDArray[np.float32], folding: Folding | None = None
) -> Rows:
    """Return one row a text; a text without words is a row of zeros.

    The folding is the newest unless another is given.
    """
    used = folding or folding_of()
    if isinstance(engine, StaticEncoder):
        return _pooled(texts, engine, idf, used)
    ngrams = _pooled(texts, StaticEncoder.empty(), idf, used)
    return replace(ngrams, dense=engine.embed(texts) * np.float32(POOLED))


def _pooled(
    texts: Texts, encoder: StaticEncoder, idf: npt.NDArray[np.float32], folding: Folding
) -> Rows:
    parts = [
        _extract((data, offsets[first : first + _BLOCK + 1]), encoder, idf, folding)
        for data, offsets in folded(texts, folding)
        for first in range(0, len(offsets) - 1, _BLOCK)
    ]
    return concatenate(parts, encoder.vectors.shape[1])


def _extract(
    part: Buffers, encoder: StaticEncoder, idf: npt.NDArray[np.float32], folding: Folding
) -> Rows:
    data, offsets = part
    indptr = np.zeros(len(offsets), dtype=np.int64)
    dense = np.zeros((len(offsets) - 1, encoder.vectors.shape[1]), dtype=np.float32)
    lookup = (encoder.slots, encoder.keys, encoder.vectors)
    indices, values = kernels.extract(
        data, offsets, folding.fold, folding.unknown, idf, count_weights(), *lookup, indptr, dense
    )
    return Rows(indptr, indices.copy(), values.copy(), dense * np.float32(POOLED), FEATURES)


def concatenate(parts: list[Rows], width: int) -> Rows:
    """Return the rows of all parts, in order; ``width`` is that of the pooled vectors."""
    indptr = [np.zeros(1, dtype=np.int64)]
    for part in parts:
        indptr.append(part.indptr[1:] + indptr[-1][-1])
    return Rows(
        np.concatenate(indptr),
        np.concatenate([np.zeros(0, np.int32), *(part.indices for part in parts)]),
        np.concatenate([np.zeros(0, np.float32), *(part.values for part in parts)]),
        np.concatenate([np.zeros((0, width), np.float32), *(part.dense for part in parts)]),
        FEATURES,
    )
