"""Quality on real corpora; the whole table is ``python -m benchmarks.quality``."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.corpora import Category, categories
from benchmarks.quality import BALANCED, Outcome, outcome


@pytest.fixture
def news(corpora: Path, monkeypatch: pytest.MonkeyPatch) -> list[Category]:
    monkeypatch.setenv("CULTIVAR_CORPORA", str(corpora))
    return list(categories(("agnews_test",)))


def found(picked: list[Category], seeds: int, prevalence: float) -> list[Outcome]:
    outcomes = [outcome(category, seeds, prevalence, run=7) for category in picked]
    return [each for each in outcomes if each is not None]


@pytest.mark.slow
@pytest.mark.requirement("TC-01")
@pytest.mark.parametrize("prevalence", [0.05, 0.25])
def test_fifty_seeds_come_near_training_on_true_labels(
    news: list[Category], prevalence: float
) -> None:
    ratios = [
        each.learned.f1(BALANCED) / each.supervised.f1(BALANCED)
        for each in found(news, 50, prevalence)
    ]
    assert len(ratios) == 4
    assert np.mean(ratios) > 0.95
    assert min(ratios) > 0.9


@pytest.mark.slow
@pytest.mark.requirement("TC-19")
def test_four_hundred_seeds_beat_fifty_on_real_news(news: list[Category]) -> None:
    few, many = (
        np.mean([each.learned.f1(BALANCED) for each in found(news, seeds, 0.05)])
        for seeds in (50, 400)
    )
    assert many > few
