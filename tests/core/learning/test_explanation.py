from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cultivar.core.learning.explanation import by_word, telling
from cultivar.core.learning.model import Model
from tests.core.learning.material import COURT, GARDEN, column, written

WORDS = [*GARDEN, *COURT, "Ünïcödé", "中文", "unbelievably"]
TEXTS = st.one_of(
    st.text(max_size=50),
    st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join),
)


@given(TEXTS)
@settings(max_examples=200)
def test_contributions_and_bias_add_up_to_the_decision(model: Model, text: str) -> None:
    found = model.explain(text, top=None)
    whole = sum(each.weight for each in found) + model.bias
    assert whole == pytest.approx(model.decision_values(column([text]))[0], rel=1e-6, abs=1e-6)


@given(TEXTS)
@settings(max_examples=200)
def test_each_span_is_its_word_in_the_text(model: Model, text: str) -> None:
    spans = sorted((each.start, each.end) for each in model.explain(text, top=None))
    assert all(text[each.start : each.end] == each.word for each in model.explain(text, top=None))
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_the_strongest_words_come_first_and_no_more_than_asked(model: Model) -> None:
    found = model.explain(" ".join(written(GARDEN, 5, 1)), top=7)
    weights = [abs(each.weight) for each in found]
    assert len(found) == 7
    assert weights == sorted(weights, reverse=True)


def test_words_of_the_category_speak_for_it_and_others_against(model: Model) -> None:
    found = {
        each.word: each.weight for each in model.explain("orchard compost verdict juror", None)
    }
    assert min(found["orchard"], found["compost"]) > 0 > max(found["verdict"], found["juror"])


def test_a_text_without_words_has_no_contributions(model: Model) -> None:
    assert model.explain("") == []
    assert model.explain(" ?! ") == []


@given(TEXTS)
@settings(max_examples=100)
def test_merging_by_word_names_each_once_and_keeps_the_sum(model: Model, text: str) -> None:
    found = model.explain(f"{text} {text.upper()}", top=None)
    merged = by_word(found)
    assert sum(each.times for each in merged) == len(found)
    assert sum(each.weight for each in merged) == pytest.approx(
        sum(each.weight for each in found), rel=1e-9, abs=1e-9
    )
    assert len({each.word.casefold() for each in merged}) == len(merged)


def test_what_tells_a_reader_is_each_word_once_and_no_function_word(model: Model) -> None:
    word = GARDEN[0]
    found = model.explain(f"{word} of the {word.title()} between behalf {word}", top=None)
    assert [each.word.casefold() for each in telling(found)] == [word.casefold()]
