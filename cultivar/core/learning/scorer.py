"""Models that score the same texts in one pass: words are found and hashed once for all of them.

What each model gives is, bit by bit, what it gives alone. It decides nothing.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from cultivar.core.learning import kernels
from cultivar.core.learning.features import count_weights
from cultivar.core.learning.model import Model, Sums
from cultivar.core.learning.scratch import ScratchPool, aligned_zeros
from cultivar.core.learning.text import Texts, folded

_TOGETHER = 32  # models in a pass, whose weights are read at random: up to 1 MB each


class Scorer:
    """Models that score the same texts.

    Those of one folding and one encoder share a pass, at most 32 of them.
    """

    def __init__(self, models: Sequence[Model]) -> None:
        """Take the models; their tables are laid out when they score first."""
        self._models = list(models)
        self._passes = [_Pass(self._models, places) for places in _shared(self._models)]

    def score(self, texts: Texts) -> npt.NDArray[np.float32]:
        """Return each model's probability of relevance of each text (float32 [n, models])."""
        scores = np.empty((len(texts), len(self._models)), dtype=np.float32)
        for each in self._passes:
            if len(each.places) == 1:
                [place] = each.places
                scores[:, place] = self._models[place].score(texts)
                continue
            sums = each.sums(texts)
            for column, place in enumerate(each.places):
                scores[:, place] = self._models[place].score_sums(sums[:, column], texts)
        return scores


def _shared(models: Sequence[Model]) -> Iterator[tuple[int, ...]]:
    """Yield the places of models that can share a pass, those of one baseline side by side."""
    alike: dict[tuple[int, bytes], list[tuple[bytes, int]]] = {}
    for place, model in enumerate(models):
        key = (model.folding.number, model.piece_keys.tobytes())
        alike.setdefault(key, []).append((model.idf.tobytes(), place))
    for found in alike.values():
        places = [place for _, place in sorted(found)]
        for first in range(0, len(places), _TOGETHER):
            yield tuple(places[first : first + _TOGETHER])


class _Pass:
    """The models at some places among all, and their tables side by side."""

    def __init__(self, models: Sequence[Model], places: tuple[int, ...]) -> None:
        self.places = places
        self._models = [models[place] for place in places]
        self._width = kernels.MODELS_A_STEP * -(-len(places) // kernels.MODELS_A_STEP)
        self._scratch = ScratchPool(len(self._models[0].idf), self._width)

    def sums(self, texts: Texts) -> Sums:
        """Return what each model sums up of each text (float64 [n, models, 2])."""
        first = self._models[0]
        words = (first.folding.fold, first.folding.unknown)
        lookup = (count_weights(), first.slots, first.piece_keys, self._pieces)
        parts = [np.zeros((0, self._width, 2))]
        with self._scratch.lent() as scratch:
            for part in folded(texts, first.folding):
                parts.append(np.empty((len(part[1]) - 1, self._width, 2)))
                kernels.score_jointly(*part, *words, *self._ngrams, *lookup, *scratch, parts[-1])
        return np.concatenate(parts)

    @cached_property
    def _ngrams(self) -> tuple[npt.NDArray[np.generic], ...]:
        """Return the baselines' idf, where the models of each end, features' rows and weights."""
        idfs, ends = [self._models[0].idf], []
        for column, model in enumerate(self._models):
            if not np.array_equal(model.idf, idfs[-1]):
                idfs.append(model.idf)
                ends.append(column)
        weighted = [model.idf * model.weights for model in self._models]
        known = np.flatnonzero(np.any([each != 0.0 for each in weighted], axis=0))
        rows = np.full(len(idfs[0]), -1, dtype=np.int32)
        rows[known] = np.arange(len(known), dtype=np.int32)
        weights = self._side_by_side([each[known] for each in weighted])
        return np.stack(idfs, axis=1), np.array([*ends, self._width], np.uint64), rows, weights

    @cached_property
    def _pieces(self) -> npt.NDArray[np.float32]:
        return self._side_by_side([model.piece_weights for model in self._models])

    def _side_by_side(self, arrays: list[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
        """Return the models' arrays as columns (float32 [n, width]); the last ones may be zeros."""
        columns = aligned_zeros((len(arrays[0]), self._width), np.float32)
        for column, array in enumerate(arrays):
            columns[:, column] = array
        return columns
