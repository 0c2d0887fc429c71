import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivar.core.learning import arithmetic


@given(st.floats(-690.0, 690.0))
def test_the_exponential_is_right_to_a_few_last_places(x: float) -> None:
    assert arithmetic.exponential(x) == pytest.approx(math.exp(x), rel=1e-14)


@given(st.floats(-700.0, 700.0))
def test_exponentials_of_many_are_right_to_eleven_digits(x: float) -> None:
    found = np.empty(3)
    arithmetic.exponentials(np.array([0.0, x, -x]), np.empty(3, dtype=np.int64), found)
    assert found == pytest.approx([1.0, math.exp(x), math.exp(-x)], rel=1e-11)


@given(st.floats(1e-300, 1e300))
def test_the_logarithm_is_right_to_a_few_last_places(x: float) -> None:
    assert arithmetic.logarithm(x) == pytest.approx(math.log(x), rel=1e-14, abs=1e-15)


@given(st.floats(-1e6, 1e6))
def test_the_logistic_function_stays_within_its_range(x: float) -> None:
    found = arithmetic.logistic(x)
    assert 0.0 <= found <= 1.0
    assert found == pytest.approx(1.0 / (1.0 + math.exp(min(700.0, -x))), rel=1e-13, abs=1e-300)


def test_a_sum_runs_from_first_to_last() -> None:
    """1e16 swallows each 1 that follows it: another order gives another sum."""
    values = np.array([1e16, *[1.0] * 8, -1e16])
    assert arithmetic.dot(values, np.ones(10)) == 0.0
    assert math.fsum(values) == 8.0
