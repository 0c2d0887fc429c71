"""A small guard of the table of languages: what is measured whole by ``benchmarks.languages``."""

import random
import unicodedata

import pytest

from benchmarks.languages import read_languages, rival, written
from cultivar.estimators import TextClassifier

LANGUAGES = {each.code: each for each in read_languages()}


@pytest.mark.parametrize("code", ["ko", "th"])
def test_a_language_is_not_far_behind_tf_idf_and_its_form_does_not_matter(code: str) -> None:
    draw = random.Random(code)
    train, test = (written(LANGUAGES[code], count, draw) for count in (12, 25))
    model = TextClassifier().fit(train.texts, train.kinds)
    own = model.score(test.texts, test.kinds)
    apart = [unicodedata.normalize("NFD", text) for text in test.texts]
    assert model.score(apart, test.kinds) == own
    assert own > rival("characters", train, test) - 0.06
    assert own > 0.75


def test_each_language_has_four_kinds_of_phrases_of_their_own() -> None:
    assert len(LANGUAGES) == 12
    for language in LANGUAGES.values():
        phrases = [*language.common, *(p for kind in language.kinds.values() for p in kind)]
        assert len(language.kinds) == 4
        assert len(set(phrases)) == len(phrases) == 12 + 4 * 6
