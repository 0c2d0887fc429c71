"""How much of a text a model knows, and what that makes of its probability.

Known is the share of a text's squared n-gram values whose n-grams training has met. Training looks
at its own documents, each as if the others alone had been met: what all but one in twenty reach is
the familiar share. At it a probability stands as it is; below it the probability moves in a
straight line towards what is true without any text, and at a quarter of it the text is not enough
to go by. An empty text, one in another language and one of unknown words end there.
"""

import numpy as np
import numpy.typing as npt

from cultivar.core.learning.solver import Rows

Vector = npt.NDArray[np.float64]

FLOOR = 0.25  # of the familiar share: a text below it is not enough to go by
_QUANTILE = 0.05
_ENOUGH = 0.5  # at most; a text of which half is known is never doubted


def familiar_share(rows: Rows, met_by: npt.NDArray[np.int64]) -> float:
    """Return the share that all but one in twenty of the rows reach (float32 value, 0.5 at most).

    ``met_by`` is how many of the rows hold each feature; a row knows what another one holds too.
    Rows without features are left out; 0 where there are none.
    """
    held = rows.indptr[:-1] < rows.indptr[1:]
    if not held.any():
        return 0.0
    shares = known_shares(rows, met_by)[held]
    return min(_ENOUGH, float(np.float32(np.quantile(shares, _QUANTILE))))


def known_shares(rows: Rows, met_by: npt.NDArray[np.int64]) -> Vector:
    """Return the share of each row that other rows hold too (float64 [n]); 1 without features."""
    squares = np.square(rows.values.astype(np.float64))
    known = np.append(0.0, np.cumsum(np.where(met_by[rows.indices] > 1, squares, 0.0)))
    whole = np.append(0.0, np.cumsum(squares))
    begin, end = rows.indptr[:-1], rows.indptr[1:]
    held = begin < end
    shares = np.ones(len(begin))
    shares[held] = (known[end] - known[begin])[held] / (whole[end] - whole[begin])[held]
    return shares


def met_by(rows: Rows) -> npt.NDArray[np.int64]:
    """Return how many rows hold each feature (int64 [features])."""
    return np.bincount(rows.indices, minlength=rows.features)


def trust(known: Vector, familiar: float) -> Vector:
    """Return how far a model's own probability counts (float64 [n], 0 to 1)."""
    if familiar <= 0.0:
        return np.ones(len(known))
    floor = FLOOR * familiar
    return np.clip((known - floor) / (familiar - floor), 0.0, 1.0)
