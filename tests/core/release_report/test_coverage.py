"""Stated intervals hold the truth as often as they say, in tenants whose truth is known."""

import numpy as np
import pytest

from benchmarks.coverage import (
    TENANTS,
    Cell,
    coverage,
    truth,
)
from benchmarks.wrong_decisions import (
    TARGET,
    agreed_by_batch,
    by_assurance,
    by_wilson,
    republish_rate,
    reviews_needed,
    stable_after,
)
from cultivar.core.intervals import Figure
from cultivar.core.limits import BATCH_SIZE, Thresholds
from cultivar.core.release_report.inferred import InferredEvidence, inferred_figures
from cultivar.core.review.accuracy import BatchCounts, stability


def test_the_truth_of_a_known_tenant() -> None:
    found = truth(np.array([[30, 10], [6, 14], [4, 136]]))
    assert found == pytest.approx(
        {
            "labelled": 40,
            "mislabelled": 10,
            "missed": 10,
            "relevant": 40,
            "precision": 0.75,
            "recall": 0.75,
            "elusion": 10 / 160,
        }
    )


CELL = Cell(0.5, "blunt", next(iter(TENANTS)))


def test_a_small_simulation_holds_most_of_the_truth() -> None:
    found = coverage(CELL, 40)
    assert min(held for held, _ in found.values()) > 0.85
    assert all(width > 0 for _, width in found.values())


def test_intervals_that_are_too_narrow_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def halved(evidence: InferredEvidence) -> dict[str, Figure]:
        return {
            name: Figure(
                figure.estimate,
                (figure.estimate + figure.lower) / 2,
                (figure.estimate + figure.upper) / 2,
            )
            for name, figure in inferred_figures(evidence).items()
        }

    monkeypatch.setattr("benchmarks.coverage.inferred_figures", halved)
    found = coverage(CELL, 40)
    assert found["inferred recall"][0] < 0.85


@pytest.mark.slow
@pytest.mark.parametrize(
    ("prevalence", "version"), [(0.001, "sharp"), (0.01, "blunt"), (0.1, "sharp")]
)
def test_intervals_hold_the_truth_in_93_of_100_tenants(prevalence: float, version: str) -> None:
    found = coverage(Cell(prevalence, version, "20,000, all scored"), 300)
    assert {name: held for name, (held, _) in found.items() if held < 0.93} == {}


@pytest.mark.parametrize("items", [150, 200, 320])
def test_the_simulated_rule_is_that_of_the_core(items: int) -> None:
    agreed = agreed_by_batch(0.86, items, 60, np.random.default_rng(items))
    expected = []
    for run in agreed.tolist():
        batches: list[BatchCounts] = []
        stable = False
        for place, count in enumerate(run):
            size = min(BATCH_SIZE, items - BATCH_SIZE * place)
            batches.append(BatchCounts(size, size, count))
            stable = stable or stability(batches, Thresholds(accuracy_target=TARGET)).stable
        expected.append(stable)
    assert np.isfinite(stable_after(agreed, items, by_assurance)).tolist() == expected
    if items == 320:
        assert 0 < sum(expected) < 60


def test_a_version_below_the_target_is_rarely_called_stable_and_a_good_one_soon() -> None:
    false = np.isfinite(reviews_needed(TARGET - 0.001, 1_000, 600))
    assert false.mean() <= 0.05
    naive = np.isfinite(reviews_needed(TARGET - 0.001, 1_000, 600, by_wilson))
    assert naive.mean() > 0.05
    assert np.quantile(reviews_needed(0.9, 1_000, 600), 0.95) <= 300


@pytest.mark.requirement("RT-37")
def test_a_version_that_is_a_point_worse_is_rarely_recommended_and_one_far_better_is() -> None:
    """By what was judged alone: verdicts on the content decide the rest."""
    for differing in (0.05, 0.2):
        assert republish_rate((-0.01, -0.01), differing, 30, 400) <= 0.05
    assert republish_rate((0.15, 0.15), 0.3, 60, 400) > 0.25
