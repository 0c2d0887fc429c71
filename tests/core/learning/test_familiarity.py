"""How much of a text is known, and what that makes of a probability."""

import numpy as np
import pytest

from cultivar.core.learning.estimates.familiarity import FLOOR, familiar_share, met_by, trust
from cultivar.core.learning.model import Model
from cultivar.core.learning.solver import Rows
from cultivar.core.vocabulary import NO_MATCH
from tests.core.learning.material import COURT, GARDEN, column, written

NOTHING = [
    "",
    "  \n",
    "zzz qqq",
    "契約書",
    "Ich möchte bitte eine Auskunft über mein Konto",
]


def test_a_row_knows_what_another_row_holds() -> None:
    rows = Rows(
        np.array([0, 2, 4, 4]),
        np.array([0, 1, 0, 2], np.int32),
        np.array([0.6, 0.8, 0.6, 0.8], np.float32),
        np.zeros((3, 0), np.float32),
        3,
    )
    assert met_by(rows).tolist() == [2, 1, 1]
    assert familiar_share(rows, met_by(rows)) == pytest.approx(0.36)


def test_trust_rises_from_the_floor_to_the_familiar_share() -> None:
    known = np.array([0.0, FLOOR * 0.4, 0.25, 0.4, 1.0])
    assert trust(known, 0.4) == pytest.approx([0.0, 0.0, 0.5, 1.0, 1.0])
    assert trust(known, 0.0).tolist() == [1.0] * 5


@pytest.mark.parametrize("text", NOTHING)
def test_text_that_says_nothing_is_no_match_and_not_enough(model: Model, text: str) -> None:
    [score] = model.score(column([text]))
    assert score < model.close_threshold
    assert score <= np.float32(model.prior)
    assert model.decide(np.array([score])).to_pylist() == [NO_MATCH]
    assert not model.is_enough(text)


def test_usual_texts_keep_the_probability_of_their_decision_value(model: Model) -> None:
    texts = column(written(GARDEN, 100, 1) + written(COURT, 100, 2))
    values, trusted = model.values_and_trust(texts)
    same = model.score(texts) == model.probabilities(values)
    assert same[trusted == 1.0].all()
    assert (trusted == 1.0).mean() > 0.9
    assert all(model.is_enough(text) for text in texts.to_pylist())
