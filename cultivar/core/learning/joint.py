"""Linear classifiers of several classes at once, in an order that no machine changes.

It knows nothing of text, of tags or of thresholds. One class against the rest, each by the squared
loss (1 - y f)^2 of ``solver.py``; as all classes share their rows, one pass over a row serves them
all, which is some ten times faster than a pass a class. Each class's sums run in a fixed order, so
the same rows and the same seed give the same bits everywhere.

The method is the dual coordinate descent named in ``solver.py``.
"""

# numba infers types from the arrays it is given, and takes arrays one by one
# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: C901, PLR0917

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cultivar.core.learning.arithmetic import exponential, exponentials, logarithm
from cultivar.core.learning.compiling import compiled
from cultivar.core.learning.solver import Rows

SOFTMAX_EPOCHS = 20
EPOCHS = 12  # further epochs move no measured figure
_NEAR = 1e-3  # of what shares add up to; an error does not last, as further epochs begin from it
_NEAR_STEPS = 3
_LEAST_SHARE = 1e-300
TOLERANCE = 0.05  # largest change of a margin's error at which the descent ends

Matrix = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Costs:
    """What an error costs (> 0), a class: of a document that carries it, and of one that does not.

    Both float64 [classes].
    """

    carrying: npt.NDArray[np.float64]
    others: npt.NDArray[np.float64]


