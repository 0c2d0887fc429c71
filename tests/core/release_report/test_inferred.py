"""The inferred grade: adjusted count, its bounds, and what it says when it knows little."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cultivar.core.release_report.inferred import InferredEvidence, inferred_figures

EVIDENCE = InferredEvidence(
    documents=100_000,
    sampled=20_000,
    matched=2_000,
    positives=100,
    true_positives=90,
    negatives=100,
    false_positives=5,
)


def test_estimates_are_those_of_the_adjusted_count() -> None:
    found = inferred_figures(EVIDENCE)
    # (0.1 - 0.05) / (0.9 - 0.05) are relevant, of which 0.9 are found
    prior = 0.05 / 0.85
    assert found["relevant"].estimate == pytest.approx(100_000 * prior)
    assert found["precision"].estimate == pytest.approx(0.9 * prior / 0.1)
    assert found["recall"].estimate == pytest.approx(0.9)
    assert found["labelled"].estimate == pytest.approx(10_000)
    assert found["mislabelled"].estimate == pytest.approx(100_000 * (1 - prior) * 0.05)
    assert found["missed"].estimate == pytest.approx(100_000 * prior * 0.1)


def test_no_false_positive_in_100_still_allows_3_6_percent_of_them() -> None:
    evidence = replace(EVIDENCE, matched=800, false_positives=0)
    found = inferred_figures(evidence)
    assert found["precision"].estimate == 1.0
    # 4 % match and up to 3.6 % of the others may: most labels could be wrong
    assert found["precision"].lower < 0.15
    assert found["mislabelled"].lower == 0
    assert 3_000 < found["mislabelled"].upper <= 4_200


def test_more_reviews_narrow_what_is_known() -> None:
    many = replace(
        EVIDENCE, positives=2_000, true_positives=1_800, negatives=2_000, false_positives=100
    )
    few, sure = inferred_figures(EVIDENCE), inferred_figures(many)
    for name in ("precision", "recall", "mislabelled", "missed", "relevant"):
        assert sure[name].upper - sure[name].lower < few[name].upper - few[name].lower


def test_when_every_document_is_scored_the_labelled_ones_are_counted() -> None:
    found = inferred_figures(replace(EVIDENCE, documents=20_000))
    assert (found["labelled"].lower, found["labelled"].upper) == (2_000, 2_000)


def test_a_version_that_cannot_tell_items_apart_could_have_any_precision() -> None:
    found = inferred_figures(replace(EVIDENCE, true_positives=50, false_positives=50))
    assert (found["precision"].lower, found["precision"].upper) == (0.0, 1.0)


@st.composite
def evidences(draw: st.DrawFn) -> InferredEvidence:
    documents = draw(st.integers(1, 5_000))
    sampled = draw(st.integers(1, documents))
    positives, negatives = draw(st.integers(1, 200)), draw(st.integers(1, 200))
    return InferredEvidence(
        documents,
        sampled,
        draw(st.integers(0, sampled)),
        positives,
        draw(st.integers(0, positives)),
        negatives,
        draw(st.integers(0, negatives)),
    )


@settings(max_examples=80, deadline=None)
@given(evidences())
def test_figures_are_possible_and_the_same_each_time(evidence: InferredEvidence) -> None:
    found = inferred_figures(evidence, draws=400)
    assert found == inferred_figures(evidence, draws=400)
    for name, figure in found.items():
        most = 1.0 if name in {"precision", "recall"} else evidence.documents
        assert -1e-9 <= figure.lower <= figure.estimate <= figure.upper <= most + 1e-6, name
    right = found["labelled"].estimate - found["mislabelled"].estimate
    # fewer only where more match than the test items' rates allow for
    assert right <= found["relevant"].estimate - found["missed"].estimate + 1e-6


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="101 of 100 is impossible"):
        inferred_figures(replace(EVIDENCE, false_positives=101))


def test_more_sampled_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="sampled of 19999 is impossible"):
        inferred_figures(replace(EVIDENCE, documents=19_999))
