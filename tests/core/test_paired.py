"""Exact tests of two versions on the same items."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from cultivar.core.retraining.paired import MEASURES, PRECISION, RECALL, Paired, mcnemar

few = st.integers(0, 4)


@st.composite
def paired(draw: st.DrawFn) -> Paired:
    both_right, both_wrong, found, lost, spoiled, cleared = (draw(few) for _ in range(6))
    neither = draw(st.tuples(few, few))
    relevant = both_right + found + lost + neither[0]
    others = both_wrong + spoiled + cleared + neither[1]
    return Paired(
        relevant + others, relevant, both_right, both_wrong, found, lost, spoiled, cleared
    )


@given(st.integers(0, 40), st.integers(0, 40))
def test_the_exact_test_equals_a_sum_of_binomial_terms(retrained: int, published: int) -> None:
    found = mcnemar(retrained, published)
    tail = binom.cdf(min(retrained, published), retrained + published, 0.5)
    assert found.p_value == pytest.approx(min(1.0, 2 * tail))
    assert not found.favours_retrained(0.05) or retrained > published


def _precision(right: int, labelled: int) -> float:
    return right / labelled if labelled else 1.0


def _measures(
    counts: Paired, found: int, lost: int, spoiled: int, cleared: int
) -> dict[str, float]:
    """Return how far each measure moves, from its definition."""
    right, wrong, relevant = counts.both_right, counts.both_wrong, counts.relevant
    return {
        RECALL: (found - lost) / relevant if relevant else 0.0,
        PRECISION: _precision(right + found, right + found + wrong + spoiled)
        - _precision(right + lost, right + lost + wrong + cleared),
    }


@settings(max_examples=60, deadline=None)
@given(paired())
def test_the_chance_of_a_fall_is_the_share_of_all_swaps_that_fall_as_far(counts: Paired) -> None:
    kinds = "f" * counts.found + "l" * counts.lost + "s" * counts.spoiled + "c" * counts.cleared
    turned = {"f": "l", "l": "f", "s": "c", "c": "s"}
    if len(kinds) > 10:
        return
    seen = _measures(counts, counts.found, counts.lost, counts.spoiled, counts.cleared)
    for measure in MEASURES:
        change = counts.change(measure)
        if change is None:
            assert counts.chance_of_fall(measure) == 1.0
            continue
        assert change[1] - change[0] == pytest.approx(seen[measure])
        swaps = list(product((False, True), repeat=len(kinds)))
        falls = 0
        for swap in swaps:
            now = [turned[kind] if turn else kind for kind, turn in zip(kinds, swap, strict=True)]
            moved = _measures(counts, *(now.count(kind) for kind in "flsc"))
            falls += moved[measure] <= seen[measure] + 1e-9
        assert counts.chance_of_fall(measure) == pytest.approx(falls / len(swaps))


def test_a_measure_that_neither_version_has_does_not_change() -> None:
    others = Paired(5, 0, 0, 0, 0, 0, 0, 0)
    assert [others.change(measure) for measure in MEASURES] == [None, None]
    assert Paired(0, 0, 0, 0, 0, 0, 0, 0).gain == 0.0
