"""Work ahead on threads: in order, few values at a time, and nothing is left behind."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivar.operations.scoring.ahead import in_order


@given(st.lists(st.integers(), max_size=30), st.integers(0, 4))
def test_values_come_in_order_with_what_was_made_of_each(values: list[int], threads: int) -> None:
    assert list(in_order(lambda value: value * 2, values, threads)) == [(v, v * 2) for v in values]


def test_few_values_are_taken_before_the_first_is_used() -> None:
    taken = []

    def values() -> Iterator[int]:
        for value in range(100):
            taken.append(value)
            yield value

    ahead = in_order(str, values(), 3)
    assert next(ahead) == (0, "0")
    assert len(taken) == 4
    ahead.close()  # type: ignore[attr-defined]  # a generator
    assert len(taken) == 4


def test_an_error_comes_where_its_value_would() -> None:
    found = in_order(lambda value: 1 // value, [2, 1, 0, 1], 2)
    assert [next(found), next(found)] == [(2, 0), (1, 1)]
    with pytest.raises(ZeroDivisionError):
        next(found)
