"""A linear classifier by dual coordinate descent, in an order that no machine changes.

It knows nothing of text, of seeds or of thresholds.

The loss is squared on both sides of the margin, (1 - y f)^2, not hinged: where unlabelled items
stand in for negatives, a symmetric loss keeps the direction that clean labels would give, while a
hinge bends towards the positives hidden among them (measured: +1 to 2 points of F1).
Source of the method: Hsieh et al., "A dual coordinate descent method for large-scale linear SVM",
ICML 2008, without the bound on the dual variables. Sums run in a fixed order without BLAS, so that
the same rows and the same seed give the same bits everywhere.
"""

# numba infers types from the arrays it is given, and takes arrays one by one
# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: PLR0917

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cultivar.core.learning.compiling import compiled

EPOCHS = 12  # further epochs move no measured figure
TOLERANCE = 0.05  # largest change of a margin's error at which the descent ends


@dataclass(frozen=True)
class Rows:
    """Documents as rows: sparse n-grams (CSR) beside dense pooled vectors.

    ``indptr`` int64 [n + 1], ``indices`` int32, ``values`` float32, ``dense`` float32 [n, d];
    ``features`` is the number of sparse columns.
    """

    indptr: npt.NDArray[np.int64]
    indices: npt.NDArray[np.int32]
    values: npt.NDArray[np.float32]
    dense: npt.NDArray[np.float32]
    features: int

    def __len__(self) -> int:
        return len(self.dense)


@dataclass(frozen=True)
class Linear:
    """Weights of a fitted classifier: ``sparse`` float64 [features], ``dense`` float64 [d]."""

    sparse: npt.NDArray[np.float64]
    dense: npt.NDArray[np.float64]
    bias: float

    def decide(self, rows: Rows, chosen: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return the decision value of each of the ``chosen`` rows (float64 [n])."""
        columns = (rows.indptr, rows.indices, rows.values, rows.dense)
        return _products(chosen, *columns, self.sparse, self.dense) + self.bias

    def collapse(self, vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return the one number that each vector [n, d] comes to (float32 [n])."""
        nothing = np.zeros(len(vectors) + 1, dtype=np.int64)
        indices, values = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32)
        columns = (nothing, indices, values, vectors)
        found = _products(np.arange(len(vectors)), *columns, self.sparse, self.dense)
        return found.astype(np.float32)


def fit(
    rows: Rows,
    chosen: npt.NDArray[np.int64],
    labels: npt.NDArray[np.float64],
    costs: npt.NDArray[np.float64],
    seed: int,
) -> Linear:
    """Fit on the ``chosen`` rows; ``labels`` are +1 or -1 and ``costs`` > 0, one a chosen row."""
    sparse = np.zeros(rows.features + 1, dtype=np.float64)  # the last one is the bias
    dense = np.zeros(rows.dense.shape[1], dtype=np.float64)
    _descend(
        rows.indptr,
        rows.indices,
        rows.values,
        rows.dense,
        chosen,
        labels,
        costs,
        sparse,
        dense,
        np.uint64(seed * 2 + 1),
    )
    return Linear(sparse[:-1].copy(), dense, float(sparse[-1]))


@compiled
def _product(row, indptr, indices, values, dense, sparse_weights, dense_weights):
    """Return a row's dot product, in eight partial sums of fixed order."""
    total = 0.0
    for entry in range(indptr[row], indptr[row + 1]):
        total += values[entry] * sparse_weights[indices[entry]]
    size = dense_weights.size
    blocks = size - size % 8
    a = b = c = d = e = f = g = h = 0.0
    for k in range(0, blocks, 8):
        a += dense[row, k] * dense_weights[k]
        b += dense[row, k + 1] * dense_weights[k + 1]
        c += dense[row, k + 2] * dense_weights[k + 2]
        d += dense[row, k + 3] * dense_weights[k + 3]
        e += dense[row, k + 4] * dense_weights[k + 4]
        f += dense[row, k + 5] * dense_weights[k + 5]
        g += dense[row, k + 6] * dense_weights[k + 6]
        h += dense[row, k + 7] * dense_weights[k + 7]
    for k in range(blocks, size):
        a += dense[row, k] * dense_weights[k]
    return total + (((a + b) + (c + d)) + ((e + f) + (g + h)))


@compiled
def _products(chosen, indptr, indices, values, dense, sparse_weights, dense_weights):
    result = np.empty(chosen.size, dtype=np.float64)
    for i in range(chosen.size):
        result[i] = _product(
            chosen[i], indptr, indices, values, dense, sparse_weights, dense_weights
        )
    return result


@compiled
def _add(row, step, indptr, indices, values, dense, sparse_weights, dense_weights):
    for entry in range(indptr[row], indptr[row + 1]):
        sparse_weights[indices[entry]] += step * values[entry]
    for k in range(dense_weights.size):
        dense_weights[k] += step * dense[row, k]


@compiled
def _shuffle(order, state):
    """Shuffle in place by xorshift64*; return the generator's next state."""
    for last in range(order.size - 1, 0, -1):
        state ^= state >> np.uint64(12)
        state ^= state << np.uint64(25)
        state ^= state >> np.uint64(27)
        draw = (state * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(33)
        other = np.int64(draw % np.uint64(last + 1))
        order[last], order[other] = order[other], order[last]
    return state


@compiled
def _descend(indptr, indices, values, dense, chosen, labels, costs, sparse, weights, state):
    size = chosen.size
    bias = sparse.size - 1
    alphas = np.zeros(size, dtype=np.float64)
    curvature = np.empty(size, dtype=np.float64)
    for i in range(size):
        row = chosen[i]
        total = 1.0 + 0.5 / costs[i]
        for entry in range(indptr[row], indptr[row + 1]):
            total += np.float64(values[entry]) * values[entry]
        for k in range(weights.size):
            total += np.float64(dense[row, k]) * dense[row, k]
        curvature[i] = total
    order = np.arange(size)
    for _ in range(EPOCHS):
        state = _shuffle(order, state)
        worst = 0.0
        for i in order:
            row = chosen[i]
            margin = sparse[bias] + _product(row, indptr, indices, values, dense, sparse, weights)
            gradient = labels[i] * margin - 1.0 + alphas[i] * 0.5 / costs[i]
            worst = max(worst, abs(gradient))
            change = -gradient / curvature[i]
            alphas[i] += change
            step = change * labels[i]
            sparse[bias] += step
            _add(row, step, indptr, indices, values, dense, sparse, weights)
        if worst < TOLERANCE:
            break
