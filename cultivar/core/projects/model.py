"""A project's trained model as numbers: it scores a text against every class.

It neither learns nor reads or writes files; it is data, never code.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cultivar.core.learning import features, joint
from cultivar.core.learning.encoder import StaticEncoder
from cultivar.core.learning.estimates import familiarity
from cultivar.core.learning.text import FEATURES, Texts
from cultivar.core.learning.writing.forms import Folding, folding_of
from cultivar.core.projects.audit import audited
from cultivar.core.projects.calibration import Calibration, probabilities
from cultivar.core.projects.model_format import FORMAT, NAME
from cultivar.core.projects.names import Kind
from cultivar.core.schemas import DOCUMENT_FREQUENCIES
from cultivar.core.schemas.arrays import arrow_numbers, arrow_texts

Scores = npt.NDArray[np.float32]
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Judged:
    """The classes that a text gets with their probabilities, likeliest first.

    ``enough`` is False where too little of the text is known to go by: its probabilities are then
    the classes' shares of the training documents, or it gets no class where there may be several.
    """

    classes: tuple[tuple[str, float], ...]
    enough: bool


@dataclass(frozen=True, eq=False)
class ProjectModel:
    """One trained model's numbers.

    ``features`` (uint32 [used], ascending) are the hashed n-grams that training documents hold,
    ``frequencies`` (uint32 [used]) in how many of ``documents``, ``weights`` float32
    [used, classes]. ``piece_keys`` uint64 [pieces] and ``piece_weights`` float32
    [pieces, classes] are the encoder's word pieces, collapsed. ``bias`` is float64 [classes].
    ``threshold`` is the probability from which on a class is given (several labels only).
    ``folding`` is how texts become words. ``familiar`` is the share of a text that must be known
    for its probabilities to stand as they are (0 in models of format 1), and ``shares`` float32
    [classes] what the classes of a text are likely to be where nothing of it is known.
    """

    kind: Kind
    classes: tuple[str, ...]
    documents: int
    features: npt.NDArray[np.uint32]
    frequencies: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.float32]
    piece_keys: npt.NDArray[np.uint64]
    piece_weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float64]
    calibration: Calibration
    threshold: float
    engine: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    folding: Folding = field(default_factory=folding_of)
    familiar: float = 0.0
    shares: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))

    @property
    def single(self) -> bool:
        """Whether a document gets exactly one class."""
        return self.kind is Kind.SINGLE

    @cached_property
    def idf(self) -> npt.NDArray[np.float32]:
        """The weight of every n-gram, those that training never met included."""
        return weights_of(self.features, self.frequencies, self.documents)

    @cached_property
    def _places(self) -> npt.NDArray[np.int32]:
        places = np.full(FEATURES, -1, dtype=np.int32)
        places[self.features] = np.arange(len(self.features), dtype=np.int32)
        return places

    @cached_property
    def _pieces(self) -> StaticEncoder:
        """The collapsed pieces in an encoder's place: pooling them gives a class's sum at once."""
        return StaticEncoder(self.piece_weights, self.piece_keys)

    def decisions(self, texts: Texts) -> npt.NDArray[np.float64]:
        """Return the linear value of each text and class, bias included (float64 [n, classes])."""
        return self.decisions_and_trust(texts)[0]

    def decisions_and_trust(
        self, texts: Texts
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return the linear values, and how far those of a text count (float64 [n]).

        They count as 1 where enough of the text is known, and as 0 where there is not enough to go
        by.
        """
        parts = [
            self._decided(texts.slice(first, _BLOCK)) for first in range(0, len(texts), _BLOCK)
        ]
        found = np.concatenate([np.zeros((0, len(self.classes))), *(each for each, _ in parts)])
        known = np.concatenate([np.zeros(0), *(each for _, each in parts)])
        return found, familiarity.trust(known, self.familiar)

    def _decided(self, texts: Texts) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        rows = features.extract(texts, self._pieces, self.idf, self.folding)
        found = rows.dense.astype(np.float64) + self.bias
        known = np.empty(len(rows), dtype=np.float64)
        columns = (rows.indptr, rows.indices, rows.values)
        joint.add_products(*columns, self._places, self.weights, found, known)
        return found, known

    def score(self, texts: Texts) -> Scores:
        """Return the probability of each class (float32 [n, classes]).

        Single-label rows add up to 1; with several labels each class stands for itself. Where
        little of a text is known, they move towards the classes' shares of the training documents,
        with several labels towards 0.
        """
        return self.score_and_trust(texts)[0]

    def score_and_trust(self, texts: Texts) -> tuple[Scores, npt.NDArray[np.float64]]:
        """Return the probabilities, and how far a text's words decide them (float64 [n])."""
        values, trust = self.decisions_and_trust(texts)
        chances = probabilities(values, self.calibration, self.single)
        doubted = trust < 1.0
        rest = self.shares.astype(np.float64) if self.single else np.zeros(len(self.classes))
        weight = trust[doubted][:, None]
        chances[doubted] = weight * chances[doubted] + (1.0 - weight) * rest
        return chances.astype(np.float32), trust

    def decide(self, scores: Scores, threshold: float | None = None) -> npt.NDArray[np.bool_]:
        """Return which classes each document gets (bool [n, classes]).

        Single-label: the likeliest one, whatever the ``threshold``. Several labels: those at or
        above it, the model's own when None.
        """
        if not self.single:
            bound = self.threshold if threshold is None else threshold
            return np.asarray(scores >= np.float32(bound))
        given = np.zeros(scores.shape, dtype=bool)
        if len(scores):
            given[np.arange(len(scores)), scores.argmax(axis=1)] = True
        return given

    def classify(
        self, texts: Sequence[str] | Texts, threshold: float | None = None
    ) -> list[tuple[tuple[str, float], ...]]:
        """Return the classes that each text gets with their probabilities, likeliest first."""
        return [judged.classes for judged in self.judge(texts, threshold)]

    def judge(self, texts: Sequence[str] | Texts, threshold: float | None = None) -> "list[Judged]":
        """Return the classes that each text gets, and whether it is enough to go by."""
        given_texts = texts if isinstance(texts, pa.Array | pa.ChunkedArray) else _array(texts)
        scores, trust = self.score_and_trust(given_texts)
        rows = zip(scores, self.decide(scores, threshold), trust.tolist(), strict=True)
        return [Judged(self._named(row, marks), far > 0.0) for row, marks, far in rows]

    def _named(self, row: Scores, marks: npt.NDArray[np.bool_]) -> tuple[tuple[str, float], ...]:
        given = sorted(np.flatnonzero(marks), key=lambda each: (-row[each], each))
        return tuple((self.classes[place], float(row[place])) for place in given)

    @property
    def header(self) -> dict[str, Any]:
        """Everything that is not an array, as JSON holds it."""
        return {
            "schema": NAME,
            "format": FORMAT,
            "kind": str(self.kind),
            "classes": list(self.classes),
            "documents": self.documents,
            "calibration": [self.calibration.slope, self.calibration.intercept],
            "threshold": self.threshold,
            "folding": self.folding.number,
            "familiar": self.familiar,
            "shares": self.shares.tolist(),
            "engine": dict(self.engine),
            "training": dict(self.training),
            "inputs": dict(self.inputs),
        }

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays to keep beside ``header``."""
        names = ("features", "frequencies", "weights", "piece_keys", "piece_weights", "bias")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, npt.NDArray[Any]], header: Mapping[str, Any]
    ) -> "ProjectModel":
        """Rebuild a model; raises ``Damaged`` where arrays or header are not as declared."""
        return cls(**audited(arrays, header))


def weights_of(
    used: npt.NDArray[np.uint32], frequencies: npt.NDArray[np.uint32], documents: int
) -> npt.NDArray[np.float32]:
    """Return the weight of every n-gram from how many of the ``documents`` hold the used ones."""
    columns = [arrow_numbers(used), arrow_numbers(frequencies.astype(np.int64))]
    table = pa.Table.from_arrays(columns, schema=DOCUMENT_FREQUENCIES.arrow)
    return features.inverse_frequencies(table, documents)


def _array(texts: Sequence[str]) -> pa.Array:
    return arrow_texts(texts)
