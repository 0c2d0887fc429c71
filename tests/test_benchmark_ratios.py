"""What the benchmark in the natural mix says of ratios and of chance."""

import numpy as np

from benchmarks.natural_ratios import Pair, ratio
from benchmarks.natural_truth import Truth


def test_a_ratio_is_that_of_means_with_an_interval_over_categories_and_names_the_lowest() -> None:
    figures = {"a": (0.9, 1.0), "b": (0.4, 0.8), "c": (0.7, 0.7)}
    rows = [Pair(name, 0.05, 0, "x", *each) for name, each in figures.items()]
    came = ratio([*rows, Pair("a", 0.05, 0, "x", 0.7, 0.8)])
    assert came.ratio == np.mean([0.8, 0.4, 0.7]) / np.mean([0.9, 0.8, 0.7])
    assert came.low < came.ratio < came.high
    assert (came.category, came.lowest) == ("b", 0.5)


def test_the_error_of_right_probabilities_is_what_chance_makes_of_it() -> None:
    generator = np.random.default_rng(0)
    errors = []
    for _ in range(40):
        chances = generator.beta(0.3, 0.9, 2_000)
        truth = Truth(generator.random(2_000) < chances, np.full(2_000, 1 / 2_000))
        errors.append((truth.expected_error(chances), truth.error_by_chance(chances)))
    found, chance = np.mean(errors, axis=0)
    assert abs(found - chance) < 0.1 * found
    flat = np.full(2_000, chances.mean())
    assert Truth(truth.relevant, truth.weights).expected_error(chances * 0.5) > 3 * chance
    assert truth.expected_error(flat) < found
