"""The quick classifier: a few answers are told from content at large, the same bits every time."""

import numpy as np
import pyarrow as pa

from cultivar.core.learning import quick
from cultivar.core.learning.features import extract, inverse_frequencies
from cultivar.core.learning.rounds import NEGATIVE, POSITIVE, UNLABELLED
from cultivar.core.learning.solver import Rows
from cultivar.core.learning.text import document_frequencies
from cultivar.core.seeds.suggestion import learned
from cultivar.encoder import load

WORDS = ["rent due on the first", "engine oil and brakes", "goal in the last minute"]


def _rows(texts: list[str]) -> Rows:
    column = pa.array(texts, pa.large_string())
    weights = inverse_frequencies(document_frequencies(column), len(texts))
    return extract(column, load(), weights)


def test_an_answer_moves_what_is_like_it_and_the_rest_of_content_stays_behind() -> None:
    rows = _rows([f"{WORDS[place % 3]} {place}" for place in range(60)])
    kinds = np.arange(60) % 3
    roles = np.full(60, UNLABELLED, np.int8)
    roles[0] = POSITIVE  # one of rent, and nothing else is said
    places = np.arange(60)
    values = quick.fit(rows, roles, 0).decide(rows, places)
    assert set(kinds[np.argsort(-values)[:20]]) == {0}
    roles[1], roles[0:9:3] = POSITIVE, NEGATIVE  # engines, and no rent any more
    said = quick.fit(rows, roles, 0).decide(rows, places)
    assert set(kinds[np.argsort(-said)[:20]]) == {1}
    assert np.array_equal(said, quick.fit(rows, roles, 0).decide(rows, places))


def test_what_is_picked_and_refused_orders_the_rest_of_the_suggestions() -> None:
    like, picked, refused = (_rows([words]) for words in ("repairs", WORDS[1], WORDS[0]))
    values = learned(like, picked, refused, _rows(WORDS))
    assert np.argmax(values) == 1
    assert np.argmin(values) == 0
