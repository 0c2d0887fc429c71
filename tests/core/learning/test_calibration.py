from dataclasses import replace

import numpy as np
import pytest

from cultivar.core.learning.estimates import calibration
from cultivar.core.learning.estimates.calibration import Evidence

NONE = np.zeros(0)


def drawn(prior: float, positives: int = 400, unlabelled: int = 4000, seed: int = 0) -> Evidence:
    """Return values of two normal distributions, one spread apart each side of 0."""
    generator = np.random.default_rng(seed)
    hidden = generator.random(unlabelled) < prior
    values = generator.normal(np.where(hidden, 1.5, -1.5), 1.0)
    return Evidence(generator.normal(1.5, 1.0, positives), NONE, values)


@pytest.mark.parametrize("prior", [0.05, 0.25, 0.5])
def test_the_prior_is_found_from_positives_and_unlabelled(prior: float) -> None:
    assert calibration.estimate_prior(drawn(prior)) == pytest.approx(prior, rel=0.25, abs=0.01)


def test_the_prior_is_never_zero_and_never_one() -> None:
    values = np.linspace(0.0, 1.0, 50)
    assert 0.0 < calibration.estimate_prior(Evidence(values + 9.0, NONE, values)) < 0.05
    assert calibration.estimate_prior(Evidence(values, NONE, values + 9.0)) == 0.9


@pytest.mark.parametrize("prior", [0.05, 0.25])
def test_probabilities_are_right_on_average(prior: float) -> None:
    """Two normal distributions 3 apart have the log odds 3 x + ln(prior / (1 - prior))."""
    slope, intercept = calibration.fit_logistic(drawn(prior, 4000, 40_000), prior)
    assert slope == pytest.approx(3.0, rel=0.15)
    assert intercept == pytest.approx(np.log(prior / (1 - prior)), abs=0.4)


def test_indistinct_scores_are_calibrated_to_the_prior() -> None:
    values = np.random.default_rng(1).normal(size=2000)
    slope, intercept = calibration.fit_logistic(Evidence(values[:500], NONE, values), 0.2)
    found = calibration.probabilities(values, slope, intercept)
    assert found.mean() == pytest.approx(0.2, abs=0.03)
    assert found.std() < 0.05


def test_constant_scores_do_not_fail() -> None:
    same = Evidence(np.ones(50), NONE, np.ones(300))
    slope, intercept = calibration.fit_logistic(same, 0.1)
    assert np.isfinite([slope, intercept]).all()
    match, close = calibration.choose_thresholds(same, 0.1)
    assert match == close == 1.0


@pytest.mark.parametrize("prior", [0.01, 0.05, 0.25])
def test_the_threshold_is_near_the_best_for_a_balanced_set(prior: float) -> None:
    match, close = calibration.choose_thresholds(drawn(prior), prior)
    assert match == pytest.approx(-0.13, abs=0.4)  # where F1 of the two distributions is largest
    assert close <= match


@pytest.mark.requirement("TC-24")
def test_reviewed_negatives_that_score_high_raise_the_threshold() -> None:
    found = drawn(0.05)
    wrong = np.random.default_rng(2).normal(0.0, 0.3, 200)
    taught = Evidence(found.positive, wrong, found.unlabelled)
    before, _ = calibration.choose_thresholds(found, 0.05)
    after, _ = calibration.choose_thresholds(taught, 0.05)
    assert after > before + 0.3


def test_shares_above_count_ties() -> None:
    found = calibration.share_above(np.array([1.0, 2.0, 2.0, 3.0]), np.array([0.0, 2.0, 3.0, 4.0]))
    assert found.tolist() == [1.0, 0.75, 0.25, 0.0]
    assert calibration.share_above(NONE, np.array([1.0])).tolist() == [0.0]


def test_items_chosen_by_their_score_are_no_sample() -> None:
    """Sixty near the threshold change no prior and no probability."""
    found = drawn(0.05)
    near = np.linspace(-0.5, 0.5, 60)
    more = replace(found, chosen_positive=near[::2], chosen_negative=near[1::2])
    assert calibration.estimate_prior(more) == calibration.estimate_prior(found)
    assert calibration.fit_logistic(more, 0.05) == calibration.fit_logistic(found, 0.05)


@pytest.mark.requirement("RT-07")
def test_chosen_items_move_the_threshold_one_by_one() -> None:
    found = drawn(0.05)
    before, close = calibration.choose_thresholds(found, 0.05)
    wrong = replace(found, chosen_negative=np.linspace(before, before + 0.8, 30))
    missed = replace(found, chosen_positive=np.linspace(before - 0.8, before, 30))
    assert calibration.choose_thresholds(wrong, 0.05)[0] > before + 0.3
    assert calibration.choose_thresholds(missed, 0.05)[0] < before - 0.3
    assert calibration.choose_thresholds(wrong, 0.05)[1] == close


@pytest.mark.parametrize("prior", [0.01, 0.05, 0.25])
@pytest.mark.parametrize("negatives", [0, 200])
def test_the_mixture_tells_the_prior_and_the_probability(prior: float, negatives: int) -> None:
    """50 positives do: the mean probability is near the prior where a bound is far above it."""
    found = [drawn(prior, 50, 1500, seed) for seed in range(8)]
    judged = np.random.default_rng(9).normal(-1.5, 1.0, negatives)
    lines = [calibration.fit_mixture(replace(each, negative=judged)) for each in found]
    assert np.mean([line.prior for line in lines]) == pytest.approx(prior, rel=0.25, abs=0.003)
    assert np.mean([line.slope for line in lines]) == pytest.approx(3.0, rel=0.15)
    for line, each in zip(lines, found, strict=True):
        assert line.chances(each.unlabelled).mean() == pytest.approx(line.prior, abs=1e-6)


@pytest.mark.parametrize("positives", [1, 50])
def test_a_mixture_of_constant_scores_does_not_fail(positives: int) -> None:
    line = calibration.fit_mixture(Evidence(np.ones(positives), NONE, np.ones(300)))
    assert np.isfinite([line.slope, line.intercept]).all()
    assert 0.0 < line.prior < 1.0


def test_probabilities_allow_for_items_that_only_look_relevant() -> None:
    """A tenth of what scores like a relevant item is not, at a prior of 1 %."""
    found = drawn(0.01, 400, 20_000)
    line = calibration.fit_mixture(replace(found, positive=found.positive + 3.0))
    highest = line.chances(np.array([50.0]))[0]
    assert highest == pytest.approx(line.prior / (line.prior + 0.001), abs=1e-3)
    values = np.linspace(-5.0, 5.0, 101)
    assert (np.diff(line.chances(values)) >= 0.0).all()
    assert line.chances(found.unlabelled).mean() == pytest.approx(line.prior, abs=1e-6)
