from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr

from cultivar.core.errors import Damaged
from cultivar.core.learning.audit import points_of
from cultivar.core.learning.encoder import StaticEncoder
from cultivar.core.learning.estimates import calibration
from cultivar.core.learning.estimates.operating import operating_points
from cultivar.core.learning.model import Model
from cultivar.core.learning.training import train
from cultivar.core.operating_points import (
    BALANCED,
    BE_SURE,
    FIND_MOST,
    POINTS,
    Cut,
    OperatingPoints,
    points_from,
)
from tests.core.learning.material import COURT, GARDEN, column, given, mixed, written
from tests.core.learning.test_calibration import drawn


def _points(prior: float, seed: int = 0) -> OperatingPoints:
    return operating_points(drawn(prior, seed=seed), prior, float)


def _f1(threshold: float, prior: float) -> float:
    """Return F1 in content of two normal distributions, one spread apart each side of 0."""
    relevant, others = ndtr(1.5 - threshold), ndtr(-1.5 - threshold)
    found = prior * relevant
    return float(2.0 * found / (prior + found + (1.0 - prior) * others))


@pytest.mark.parametrize("prior", [0.01, 0.05, 0.25])
def test_the_balanced_point_has_nearly_the_best_f1_in_content(prior: float) -> None:
    chosen = _points(prior).points[BALANCED].threshold
    best = max(_f1(each, prior) for each in np.linspace(-2.0, 3.0, 51))
    assert _f1(chosen, prior) >= 0.95 * best


def test_the_review_threshold_is_far_from_it_where_few_items_are_relevant() -> None:
    review, _ = calibration.choose_thresholds(drawn(0.01), 0.01)
    assert _f1(_points(0.01).points[BALANCED].threshold, 0.01) > 1.5 * _f1(review, 0.01)


@pytest.mark.parametrize("prior", [0.01, 0.05, 0.25])
def test_points_go_from_finding_most_to_being_sure(prior: float) -> None:
    found = _points(prior)
    most, balanced, sure = (found.points[name] for name in POINTS)
    assert most.threshold <= balanced.threshold <= sure.threshold
    assert most.above >= balanced.above >= sure.above
    assert most.found / found.positives >= 0.94
    assert sure.found / found.positives >= 0.25


def test_a_close_match_begins_where_one_in_twenty_is_missed_and_never_above_a_match() -> None:
    found = _points(0.05)
    for name in POINTS:
        cut = found.cut(name)
        assert cut.close == found.points[FIND_MOST].threshold
        assert cut.close <= cut.threshold
    assert found.cut(BE_SURE).close < found.cut(BALANCED).threshold


def test_one_positive_that_is_like_all_others_gives_points() -> None:
    same = calibration.Evidence(np.ones(50), np.zeros(0), np.ones(300))
    assert {each.threshold for each in operating_points(same, 0.1, float).points.values()} == {1.0}


def test_a_cut_decides_in_place_of_the_review_threshold(model: Model) -> None:
    assert model.operating is not None
    scores = np.array([0.1, 0.5, 0.9], np.float32)
    assert model.decide(scores, Cut(0.9, 0.4)).to_pylist() == ["no match", "close match", "match"]
    cut = Cut(float(np.float32(0.9)), float(np.float32(0.4)))
    assert [cut.prediction(float(each)) for each in scores] == ["no match", "close match", "match"]


def test_points_survive_the_header(model: Model) -> None:
    assert model.operating is not None
    assert points_from(model.header["operating"]) == model.operating
    again = Model.from_arrays(model.to_arrays(), model.header)
    assert again.operating == model.operating


def test_a_text_of_which_nothing_is_known_is_listed_at_no_point(
    encoder: StaticEncoder, model: Model
) -> None:
    assert model.operating is not None
    point = replace(model.operating.points[FIND_MOST], threshold=1e-4)
    low = replace(model.operating, points={**model.operating.points, FIND_MOST: point})
    lowest = replace(model, operating=low, familiar=1.0)
    [score] = lowest.score(column(["🂡"]))
    assert lowest.decide(np.array([score]), low.cut(FIND_MOST)).to_pylist() == ["no match"]


@pytest.mark.parametrize(
    ("part", "wrong"), [("threshold", 1.5), ("threshold", "high"), ("found", -1), ("above", None)]
)
def test_damaged_points_are_refused(model: Model, part: str, wrong: object) -> None:
    assert model.operating is not None
    stored = model.operating.stored
    stored["points"][BE_SURE][part] = wrong
    with pytest.raises(Damaged, match="operating"):
        points_of({"operating": stored})
    del stored["points"][BE_SURE]
    with pytest.raises(Damaged, match="operating"):
        points_of({"operating": stored})


def test_reviewed_items_are_counted_apart(encoder: StaticEncoder) -> None:
    verdicts = dict.fromkeys(written(GARDEN, 20, 72), 1) | dict.fromkeys(written(COURT, 30, 73), 0)
    wanted = given(written(GARDEN, 50, 70), mixed(20, 230, 71), verdicts)
    found = train(wanted, encoder).operating
    assert found is not None
    assert (found.positives, found.reviewed_positives, found.reviewed_negatives) == (70, 20, 30)
    for each in found.points.values():
        assert each.reviewed_found <= 20
        assert each.reviewed_wrong <= 5
    assert found.points[FIND_MOST].reviewed_found >= 15
