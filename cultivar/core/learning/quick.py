"""A quick classifier for what a person is shown next: one fit, again after every few answers.

It is no version: nothing is labelled by it, and it has no threshold and no probabilities.

What is judged counts most; all other content counts faintly as not relevant, so that a handful of
answers is told from content at large and not from one another alone. Relevant items outweigh the
rest together, as ASReview's ELAS u4 has it (``python -m benchmarks.screening``).
"""

import numpy as np
import numpy.typing as npt

from cultivar.core.learning import solver
from cultivar.core.learning.rounds import NEGATIVE, POSITIVE, UNLABELLED
from cultivar.core.learning.solver import Linear, Rows

_COST = 0.11
_OUTWEIGHED = 9.8  # times the rest's weight is what relevant items weigh together
_UNJUDGED = 0.02  # what an item that nobody judged weighs beside one that is refused


def fit(rows: Rows, roles: npt.NDArray[np.int8], seed: int) -> Linear:
    """Fit on rows by their roles (1 relevant, 0 refused, -1 not judged); one is relevant at least.

    The same rows, roles and seed give the same bits.
    """
    positive = np.flatnonzero(roles == POSITIVE)
    others = np.concatenate([np.flatnonzero(roles == role) for role in (NEGATIVE, UNLABELLED)])
    weights = np.where(roles[others] == NEGATIVE, 1.0, _UNJUDGED)
    each = _OUTWEIGHED * float(weights.sum()) / len(positive)
    return solver.fit(
        rows,
        np.concatenate([positive, others]),
        np.repeat([1.0, -1.0], [len(positive), len(others)]),
        _COST * np.concatenate([np.full(len(positive), each), weights]),
        seed,
    )
