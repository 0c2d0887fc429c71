import numpy as np
import pytest

from cultivar.core.learning import solver
from cultivar.core.learning.solver import Rows


def rows(generator: np.random.Generator, count: int = 60) -> tuple[Rows, np.ndarray]:
    """Return random rows of about the length that texts have, and a matrix with a last one."""
    sparse = np.where(generator.random((count, 30)) < 0.2, 0.3 * generator.random((count, 30)), 0)
    sparse = sparse.astype(np.float32)
    dense = generator.normal(scale=0.15, size=(count, 11)).astype(np.float32)
    indices = [np.flatnonzero(row).astype(np.int32) for row in sparse]
    indptr = np.append(0, np.cumsum([len(each) for each in indices])).astype(np.int64)
    flat = np.concatenate(indices)
    values = np.concatenate([row[each] for row, each in zip(sparse, indices, strict=True)])
    whole = np.hstack([sparse, dense, np.ones((count, 1))]).astype(np.float64)
    return Rows(indptr, flat, values, dense, 30), whole


def test_the_fit_is_the_closed_form_of_weighted_ridge_regression() -> None:
    generator = np.random.default_rng(5)
    given, whole = rows(generator)
    labels = np.where(whole[:, 31] > 0, 1.0, -1.0)
    costs = generator.uniform(0.2, 2.0, len(labels))
    fitted = solver.fit(given, np.arange(len(labels)), labels, costs, 3)
    weighted = whole.T * (2.0 * costs)
    exact = np.linalg.solve(weighted @ whole + np.eye(whole.shape[1]), weighted @ labels)
    expected = whole @ exact
    found = fitted.decide(given, np.arange(len(labels)))
    assert np.corrcoef(found, expected)[0, 1] > 0.999
    assert np.abs(found - expected).max() < 0.1


def test_only_the_chosen_rows_are_learned_from() -> None:
    given, whole = rows(np.random.default_rng(6))
    labels = np.where(whole[:, 31] > 0, 1.0, -1.0)
    chosen = np.arange(0, 60, 2)
    fitted = solver.fit(given, chosen, labels[chosen], np.ones(30), 0)
    kept, _ = rows(np.random.default_rng(6))
    kept.dense[1::2] = 99.0
    again = solver.fit(kept, chosen, labels[chosen], np.ones(30), 0)
    assert fitted.dense.tobytes() == again.dense.tobytes()


def test_a_cost_of_two_is_the_row_twice() -> None:
    given, whole = rows(np.random.default_rng(7))
    labels = np.where(whole[:, 31] > 0, 1.0, -1.0)
    every = np.arange(60)
    twice = solver.fit(given, np.append(every, 0), np.append(labels, labels[0]), np.ones(61), 0)
    costs = np.ones(60)
    costs[0] = 2.0
    once = solver.fit(given, every, labels, costs, 0)
    assert twice.decide(given, every) == pytest.approx(once.decide(given, every), abs=0.1)


def test_collapsing_vectors_gives_their_share_of_the_decision() -> None:
    given, whole = rows(np.random.default_rng(8))
    labels = np.where(whole[:, 31] > 0, 1.0, -1.0)
    fitted = solver.fit(given, np.arange(60), labels, np.ones(60), 0)
    expected = given.dense.astype(np.float64) @ fitted.dense
    assert fitted.collapse(given.dense) == pytest.approx(expected, rel=1e-5, abs=1e-6)
