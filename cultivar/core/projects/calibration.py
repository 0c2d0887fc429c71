"""From held-out decision values to probabilities and, for several labels, to a threshold.

It fits no weights and sees no text. Every logarithm and exponential is the core's own, so that a
model is the same on every machine.
"""

# mypy: disable-error-code="no-untyped-def"

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cultivar.core.learning import arithmetic
from cultivar.core.learning.compiling import compiled

Matrix = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]
Vector = npt.NDArray[np.float64]

_LEAST, _MOST = 0.25, 64.0  # slopes; a held-out set without an error would ask for more and more
_HALVINGS = 26
_STEPS = 60
_RIDGE = 1e-2
_THRESHOLDS = np.linspace(0.05, 0.95, 91)


@dataclass(frozen=True)
class Calibration:
    """Probability: softmax of ``slope * f``, or the logistic of ``slope * f + intercept``."""

    slope: float
    intercept: float = 0.0


def probabilities(decisions: Matrix, found: Calibration, single: bool) -> Matrix:
    """Return each class's probability (float64 [n, classes]); a ``single`` row adds up to 1."""
    result = np.empty_like(decisions)
    if single:
        _softmax(decisions, found.slope, result)
    else:
        _logistic(decisions, found.slope, found.intercept, result)
    return result


def calibrate(decisions: Matrix, marks: Marks, single: bool) -> Calibration:
    """Return the slope (and intercept) of the smallest log-loss on held-out decision values.

    Where held-out documents part without an error, certainty would have no end. So each counts as
    Platt has it: as one that one more document like it, and one unlike it, would be.

    ``single``: convex in the slope alone, by bisection of its derivative. Else Newton's steps with
    a small ridge over every pair of document and class (Platt's scaling, shared by the classes, as
    a class may have a handful of held-out documents).
    """
    if single:
        return Calibration(_bisected(decisions, marks))
    return Calibration(*_newton(decisions, marks))


def log_losses(decisions: Matrix, marks: Marks, found: Calibration, single: bool) -> Vector:
    """Return each document's log-loss, for several labels the mean over its classes (float64)."""
    chances = probabilities(decisions, found, single)
    right = chances[marks][:, None] if single else np.where(marks, chances, 1.0 - chances)
    lost = -arithmetic.logarithms(np.maximum(right, 1e-12).ravel()).reshape(right.shape)
    return np.array([mean(row) for row in lost])


def mean(values: Vector) -> float:
    """Return the mean, summed from first to last."""
    return float(arithmetic.dot(values, np.ones(len(values)))) / max(1, len(values))


def choose_threshold(chances: Matrix, marks: Marks) -> float:
    """Return the probability from which on a class is given: where F1 is largest.

    The mean of micro F1 and of macro F1 over the classes that the held-out documents carry.
    """
    present = np.asarray(marks.any(axis=0))
    if not present.any():
        return 0.5
    values = [_f1(chances >= threshold, marks, present) for threshold in _THRESHOLDS]
    return float(_THRESHOLDS[int(np.argmax(values))])


def _f1(given: Marks, marks: Marks, present: Marks) -> float:
    hit = (given & marks).sum(axis=0)
    both = given.sum(axis=0) + marks.sum(axis=0)
    macro = 2.0 * hit[present] / both[present]
    return float(2.0 * hit.sum() / both.sum()) + mean(macro)


def _bisected(decisions: Matrix, marks: Marks) -> float:
    low, high = _LEAST, _MOST
    doubt = 1.0 / (len(decisions) + 2.0)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if _softmax_slope(decisions, marks, middle, doubt) > 0.0:
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)


def _newton(decisions: Matrix, marks: Marks) -> tuple[float, float]:
    slope, intercept = 2.0, 0.0
    carrying = int(marks.sum())
    targets = (1.0 / (marks.size - carrying + 2.0), (carrying + 1.0) / (carrying + 2.0))
    for _ in range(_STEPS):
        found = _logistic_curve(decisions, marks, targets, slope, intercept)
        by_slope, by_intercept, a, b, c = found
        by_slope, a, c = by_slope + _RIDGE * slope, a + _RIDGE, c + 1e-9
        determinant = a * c - b * b
        slope -= _bounded((c * by_slope - b * by_intercept) / determinant)
        intercept -= _bounded((a * by_intercept - b * by_slope) / determinant)
    return min(max(slope, _LEAST), _MOST), intercept


def _bounded(step: float) -> float:
    return max(-1.0, min(1.0, step))


@compiled
def _softmax(decisions, slope, result):
    for row in range(decisions.shape[0]):
        highest = decisions[row].max()
        total = 0.0
        for k in range(decisions.shape[1]):
            result[row, k] = arithmetic.exponential(slope * (decisions[row, k] - highest))
            total += result[row, k]
        for k in range(decisions.shape[1]):
            result[row, k] /= total


@compiled
def _logistic(decisions, slope, intercept, result):
    for row in range(decisions.shape[0]):
        for k in range(decisions.shape[1]):
            result[row, k] = arithmetic.logistic(slope * decisions[row, k] + intercept)


@compiled
def _softmax_slope(decisions, marks, slope, doubt):
    """Return the derivative of the summed log-loss by the slope.

    A document is of its class but for ``doubt``, which falls on all classes alike.
    """
    each = doubt / decisions.shape[1]
    total = 0.0
    weights = np.empty(decisions.shape[1], dtype=np.float64)
    scaled = np.empty(decisions.shape[1], dtype=np.float64)
    bits = np.empty(decisions.shape[1], dtype=np.int64)
    for row in range(decisions.shape[0]):
        highest = decisions[row].max()
        for k in range(decisions.shape[1]):
            scaled[k] = max(slope * (decisions[row, k] - highest), -700.0)
        arithmetic.exponentials(scaled, bits, weights)
        sum_of_weights = 0.0
        mean = 0.0
        for k in range(decisions.shape[1]):
            sum_of_weights += weights[k]
            mean += weights[k] * decisions[row, k]
            total -= each * decisions[row, k]
            if marks[row, k]:
                total -= (1.0 - doubt) * decisions[row, k]
        total += mean / sum_of_weights
    return total


@compiled
def _logistic_curve(decisions, marks, targets, slope, intercept):
    """Return first and second derivatives of the log-loss by slope and intercept.

    ``targets`` are the probabilities of a document that does not carry a class, and of one that
    does.
    """
    by_slope = 0.0
    by_intercept = 0.0
    a = 0.0
    b = 0.0
    c = 0.0
    for row in range(decisions.shape[0]):
        for k in range(decisions.shape[1]):
            value = decisions[row, k]
            chance = arithmetic.logistic(slope * value + intercept)
            wrong = chance - (targets[1] if marks[row, k] else targets[0])
            bend = chance * (1.0 - chance)
            by_slope += wrong * value
            by_intercept += wrong
            a += bend * value * value
            b += bend * value
            c += bend
    return by_slope, by_intercept, a, b, c
