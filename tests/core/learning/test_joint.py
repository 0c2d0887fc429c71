"""Joint linear classifiers against closed forms and scikit-learn."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from cultivar.core.learning import joint
from cultivar.core.learning.joint import Costs
from cultivar.core.learning.solver import Rows

CLASSES, FEATURES, DENSE = 3, 6, 4


def rows(count: int, seed: int = 0) -> tuple[Rows, np.ndarray]:
    """Return rows of random numbers, and the same as one dense matrix with a column of ones."""
    generator = np.random.default_rng(seed)
    sparse = generator.normal(size=(count, FEATURES)) * (generator.random((count, FEATURES)) < 0.5)
    dense = generator.normal(size=(count, DENSE)).astype(np.float32)
    sparse = sparse.astype(np.float32)
    present = sparse != 0
    indptr = np.append(0, np.cumsum(present.sum(axis=1))).astype(np.int64)
    indices = np.nonzero(present)[1].astype(np.int32)
    made = Rows(indptr, indices, sparse[present], dense, FEATURES)
    return made, np.hstack([sparse, 2.0 * dense, np.ones((count, 1))]).astype(np.float64)


def weights_of(found: joint.JointLinear) -> np.ndarray:
    return np.vstack([found.sparse, found.dense, found.bias])


def test_each_class_against_the_rest_is_ridge_regression(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint, "EPOCHS", 400)
    given, matrix = rows(40)
    marks = np.eye(CLASSES, dtype=bool)[np.arange(40) % CLASSES]
    costs = Costs(np.full(CLASSES, 0.7), np.full(CLASSES, 0.7))
    found = joint.fit(given, np.arange(40), marks, costs, 2.0, seed=1)
    exact = Ridge(alpha=1 / 1.4, fit_intercept=False).fit(matrix, np.where(marks, 1.0, -1.0))
    assert weights_of(found) == pytest.approx(exact.coef_.T, abs=0.01)
    assert found.decide(given, np.arange(40)) == pytest.approx(matrix @ exact.coef_.T, abs=0.05)


def test_softmax_is_multinomial_logistic_regression(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint, "SOFTMAX_EPOCHS", 300)
    given, matrix = rows(60)
    classes = np.arange(60) % CLASSES
    found = joint.fit_softmax(given, np.arange(60), classes, (CLASSES, 3.0, 2.0), seed=1)
    exact = LogisticRegression(C=3.0, fit_intercept=False, tol=1e-8, max_iter=5000)
    exact.fit(matrix, classes)
    assert found.decide(given, np.arange(60)) == pytest.approx(matrix @ exact.coef_.T, abs=0.05)


def test_a_solution_nearby_leads_to_the_same_shares() -> None:
    generator = np.random.default_rng(3)
    for curve in (0.5, 8.0, 60.0):
        wanted = generator.normal(0.0, 6.0, 40)
        exact, room = np.empty(40), np.empty((3, 40))
        joint._solve_simplex(wanted, curve, exact)
        before = np.log(np.maximum(curve * exact, 1e-300))
        moved = wanted + generator.normal(0.0, 0.5, 40)
        joint._solve_simplex(moved, curve, exact)
        assert joint._solve_near(moved, curve, before, room)
        assert room[0] == pytest.approx(exact, abs=2e-3)
        assert room[0].sum() == pytest.approx(1.0, abs=1e-12)


def test_a_solution_far_away_is_not_taken_for_near() -> None:
    wanted, room = np.array([400.0, 0.0, -400.0]), np.empty((3, 3))
    assert not joint._solve_near(wanted, 5.0, np.log(np.array([1e-9, 1e-9, 5.0])), room)


def test_a_sum_of_classifiers_decides_the_sum() -> None:
    given, _ = rows(30)
    marks = np.eye(CLASSES, dtype=bool)[np.arange(30) % CLASSES]
    costs = Costs(np.ones(CLASSES), np.ones(CLASSES))
    everything = np.arange(30)
    one = joint.fit(given, everything, marks, costs, 2.0, seed=1)
    other = joint.fit_softmax(given, everything, marks.argmax(axis=1), (CLASSES, 1.0, 2.0), seed=1)
    both = joint.summed([(0.5, one), (2.0, other)])
    wanted = 0.5 * one.decide(given, everything) + 2.0 * other.decide(given, everything)
    assert both.decide(given, everything) == pytest.approx(wanted)
