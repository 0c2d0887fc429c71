"""Evidence that a share lies above a target, however often it is looked at."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivar.core.review.sequential import evidence_above, lower_bound, surely_above

counts = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(st.integers(1, 12), st.floats(0.05, 0.95))
def test_evidence_is_fair_at_the_target(trials: int, target: float) -> None:
    """Its mean over all outcomes is 1: what makes the bound hold at every look."""
    ways = np.array([1.0])
    for _ in range(trials):
        ways = np.convolve(ways, [1 - target, target])
    evidence = [np.exp(evidence_above(each, trials, target)) for each in range(trials + 1)]
    assert float(ways @ evidence) == pytest.approx(1.0)


@given(st.floats(0.05, 0.95), st.floats(0, 1))
def test_one_more_trial_below_the_target_adds_no_evidence_on_average(
    target: float, share: float
) -> None:
    share *= target
    after = [np.exp(evidence_above(20 + more, 31, target)) for more in (0, 1)]
    expected = (1 - share) * after[0] + share * after[1]
    assert expected <= np.exp(evidence_above(20, 30, target)) * (1 + 1e-9)


@given(counts, st.floats(0.01, 0.2))
def test_the_bound_is_the_highest_target_that_is_surely_met(
    found: tuple[int, int], error: float
) -> None:
    bound = lower_bound(*found, error)
    assert 0 <= bound <= found[0] / found[1]
    if bound > 1e-6:
        assert surely_above(*found, bound - 1e-9, error)
    assert not surely_above(*found, bound + 1e-9, error)


def test_nothing_is_surely_above_one_and_nothing_counted_is_no_evidence() -> None:
    assert not surely_above(10_000, 10_000, 1.0, 0.05)
    assert evidence_above(0, 0, 0.8) == pytest.approx(0.0)
    assert lower_bound(0, 0, 0.05) == 0.0


def test_looking_after_every_trial_misleads_in_at_most_one_of_twenty_runs() -> None:
    generator = np.random.default_rng(7)
    misled = 0
    for run in generator.random((400, 600)) < 0.8:
        found = np.cumsum(run)
        misled += any(
            surely_above(int(found[place]), place + 1, 0.8, 0.05) for place in range(9, 600, 10)
        )
    assert 0 < misled <= 20
