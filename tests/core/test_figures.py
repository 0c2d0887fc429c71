"""Figures in sentences: right plurals, shares without needless digits."""

import pytest

from cultivar.core.figures import accuracy_stated, percent, score_stated
from cultivar.core.vocabulary import how_many


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 items"), (1, "1 item"), (2, "2 items"), (2100, "2,100 items")]
)
def test_a_count_has_its_noun_in_the_right_number(number: int, said: str) -> None:
    assert how_many(number, "item") == said


def test_an_irregular_plural_is_stated() -> None:
    assert [how_many(number, "match", "matches") for number in (1, 3)] == ["1 match", "3 matches"]


@pytest.mark.parametrize(("share", "said"), [(0.145, "14.5 %"), (1, "100 %"), (0.4, "40 %")])
def test_a_share_is_stated_in_per_cent(share: float, said: str) -> None:
    assert percent(share) == said


def test_an_accuracy_states_what_is_assured_and_over_how_many_reviews() -> None:
    said = accuracy_stated(0.97, 0.924, 210)
    assert said == "accuracy 97 %, at least 92.4 %, over 210 decided reviews"


@pytest.mark.parametrize(
    ("score", "said"),
    [(0.314, "0.31"), (0.9987, "0.999"), (0.99996, "0.99996"), (0.0004, "0.0004"), (1, "1.00")],
)
def test_a_threshold_is_not_rounded_to_certainty(score: float, said: str) -> None:
    assert score_stated(score) == said
