"""Figures in sentences: right plurals, shares without needless digits."""

import pytest

from cultivar.core.figures import (
    accuracy_stated,
    percent,
    probability,
    probability_in_words,
    share_said,
)
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
    [(0.314, "31 %"), (0.9987, "99.9 %"), (0.99996, "99.996 %"), (0.0004, "0.04 %"), (1, "100 %")],
)
def test_a_threshold_is_not_rounded_to_certainty(score: float, said: str) -> None:
    assert probability(score) == said


@pytest.mark.parametrize(
    ("score", "said"),
    [
        (0.82, "82 %: about 8 in 10 such items are relevant"),
        (0.85, "85 %: about 85 in 100 such items are relevant"),
        (0.97, "97 %: about 97 in 100 such items are relevant"),
        (0.052, "5 %: about 5 in 100 such items are relevant"),
        (0.012, "1 %: about 1 in 100 such items is relevant"),
        (0.0001, "0.01 %: hardly any such items are relevant"),
        (0.9999, "99.99 %: nearly all such items are relevant"),
    ],
)
def test_a_score_is_said_as_a_share_of_such_items(score: float, said: str) -> None:
    assert probability_in_words(score) == said


@pytest.mark.parametrize(
    ("text", "share"), [("0.8", 0.8), ("80%", 0.8), (" 80 % ", 0.8), ("sure", None), ("%", None)]
)
def test_a_share_may_be_typed_in_per_cent(text: str, share: float | None) -> None:
    assert share_said(text) == share
