"""The engines that give a text its vector: word by word (static), or as a whole (a transformer).

It runs no transformer: whoever can hands one over.
"""

from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from cultivar.core.errors import NotReady
from cultivar.core.learning.encoder import StaticEncoder
from cultivar.core.learning.solver import Linear
from cultivar.core.learning.text import Texts

STATIC = "static"
TRANSFORMER = "transformer"


class TextEncoder(Protocol):
    """A transformer: one vector a text, which no sum over its words gives.

    The vector of a text depends on that text alone, not on those beside it.
    """

    @property
    def fingerprint(self) -> str:
        """The sha256 of its files."""

    @property
    def width(self) -> int:
        """The length of a vector."""

    def embed(self, texts: Texts) -> npt.NDArray[np.float32]:
        """Return a vector of length 1 a text (float32 [n, width]); zeros where it has no words."""


Engine: TypeAlias = StaticEncoder | TextEncoder


def width_of(engine: Engine) -> int:
    """Return the length of the engine's vectors."""
    return engine.vectors.shape[1] if isinstance(engine, StaticEncoder) else engine.width


def record_of(engine: Engine) -> dict[str, Any]:
    """Return what a model's header says of its engine."""
    name = STATIC if isinstance(engine, StaticEncoder) else TRANSFORMER
    return {"name": name, "sha256": engine.fingerprint}


def weights_of(engine: Engine, linear: Linear, scale: float) -> dict[str, npt.NDArray[Any]]:
    """Return what a model keeps of the weights of the vectors, which were scaled by ``scale``.

    Of a static encoder that is one number a word piece, of a transformer the weights themselves.
    """
    factor = np.float32(scale)
    if isinstance(engine, StaticEncoder):
        collapsed = linear.collapse(engine.vectors) * factor
        return {"piece_keys": engine.keys, "piece_weights": collapsed}
    empty = StaticEncoder.empty()
    return {
        "piece_keys": empty.keys,
        "piece_weights": np.zeros(0, np.float32),
        "whole_weights": linear.dense.astype(np.float32) * factor,
    }


def whole_values(
    texts: Texts, weights: npt.NDArray[np.float32], encoder: TextEncoder | None
) -> npt.NDArray[np.float64]:
    """Return what each text as a whole adds to its decision value (float64 [n]).

    Raises:
        NotReady: code ``engine-not-loaded``; nobody handed the transformer over.
    """
    if encoder is None:
        raise NotReady(
            "engine-not-loaded",
            "This version was trained with a transformer, which is not loaded. "
            "Name its folder in the setting transformer.",
        )
    linear = Linear(np.zeros(0), weights.astype(np.float64), 0.0)
    return linear.collapse(encoder.embed(texts)).astype(np.float64)


def is_transformer(record: Mapping[str, Any]) -> bool:
    """Tell whether a model's header names a transformer as its engine."""
    return record.get("name") == TRANSFORMER
