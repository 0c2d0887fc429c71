"""Exact intervals equal their definitions, and draws have the exact bounds as quantiles."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, hypergeom

from cultivar.core.intervals import (
    SIDES,
    Figure,
    Side,
    count_draws,
    difference_interval,
    quantile_interval,
    rate_draws,
    share_of,
)
from cultivar.core.serialisation import as_json
from tests.core.exact_intervals import clopper_pearson, hypergeometric_upper

parts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(parts)
def test_the_exact_interval_is_scipys(sample: tuple[int, int]) -> None:
    expected = binomtest(*sample).proportion_ci(0.95, "exact")
    assert clopper_pearson(*sample) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_without_trials_anything_is_possible() -> None:
    assert clopper_pearson(0, 0) == (0.0, 1.0)
    assert share_of(0, 0) is None


@settings(max_examples=150)
@given(st.integers(1, 60), st.data())
def test_the_bound_of_a_finite_population_is_its_definition(
    population: int, data: st.DataObject
) -> None:
    drawn = data.draw(st.integers(0, population))
    found = data.draw(st.integers(0, drawn))
    bound = hypergeometric_upper(found, drawn, population)
    # the most that could be there, so that finding so few is not too unlikely
    possible = [
        count
        for count in range(found, population - (drawn - found) + 1)
        if hypergeom.cdf(found, population, count, drawn) > 0.05 + 1e-12
    ]
    assert bound == max(possible)


@pytest.mark.parametrize(("drawn", "share"), [(298, 0.0100), (59, 0.05), (2994, 0.001)])
def test_none_found_bounds_a_share_at_three_over_the_number_drawn(drawn: int, share: float) -> None:
    assert hypergeometric_upper(0, drawn, 10**7) / 10**7 == pytest.approx(share, rel=0.01)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("sample", [(0, 100), (3, 50), (50, 50), (20, 40)])
def test_quantiles_of_the_draws_are_the_exact_bounds(side: Side, sample: tuple[int, int]) -> None:
    draws = rate_draws(np.random.default_rng(1), *sample, side, 200_000)
    place = SIDES.index(side)
    found = np.quantile(draws, (0.025, 0.975)[place])
    assert found == pytest.approx(clopper_pearson(*sample)[place], abs=2e-3)


@pytest.mark.parametrize(
    ("found", "drawn", "population"), [(0, 300, 400), (5, 60, 90), (2, 20, 20)]
)
def test_draws_of_a_finite_population_have_its_exact_bound(
    found: int, drawn: int, population: int
) -> None:
    draws = count_draws(np.random.default_rng(2), (found, drawn), population, "upper", 100_000)
    exact = hypergeometric_upper(found, drawn, population)
    assert abs(np.quantile(draws, 0.95) - exact) <= 1
    assert draws.min() >= found
    assert draws.max() <= population - (drawn - found)


def test_newcombes_worked_example() -> None:
    # Newcombe 1998, table II, example (a), method 10
    found = difference_interval((56, 70), (48, 80))
    assert (found.estimate, found.lower, found.upper) == pytest.approx(
        (0.2, 0.0524, 0.3339), abs=5e-5
    )


@given(parts, parts)
def test_swapping_the_samples_swaps_the_signs(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    there, back = difference_interval(first, second), difference_interval(second, first)
    assert (there.lower, there.upper) == pytest.approx((-back.upper, -back.lower))


def test_a_figure_holds_its_estimate_and_is_plain() -> None:
    found = quantile_interval(0.9, np.array([0.1, 0.2]), np.array([0.3, 0.4]))
    assert found == Figure(0.9, 0.1, 0.9)
    assert as_json(found) == {"estimate": 0.9, "lower": 0.1, "upper": 0.9}
    assert Figure(1 / 3, 0, 2 / 3).rounded == Figure(0.333333, 0, 0.666667)
    assert found.contains(0.5)
    assert not found.contains(0.05)


@pytest.mark.parametrize("sample", [(-1, 5), (6, 5)])
def test_more_successes_than_trials_are_impossible(sample: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="is impossible"):
        rate_draws(np.random.default_rng(1), *sample, "lower", 1)
