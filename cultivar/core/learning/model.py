"""A trained classifier as numbers: it scores, decides and explains.

It neither learns nor reads or writes files; it is data, never code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cultivar.core.learning import arithmetic, kernels
from cultivar.core.learning.audit import audited
from cultivar.core.learning.encoder import slots_of
from cultivar.core.learning.engine import TextEncoder, whole_values
from cultivar.core.learning.estimates import calibration, familiarity
from cultivar.core.learning.explanation import Contribution, contributions
from cultivar.core.learning.features import count_weights
from cultivar.core.learning.format import FORMAT, NAME
from cultivar.core.learning.scratch import ScratchPool
from cultivar.core.learning.text import Texts, folded
from cultivar.core.learning.writing.forms import Folding, folding_of
from cultivar.core.operating_points import Cut, OperatingPoints
from cultivar.core.schemas.arrays import arrow_numbers, arrow_texts
from cultivar.core.vocabulary import CLOSE_MATCH, MATCH, NO_MATCH

CLOSE, REACHED = 1, 2  # levels of a score: a close match, and a match

Sums = npt.NDArray[np.float64]
"""Of each text the weighted sum of its words, bias excluded, and what of it is known [n, 2]."""


@dataclass(frozen=True, eq=False)
class Model:
    """One immutable version's numbers.

    ``idf`` and ``weights`` are float32 by hashed n-gram [2^k]; ``piece_keys`` uint64 and
    ``piece_weights`` float32 by word piece. ``calibration`` (slope, intercept) turns a decision
    value into the probability of relevance in the tenant, less what ``lookalikes`` take (0 in
    models of formats 1 to 3). ``threshold`` and ``close_threshold`` are probabilities (float32
    values). ``engine``, ``training`` and ``inputs`` are what the header
    records: the encoder, the training's figures and the hashes of what it learned from.
    ``whole_weights`` float32 [d] weigh the vector that ``encoder``, a transformer, gives a text;
    empty where the engine is static. The encoder is handed over and no part of the stored model.
    ``folding`` is how texts become words, and ``familiar`` the share of a text that must be known
    for its probability to stand as it is (see ``familiarity``); 0 in models of format 1.
    ``operating`` are the thresholds for content; None in models of formats 1 and 2, whose
    ``threshold`` serves the review and content alike.
    """

    idf: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32]
    piece_keys: npt.NDArray[np.uint64]
    piece_weights: npt.NDArray[np.float32]
    bias: float
    calibration: tuple[float, float]
    threshold: float
    close_threshold: float
    prior: float
    engine: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    whole_weights: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    encoder: TextEncoder | None = None
    folding: Folding = field(default_factory=folding_of)
    familiar: float = 0.0
    operating: OperatingPoints | None = None
    lookalikes: float = 0.0

    @property
    def header(self) -> dict[str, Any]:
        """Everything that is not an array, as JSON holds it."""
        return {
            "schema": NAME,
            "format": FORMAT,
            "engine": dict(self.engine),
            "bias": self.bias,
            "calibration": list(self.calibration),
            "lookalikes": self.lookalikes,
            "threshold": self.threshold,
            "close_threshold": self.close_threshold,
            "prior": self.prior,
            "folding": self.folding.number,
            "familiar": self.familiar,
            "operating": self.operating.stored if self.operating else None,
            "training": dict(self.training),
            "inputs": dict(self.inputs),
        }

    @property
    def cut(self) -> float:
        """The decision value at the threshold, to the rounding of a probability."""
        slope, intercept = self.calibration
        own = self.threshold / max(1e-9, 1.0 - self.lookalikes * self.threshold)
        bounded = min(max(own, 1e-9), 1.0 - 1e-9)
        return (arithmetic.logarithm(bounded / (1.0 - bounded)) - intercept) / max(slope, 1e-9)

    @cached_property
    def slots(self) -> npt.NDArray[np.int32]:
        """The look-up table of the word pieces."""
        return slots_of(self.piece_keys)

    @cached_property
    def _scratch(self) -> ScratchPool:
        return ScratchPool(len(self.idf))

    @cached_property
    def _paired(self) -> npt.NDArray[np.float32]:
        return np.ascontiguousarray(np.stack([self.idf, self.idf * self.weights], axis=1))

    def decision_values(self, texts: Texts) -> npt.NDArray[np.float64]:
        """Return the linear model's value of each text, bias included (float64 [n])."""
        return self.values_and_trust(texts)[0]

    def values_and_trust(
        self, texts: Texts
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return each text's decision value, and how far it counts (float64 [n] each).

        It counts as 1 where enough of the text is known, and as 0 where there is not enough to go
        by.
        """
        return self._valued(self._sums(texts), texts)

    def _valued(
        self, found: Sums, texts: Texts
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        values = found[:, 0] + self.bias
        values = values + self.whole(texts) if self.whole_weights.size else values
        return values, familiarity.trust(found[:, 1], self.familiar)

    def whole(self, texts: Texts) -> npt.NDArray[np.float64]:
        """Return what each text as a whole, not its words, adds to its value (float64 [n]).

        It is 0 where the engine is static: words alone count then.
        """
        if not self.whole_weights.size:
            return np.zeros(len(texts))
        return whole_values(texts, self.whole_weights, self.encoder)

    def _sums(self, texts: Texts) -> Sums:
        words = (self.folding.fold, self.folding.unknown)
        lookup = (self.slots, self.piece_keys, self.piece_weights)
        parts = [np.zeros((0, 2))]
        with self._scratch.lent() as scratch:
            for part in folded(texts, self.folding):
                parts.append(np.empty((len(part[1]) - 1, 2)))
                given = (*part, *words, self._paired, count_weights(), *lookup)
                kernels.score(*given, *scratch, parts[-1])
        return np.concatenate(parts)

    def score(self, texts: Texts) -> npt.NDArray[np.float32]:
        """Return the probability of relevance of each text (float32 [n], 0 to 1).

        Where little of a text is known it moves towards the prior; where there is not enough to go
        by it lies below a close match.
        """
        return self.score_sums(self._sums(texts), texts)

    def score_sums(self, found: Sums, texts: Texts) -> npt.NDArray[np.float32]:
        """Return what ``score`` does, of texts whose words are summed up already."""
        values, trust = self._valued(found, texts)
        own = self.probabilities(values)
        rest = min(self.prior, 0.5 * self._lowest)
        moved = (trust * own + (1.0 - trust) * rest).astype(np.float32)
        return np.where(trust < 1.0, moved, own)

    @property
    def _lowest(self) -> float:
        """The lowest score from which on an item may be listed."""
        points = self.operating
        return min(self.close_threshold, points.lowest) if points else self.close_threshold

    def is_enough(self, text: str) -> bool:
        """Tell whether enough of a text is known to go by; one that is not is never a match."""
        return bool(self.values_and_trust(arrow_texts([text]))[1][0] > 0.0)

    def probabilities(self, decisions: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        """Return the probability that each decision value stands for (float32 [n])."""
        slope, intercept = self.calibration
        own = calibration.probabilities(decisions, slope, intercept)
        return calibration.capped(own, self.lookalikes).astype(np.float32)

    def decide(self, scores: npt.NDArray[np.float32], cut: Cut | None = None) -> pa.Array:
        """Return ``match``, ``close match`` or ``no match`` for each score (Arrow strings).

        ``cut`` is that of an operating point; the review's own where it is left out.
        """
        words = arrow_texts((NO_MATCH, CLOSE_MATCH, MATCH)).cast(pa.string())
        return words.take(arrow_numbers(self.levels(scores, cut)))

    def levels(
        self, scores: npt.NDArray[np.float32], cut: Cut | None = None
    ) -> npt.NDArray[np.int32]:
        """Return what ``decide`` says as numbers: 0, ``CLOSE`` or ``REACHED`` (int32 [n])."""
        at = cut or Cut(self.threshold, self.close_threshold)
        found = np.asarray(scores, dtype=np.float32)
        close = found >= np.float32(at.close)
        return np.where(found >= np.float32(at.threshold), REACHED, close).astype(np.int32)

    def explain(self, text: str, top: int | None = 20) -> list[Contribution]:
        """Return the ``top`` words that moved the decision most, strongest first (None: all).

        A transformer judges a text as a whole: what it adds is ``whole``, and no word's.
        """
        found = contributions(self, text)
        return sorted(found, key=lambda each: (-abs(each.weight), each.start))[:top]

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays to keep beside ``header``; weights that are 0 are left out."""
        present = np.flatnonzero(self.weights)
        whole = {"whole_weights": self.whole_weights} if self.whole_weights.size else {}
        return whole | {
            "idf": self.idf,
            "features": present.astype(np.uint32),
            "weights": self.weights[present],
            "piece_keys": self.piece_keys,
            "piece_weights": self.piece_weights,
        }

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, npt.NDArray[Any]], header: Mapping[str, Any]
    ) -> "Model":
        """Rebuild a model; raises ``Damaged`` where arrays or header are not as declared."""
        parts = audited(arrays, header)
        weights = np.zeros(len(parts.arrays["idf"]), dtype=np.float32)
        weights[parts.arrays["features"]] = parts.arrays["weights"]
        return cls(
            idf=parts.arrays["idf"],
            weights=weights,
            piece_keys=parts.arrays["piece_keys"],
            piece_weights=parts.arrays["piece_weights"],
            bias=parts.numbers["bias"],
            calibration=parts.calibration,
            threshold=parts.numbers["threshold"],
            close_threshold=parts.numbers["close_threshold"],
            prior=parts.numbers["prior"],
            whole_weights=parts.arrays.get("whole_weights", np.zeros(0, np.float32)),
            folding=folding_of(parts.folding),
            familiar=parts.numbers["familiar"],
            operating=parts.operating,
            lookalikes=parts.numbers["lookalikes"],
            engine=parts.records["engine"],
            training=parts.records["training"],
            inputs=parts.records["inputs"],
        )