@dataclass(frozen=True)
class JointLinear:
    """Weights: ``sparse`` float64 [features, classes], ``dense`` [d, classes], ``bias`` [classes].

    ``scale`` is what the rows' dense part is multiplied by.
    """

    sparse: Matrix
    dense: Matrix
    bias: npt.NDArray[np.float64]
    scale: float

    def decide(self, rows: Rows, chosen: Places) -> Matrix:
        """Return the decision values of the ``chosen`` rows (float64 [n, classes])."""
        decisions = np.empty((len(chosen), len(self.bias)), dtype=np.float64)
        columns = (rows.indptr, rows.indices, rows.values, rows.dense, self.scale)
        _decide(chosen, *columns, self.sparse, self.dense, self.bias, decisions)
        return decisions

    def collapse(self, vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return what each vector [n, d] comes to a class (float32 [n, classes])."""
        nothing = np.zeros(len(vectors) + 1, dtype=np.int64)
        indices, values = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32)
        decisions = np.empty((len(vectors), len(self.bias)), dtype=np.float64)
        columns = (nothing, indices, values, vectors, self.scale)
        unbiased = np.zeros_like(self.bias)
        _decide(np.arange(len(vectors)), *columns, self.sparse, self.dense, unbiased, decisions)
        return decisions.astype(np.float32)


def summed(parts: Sequence[tuple[float, JointLinear]]) -> JointLinear:
    """Return the weighted sum of linear classifiers of one scale, itself a linear classifier."""
    (weight, first), *rest = parts
    sparse, dense, bias = weight * first.sparse, weight * first.dense, weight * first.bias
    for weight, part in rest:
        sparse += weight * part.sparse
        dense += weight * part.dense
        bias += weight * part.bias
    return JointLinear(sparse, dense, bias, first.scale)


def fit(
    rows: Rows, chosen: Places, marks: npt.NDArray[np.bool_], costs: Costs, scale: float, seed: int
) -> JointLinear:
    """Fit on the ``chosen`` rows, whose ``marks`` [n, classes] tell which carry which class.

    ``scale`` weighs the dense part beside the sparse one.
    """
    classes = marks.shape[1]
    sparse = np.zeros((rows.features, classes), dtype=np.float64)
    dense = np.zeros((rows.dense.shape[1], classes), dtype=np.float64)
    bias = np.zeros(classes, dtype=np.float64)
    generator = np.random.Generator(np.random.PCG64(seed))
    orders = np.array([generator.permutation(len(chosen)) for _ in range(EPOCHS)], dtype=np.int64)
    columns = (rows.indptr, rows.indices, rows.values, rows.dense, scale)
    limits = (0.5 / costs.carrying, 0.5 / costs.others)
    _descend(*columns, chosen, marks, *limits, orders, sparse, dense, bias)
    return JointLinear(sparse, dense, bias, scale)


def fit_softmax(
    rows: Rows, chosen: Places, classes: Places, sizes: tuple[int, float, float], seed: int
) -> JointLinear:
    """Fit one class a row by the log-loss of the softmax (multinomial logistic regression).

    ``classes`` is each chosen row's class; ``sizes`` are the number of classes, what an error
    costs (> 0), and the scale of the dense part.
    """
    count, cost, scale = sizes
    sparse = np.zeros((rows.features, count), dtype=np.float64)
    dense = np.zeros((rows.dense.shape[1], count), dtype=np.float64)
    bias = np.zeros(count, dtype=np.float64)
    generator = np.random.Generator(np.random.PCG64(seed))
    orders = np.array(
        [generator.permutation(len(chosen)) for _ in range(SOFTMAX_EPOCHS)], dtype=np.int64
    )
    columns = (rows.indptr, rows.indices, rows.values, rows.dense, scale)
    _descend_softmax(*columns, chosen, classes, cost, orders, sparse, dense, bias)
    return JointLinear(sparse, dense, bias, scale)


@compiled
def _share(target, curve, log_curve):
    """Return p with ln p + curve * p = target (Lambert's W of curve * e^target, over curve)."""
    z = target + log_curve
    if z < -12.0:
        return exponential(target)
    if z > 1.0:
        w = z - logarithm(z)
    else:
        power = exponential(z)
        w = power / (1.0 + power)
    for _ in range(2):  # Newton's steps on w + ln w = z, which double the digits
        w *= (1.0 + z - logarithm(w)) / (1.0 + w)
    return w / curve


@compiled
def _solve_simplex(wanted, curve, shares):
    """Solve ln p + curve * p = wanted - v for p >= 0 with sum 1, v the unknown multiplier.

    The sum is convex and falling in v, and at the start it is at least 1, so that Newton's steps
    come near from one side and never overshoot.
    """
    log_curve = logarithm(curve)
    highest = wanted[0]
    for k in range(wanted.size):
        highest = max(highest, wanted[k])
    v = highest - curve
    total = 0.0
    for _ in range(50):
        total = 0.0
        slope = 0.0
        for k in range(wanted.size):
            shares[k] = _share(wanted[k] - v, curve, log_curve)
            total += shares[k]
            slope += shares[k] / (1.0 + curve * shares[k])
        if abs(total - 1.0) < 1e-4:
            break
        v += (total - 1.0) / slope
    for k in range(wanted.size):
        shares[k] /= total


@compiled
def _solve_near(wanted, curve, before, scratch):
    """Solve as ``_solve_simplex`` does, from a solution nearby; return whether that came close.

    ``before`` is ln(curve * p) of it and becomes that of the new one. ``scratch`` float64
    [3, classes] has the new p in its first row. One linear system gives all of a step: those of p
    and of v.
    """
    shares, values, ratios = scratch[0], scratch[1], scratch[2]
    bits = ratios.view(np.int64)
    log_curve = logarithm(curve)
    for _ in range(_NEAR_STEPS):
        exponentials(before, bits, values)
        total = 0.0
        slope = 0.0
        moved = 0.0
        for k in range(wanted.size):
            ratios[k] = 1.0 / (1.0 + values[k])
            shares[k] = wanted[k] + log_curve - before[k] - values[k]
            total += values[k]
            slope += values[k] * ratios[k]
            moved += values[k] * ratios[k] * shares[k]
        v = (total + moved - curve) / slope
        furthest = 0.0
        for k in range(wanted.size):
            step = (shares[k] - v) * ratios[k]
            before[k] = min(max(before[k] + step, -700.0), 700.0)
            furthest = max(furthest, abs(step) * values[k])
        if furthest < _NEAR * curve:
            break
    exponentials(before, bits, shares)
    total = 0.0
    for k in range(wanted.size):
        total += shares[k]
    for k in range(wanted.size):
        shares[k] /= total
    return abs(total - curve) < _NEAR * curve


@compiled
def _descend_softmax(
    indptr, indices, values, dense, scale, chosen, classes, cost, orders, sparse, weights, bias
):
    count = bias.size
    held = np.zeros((chosen.size, count), dtype=np.float64)
    logs = np.zeros((chosen.size, count), dtype=np.float64)
    for i in range(chosen.size):
        held[i, classes[i]] = 1.0
    curvatures = _curvatures(chosen, indptr, values, dense, scale)
    margins = np.empty(count, dtype=np.float64)
    steps = np.empty(count, dtype=np.float64)
    scratch = np.empty((3, count), dtype=np.float64)
    shares = scratch[0]
    for epoch in range(orders.shape[0]):
        worst = 0.0
        for i in orders[epoch]:
            row = chosen[i]
            _margins(row, indptr, indices, values, dense, scale, sparse, weights, bias, margins)
            curve = cost * curvatures[i]
            for k in range(count):
                margins[k] += curve * held[i, k]
            if epoch == 0 or not _solve_near(margins, curve, logs[i], scratch):
                _solve_simplex(margins, curve, shares)
                for k in range(count):
                    logs[i, k] = logarithm(max(curve * shares[k], _LEAST_SHARE))
            for k in range(count):
                change = held[i, k] - shares[k]
                worst = max(worst, abs(change) * curve)
                steps[k] = cost * change
                held[i, k] = shares[k]
            _add(row, steps, indptr, indices, values, dense, scale, sparse, weights, bias)
        if worst < TOLERANCE:
            break


@compiled
def add_products(indptr, indices, values, places, weights, decisions, known):
    """Add to ``decisions`` [n, classes] each row's sum of value * weight.

    ``places`` (int32 by feature) is the feature's row in ``weights``, or -1 where it has none.
    ``known`` (float64 [n]) takes the sum of squared values of features that have one.
    """
    for row in range(indptr.size - 1):
        known[row] = 0.0
        for entry in range(indptr[row], indptr[row + 1]):
            place = places[indices[entry]]
            if place >= 0:
                value = values[entry]
                known[row] += np.float64(value) * value
                for k in range(decisions.shape[1]):
                    decisions[row, k] += value * weights[place, k]


@compiled
def _margins(row, indptr, indices, values, dense, scale, sparse, weights, bias, margins):
    for k in range(bias.size):
        margins[k] = bias[k]
    for entry in range(indptr[row], indptr[row + 1]):
        value = np.float64(values[entry])
        feature = indices[entry]
        for k in range(bias.size):
            margins[k] += value * sparse[feature, k]
    for column in range(weights.shape[0]):
        value = dense[row, column] * scale
        for k in range(bias.size):
            margins[k] += value * weights[column, k]


@compiled
def _decide(chosen, indptr, indices, values, dense, scale, sparse, weights, bias, decisions):
    for i in range(chosen.size):
        _margins(
            chosen[i], indptr, indices, values, dense, scale, sparse, weights, bias, decisions[i]
        )


@compiled
def _curvatures(chosen, indptr, values, dense, scale):
    result = np.empty(chosen.size, dtype=np.float64)
    for i in range(chosen.size):
        row = chosen[i]
        total = 1.0
        for entry in range(indptr[row], indptr[row + 1]):
            total += np.float64(values[entry]) * values[entry]
        for column in range(dense.shape[1]):
            total += (dense[row, column] * scale) ** 2
        result[i] = total
    return result


@compiled
def _add(row, steps, indptr, indices, values, dense, scale, sparse, weights, bias):
    for k in range(bias.size):
        bias[k] += steps[k]
    for entry in range(indptr[row], indptr[row + 1]):
        value = np.float64(values[entry])
        feature = indices[entry]
        for k in range(bias.size):
            sparse[feature, k] += value * steps[k]
    for column in range(weights.shape[0]):
        value = dense[row, column] * scale
        for k in range(bias.size):
            weights[column, k] += value * steps[k]


@compiled
def _descend(
    indptr, indices, values, dense, scale, chosen, marks, carrying, others, orders,
    sparse, weights, bias,
):  # fmt: skip
    classes = bias.size
    alphas = np.zeros((chosen.size, classes), dtype=np.float64)
    curvatures = _curvatures(chosen, indptr, values, dense, scale)
    margins = np.empty(classes, dtype=np.float64)
    steps = np.empty(classes, dtype=np.float64)
    for epoch in range(orders.shape[0]):
        worst = 0.0
        for i in orders[epoch]:
            row = chosen[i]
            _margins(row, indptr, indices, values, dense, scale, sparse, weights, bias, margins)
            for k in range(classes):
                label = 1.0 if marks[i, k] else -1.0
                limit = carrying[k] if marks[i, k] else others[k]
                gradient = label * margins[k] - 1.0 + alphas[i, k] * limit
                worst = max(worst, abs(gradient))
                change = -gradient / (curvatures[i] + limit)
                alphas[i, k] += change
                steps[k] = change * label
            _add(row, steps, indptr, indices, values, dense, scale, sparse, weights, bias)
        if worst < TOLERANCE:
            break
