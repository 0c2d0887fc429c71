"""The measured grade: stratified estimates, exact bounds, and the bound of elusion."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cultivar.core.intervals import DRAWING_ERROR
from cultivar.core.release_report.measured import Stratum, measured_figures
from tests.core.exact_intervals import clopper_pearson, hypergeometric_upper

STRATA = (
    Stratum("match", True, scored=1_000, reviewed=60, relevant=54),
    Stratum("close match", False, scored=1_000, reviewed=40, relevant=10),
    Stratum("no match", False, scored=18_000, reviewed=300, relevant=0),
)


def test_estimates_weight_each_stratum_by_its_size() -> None:
    found = measured_figures(100_000, STRATA).figures
    assert found["labelled"].estimate == pytest.approx(5_000)
    assert found["precision"].estimate == pytest.approx(0.9)
    assert found["mislabelled"].estimate == pytest.approx(500)
    assert found["missed"].estimate == pytest.approx(1_250)
    assert found["recall"].estimate == pytest.approx(4_500 / 5_750)
    assert found["relevant"].estimate == pytest.approx(5_750)
    assert found["elusion"].estimate == pytest.approx(1_250 / 95_000)


def test_the_interval_of_precision_is_the_exact_one() -> None:
    found = measured_figures(10**7, STRATA, draws=100_000).figures["precision"]
    exact = clopper_pearson(54, 60, 0.95 + 2 * DRAWING_ERROR)
    assert (found.lower, found.upper) == pytest.approx(exact, abs=4e-3)


@pytest.mark.parametrize("population", [400, 20_000])
def test_300_with_none_found_bound_elusion_exactly(population: int) -> None:
    strata = (
        Stratum("match", True, 60, 60, 60),
        Stratum("no match", False, population, 300, 0),
    )
    found = measured_figures(population + 60, strata, draws=60_000)
    exact = hypergeometric_upper(0, 300, population) / population
    assert found.elusion_bound == pytest.approx(exact, abs=1.5 / population + 2e-4)
    assert found.figures["elusion"].estimate == 0.0
    if population == 20_000:
        assert found.elusion_bound == pytest.approx(0.01, rel=0.03)


def test_reviewing_everything_leaves_no_doubt() -> None:
    strata = (Stratum("match", True, 50, 50, 40), Stratum("no match", False, 450, 450, 10))
    found = measured_figures(500, strata)
    for name, value in {
        "precision": 0.8,
        "recall": 0.8,
        "labelled": 50,
        "mislabelled": 10,
        "missed": 10,
        "relevant": 50,
        "elusion": 10 / 450,
    }.items():
        figure = found.figures[name]
        assert (figure.lower, figure.upper) == pytest.approx((value, value)), name
    assert found.elusion_bound == pytest.approx(10 / 450)


def test_a_stratum_without_reviews_may_hold_anything() -> None:
    strata = (*STRATA[:2], replace(STRATA[2], reviewed=0))
    found = measured_figures(100_000, strata)
    assert found.elusion_bound > 0.95
    assert found.figures["recall"].lower < 0.06


@st.composite
def samples(draw: st.DrawFn) -> tuple[int, list[Stratum]]:
    strata = []
    for name, labelled in (("match", True), ("close match", False), ("no match", False)):
        scored = draw(st.integers(0, 300))
        reviewed = draw(st.integers(0, scored))
        relevant = draw(st.integers(0, reviewed))
        strata.append(Stratum(name, labelled, scored, reviewed, relevant))
    strata[2] = replace(strata[2], scored=strata[2].scored + 1)
    return sum(s.scored for s in strata) + draw(st.integers(0, 5_000)), strata


@settings(max_examples=80, deadline=None)
@given(samples())
def test_figures_are_possible_and_the_same_each_time(sample: tuple[int, list[Stratum]]) -> None:
    documents, strata = sample
    found = measured_figures(documents, strata, draws=300)
    assert found == measured_figures(documents, strata, draws=300)
    for name, figure in found.figures.items():
        most = 1.0 if name in {"precision", "recall", "elusion"} else documents
        assert -1e-9 <= figure.lower <= figure.estimate + 1e-9, name
        assert figure.estimate - 1e-9 <= figure.upper <= most + 1e-6, name
    assert found.figures["elusion"].estimate <= found.elusion_bound
    # what was seen is certain
    seen = sum(s.relevant for s in strata if not s.labelled)
    assert found.figures["missed"].upper >= seen


def test_more_scored_than_there_are_documents_is_refused() -> None:
    with pytest.raises(ValueError, match="more than"):
        measured_figures(19_999, STRATA)
