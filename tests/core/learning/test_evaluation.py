import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

from cultivar.core.learning.evaluation import Counts, counts


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1))
def test_figures_are_those_of_scikit_learn(pairs: list[tuple[bool, bool]]) -> None:
    relevant, matched = [a for a, _ in pairs], [b for _, b in pairs]
    found = counts(relevant, matched)
    assert found.total == len(pairs)
    assert found.accuracy == pytest.approx(accuracy_score(relevant, matched))
    for figure, rival, exists in (
        (found.precision, precision_score, any(matched)),
        (found.recall, recall_score, any(relevant)),
        (found.f1, f1_score, any(matched) or any(relevant)),
    ):
        if exists:
            assert figure == pytest.approx(rival(relevant, matched, zero_division=0))
        else:
            assert math.isnan(figure)


def test_nothing_found_among_relevant_items_is_an_f1_of_zero() -> None:
    assert Counts(0, 0, 5, 5).f1 == 0.0


def test_lists_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        counts([True, False], [True])
