"""Drift is stated when an interval excludes all that is tolerated; else more items are asked."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from cultivar.core.release_report.drift import (
    AT_LEAST,
    CHANGED,
    SAMPLE_MORE,
    STEADY,
    Drift,
    Finding,
    finding_from,
    match_rate_drift,
    new_place_drift,
    precision_drift,
    score_drift,
)
from cultivar.core.serialisation import as_json

RUNS = 400


def scores(count: int, shift: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).beta(1 + shift, 6, count).astype(np.float32)


@settings(max_examples=60)
@given(
    st.lists(st.floats(0, 1, width=32), min_size=3, max_size=40),
    st.lists(st.floats(0, 1, width=32), min_size=3, max_size=40),
)
def test_the_distance_is_that_of_scipy_with_ties_and_all(
    first: list[float], second: list[float]
) -> None:
    found = score_drift(np.array(first), np.array(second)).change
    assert found is not None
    assert found.estimate == pytest.approx(ks_2samp(first, second, method="asymp").statistic)
    assert 0 <= found.lower <= found.estimate <= found.upper <= 1


def test_the_interval_of_the_distance_is_the_sum_of_two_bands() -> None:
    found = score_drift(np.linspace(0, 1, 2000), np.linspace(0.3, 1.3, 500)).change
    assert found is not None
    # sqrt(ln(4 / 0.05) / 2n) with n = 2000 and 500
    assert found.upper - found.estimate == pytest.approx(0.03309833 + 0.06619667, abs=1e-6)


def test_equal_scores_are_steady_and_others_are_changed() -> None:
    assert score_drift(scores(5000, 0, 1), scores(5000, 0, 2)).verdict == STEADY
    found = score_drift(scores(5000, 0, 1), scores(5000, 2, 2))
    assert (found.verdict, found.more) == (CHANGED, None)
    assert "review a new release sample" in found.sentence


def test_few_items_ask_for_more_and_that_many_do_tell() -> None:
    few = score_drift(scores(20_000, 0, 1), scores(100, 0, 2))
    assert few.verdict == SAMPLE_MORE
    assert few.more is not None
    assert f"About {few.more:,} more live items would tell." in few.sentence
    enough = score_drift(scores(20_000, 0, 1), scores(100 + few.more, 0, 3))
    assert enough.verdict == STEADY


def test_a_small_sample_of_the_release_cannot_be_made_up_for() -> None:
    found = score_drift(scores(50, 0, 1), scores(100_000, 0, 2))
    assert (found.verdict, found.more) == (SAMPLE_MORE, None)
    assert "No verdict is possible from live items alone." in found.sentence


@pytest.mark.parametrize(
    ("released", "live", "verdict"),
    [
        ((200, 10_000), (205, 10_000), STEADY),
        ((200, 10_000), (900, 10_000), CHANGED),
        ((900, 10_000), (200, 10_000), CHANGED),
        ((4, 200), (9, 100), SAMPLE_MORE),
        # certain, but within what is tolerated
        ((20_000, 1_000_000), (30_000, 1_000_000), STEADY),
    ],
)
def test_the_match_rate(released: tuple[int, int], live: tuple[int, int], verdict: str) -> None:
    assert match_rate_drift(released, live).verdict == verdict


def test_the_interval_of_the_precision_is_newcombes() -> None:
    # Newcombe 1998, table II, method 10: 56/70 against 48/80
    found = precision_drift((48, 80), (56, 70)).change
    assert found is not None
    assert (found.lower, found.upper) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_a_fall_of_precision_is_found_from_judged_matches() -> None:
    assert precision_drift((54, 60), (30, 60)).verdict == CHANGED
    few = precision_drift((54, 60), (8, 10))
    assert few.verdict == SAMPLE_MORE
    assert few.sentence.startswith("The precision of judged matches moved by -10.0 points")


def test_without_items_there_is_nothing_to_compare() -> None:
    found = precision_drift((54, 60), (0, 0))
    assert (found.verdict, found.change, found.more) == (SAMPLE_MORE, None, AT_LEAST)
    assert precision_drift((0, 0), (1, 2)).more is None
    assert score_drift(scores(9, 0, 1), scores(0, 0, 1)).verdict == SAMPLE_MORE


@settings(max_examples=80)
@given(st.integers(1, 500), st.integers(1, 500), st.data())
def test_more_items_of_the_same_kind_give_the_verdict(
    released: int, live: int, data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, released)), released
    second = data.draw(st.integers(0, live)), live
    found = match_rate_drift(first, second)
    # a floor keeps the advice from asking for a handful
    if found.more is None or found.more == AT_LEAST:
        return
    assert found.verdict == SAMPLE_MORE
    items = live + found.more
    again = match_rate_drift(first, (round(second[0] * items / live), items))
    assert again.verdict != SAMPLE_MORE


def test_a_whole_is_changed_by_one_part_and_steady_by_all() -> None:
    steady = match_rate_drift((200, 10_000), (205, 10_000))
    changed = match_rate_drift((200, 10_000), (900, 10_000))
    unsure = precision_drift((54, 60), (8, 10))
    assert Drift((steady, unsure, changed)).verdict == CHANGED
    assert Drift((steady, unsure)).verdict == SAMPLE_MORE
    assert Drift((steady, steady)).verdict == STEADY
    assert Drift(()).verdict == SAMPLE_MORE


def test_the_registry_keeps_a_finding_and_gives_it_back() -> None:
    for found in (
        match_rate_drift((200, 10_000), (900, 10_000)),
        precision_drift((54, 60), (0, 0)),
    ):
        assert finding_from(json.loads(json.dumps(as_json(found)))) == found


def _alarms(findings: list[Finding]) -> float:
    return float(np.mean([finding.verdict == CHANGED for finding in findings]))


@pytest.mark.parametrize("live", [60, 600])
def test_without_a_change_alarms_are_rarer_than_one_in_a_hundred(live: int) -> None:
    generator = np.random.default_rng(20)
    rates = [
        match_rate_drift(
            (int(generator.binomial(20_000, 0.05)), 20_000),
            (int(generator.binomial(live, 0.05)), live),
        )
        for _ in range(RUNS)
    ]
    precisions = [
        precision_drift(
            (int(generator.binomial(60, 0.9)), 60), (int(generator.binomial(60, 0.9)), 60)
        )
        for _ in range(RUNS)
    ]
    distances = [
        score_drift(generator.random(2000), generator.random(live)) for _ in range(RUNS // 4)
    ]
    assert max(_alarms(rates), _alarms(precisions), _alarms(distances)) <= 0.01


def test_even_at_the_edge_of_what_is_tolerated_alarms_stay_below_the_level() -> None:
    generator = np.random.default_rng(21)
    findings = [
        match_rate_drift(
            (int(generator.binomial(5000, 0.05)), 5000), (int(generator.binomial(5000, 0.07)), 5000)
        )
        for _ in range(1000)
    ]
    # one-sided 2.5 %, with room for 1,000 runs
    assert _alarms(findings) <= 0.04
    assert _alarms(findings) > 0


def test_a_change_beyond_the_tolerance_is_found() -> None:
    generator = np.random.default_rng(22)
    findings = [
        precision_drift(
            (int(generator.binomial(300, 0.9)), 300), (int(generator.binomial(120, 0.6)), 120)
        )
        for _ in range(RUNS)
    ]
    assert _alarms(findings) > 0.95


def test_a_new_place_is_judged_by_itself_and_says_what_to_do() -> None:
    found = new_place_drift("mail", (200, 2_000), (2, 600))
    assert (found.measure, found.verdict) == ("the match rate at mail", CHANGED)
    assert found.sentence.startswith("mail was not in the sample of the release. The match rate at")
    assert "cultivar opt-in" in found.sentence
    assert new_place_drift("mail", (200, 2_000), (0, 0)).verdict == SAMPLE_MORE
