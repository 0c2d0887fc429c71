"""Verdicts on items of the content on which two versions differ: what they decide, and when."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cultivar.core.retraining.actions import KEEP, NOT_ENOUGH, REPUBLISH
from cultivar.core.retraining.content_evidence import ContentEvidence, Differing
from cultivar.core.retraining.recommendation import after_content


def evidence(
    plan: tuple[int, int, int], counts: tuple[int, int, int, int], batches: int = 1
) -> ContentEvidence:
    return ContentEvidence(Differing(*plan, half_f1=0.3), *counts, batches=batches)


def test_labels_that_are_mostly_right_are_worth_publishing_and_mostly_wrong_ones_are_not() -> None:
    plan = 300, 20, 200
    found = after_content(evidence(plan, (20, 8, 1, 1)))
    assert (found.decision, found.action) == (REPUBLISH, "re-publish")
    assert "of 28 items that only the retrained version labels, 20 are relevant" in found.reasons[0]
    found = after_content(evidence(plan, (3, 25, 1, 1)))
    assert (found.decision, found.action) == (KEEP, "provide more feedback")
    assert after_content(evidence(plan, (11, 17, 1, 1))).decision == NOT_ENOUGH


def test_what_was_found_counts_for_as_many_as_it_stands_for() -> None:
    """A sign test counts verdicts; each stands for the items of its kind."""
    many = ContentEvidence(Differing(400, 10, 300, 0.3), 17, 12, 1, 0)
    few = ContentEvidence(Differing(29, 1, 300, 0.3), 17, 12, 1, 0)
    assert 0.9 < many.chance < 1.0
    assert few.chance == 1.0  # all are judged, so nothing is left to chance
    assert few.is_exhausted
    assert not many.is_exhausted


def test_a_version_that_labels_less_must_lose_little_by_what_is_known_of_the_other() -> None:
    """Of 200 labels that it drops, one in ten is relevant; F1 rises if that is less than half."""
    dropped = 3, 25
    assert ContentEvidence(Differing(0, 200, 400, 0.3), 0, 0, *dropped).chance > 0.9
    assert ContentEvidence(Differing(0, 200, 400, 0.0), 0, 0, *dropped).chance == 0.0


@settings(max_examples=40)
@given(st.tuples(*[st.integers(0, 30)] * 4), st.integers(0, 900), st.integers(0, 900))
def test_a_chance_is_a_chance_and_more_relevant_finds_never_lower_it(
    counts: tuple[int, int, int, int], more: int, others: int
) -> None:
    found, spoiled, lost, cleared = counts
    plan = found + spoiled + more, lost + cleared + others, 1000
    chance = evidence(plan, counts).chance
    assert 0.0 <= chance <= 1.0 + 1e-9
    if spoiled:
        better = evidence(plan, (found + 1, spoiled - 1, lost, cleared)).chance
        assert better >= chance - 1e-6


@pytest.mark.parametrize(("relevant", "at_most"), [(0.2, 0.02), (0.3, 0.06)])
def test_worse_versions_are_hardly_ever_recommended_in_two_looks(
    relevant: float, at_most: float
) -> None:
    """The published version has F1 0.8: what is added must be relevant in two of five."""
    generator = np.random.default_rng(7)
    wrong = 0
    for _ in range(300):
        truth = generator.random(400) < relevant
        for size in (30, 60):
            found = int(truth[:size].sum())
            counts = found, size - found, 0, 0
            if after_content(evidence((400, 0, 400), counts)).decision == REPUBLISH:
                wrong += 1
                break
    assert wrong <= at_most * 300
