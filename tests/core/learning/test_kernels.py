from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cultivar.core.learning import kernels
from cultivar.core.learning.model import Model
from cultivar.core.learning.text import FEATURES, document_frequencies, folded, frequency_vector
from cultivar.core.learning.writing.forms import folding_of
from tests.core.learning import reference
from tests.core.learning.material import column

WORDS = [
    "soil",
    "Prune",
    "plaintiff",
    "unbelievably",
    "émigré",
    "\uff37ide",
    "naïve",
    "北京",
    "ไทย",
    "договором",
    "계약서를",
    "ﬁnal",
    "العقد",
    "x" * 99,
]
TEXTS = st.one_of(
    st.text(max_size=60),
    st.text(st.characters(max_codepoint=0x2FF), max_size=60),
    st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join),
    st.tuples(st.sampled_from(WORDS), st.text(max_size=3)).map("".join),
)


def traced(text: str, model: Model) -> tuple[Any, Any, Any]:
    """Return the words of the text in one Unicode form, and their features with their shares."""
    [(data, _)] = folded(column([text]), folding_of())
    lookup = (model.slots, model.piece_keys, model.piece_weights)
    found: tuple[Any, Any, Any] = kernels.trace(data, folding_of().fold, FEATURES // 2, *lookup)
    return found


@given(TEXTS)
@example("Don't\u0301 stop")
@example("e\u0301te\u0301\u200b\u00adnd \ufeffx")
@example("中文abc한국어😀😀 ก์ข")
@example("x" * 101 + " " + "é" * 60)
@example("\N{MICRO SIGN}\ua000 \N{MICRO SIGN}ικρό μικρό")
@example("ﬁve ½x ｶﾞ \u1112\u1161\u11ab \u0e19\u0e49\u0e4d\u0e32 Привет, العقـد")
@settings(max_examples=300)
def test_words_and_features_are_those_of_the_plain_definition(model: Model, text: str) -> None:
    (starts, stops, _, pooled), entries, shares = traced(text, model)
    expected = reference.words(text)
    written = "".join(chr(point) for point, _, _ in reference.rewritten(text)).encode()
    spans = [(each.place[0], each.place[1]) for each in expected]
    found = [
        (len(written[:a].decode()), len(written[:b].decode()))
        for a, b in zip(starts, stops, strict=True)
    ]
    assert found == spans
    keys = {int(key): row for row, key in enumerate(model.piece_keys)}
    assert pooled.tolist() == [len(reference.pieces(each.folded, keys)) for each in expected]
    counted = dict(reference.features(text, FEATURES // 2))
    values, place = np.unique(entries[:, 0], return_inverse=True)
    counts = np.rint(np.bincount(place, weights=shares, minlength=len(values))).astype(int)
    assert dict(zip(values.tolist(), counts.tolist(), strict=True)) == counted


@given(TEXTS)
@settings(max_examples=200)
def test_a_decision_is_the_plain_weighted_sum(model: Model, text: str) -> None:
    found = model.decision_values(column([text]))[0]
    assert found == pytest.approx(reference.decision(model, text), rel=1e-5, abs=1e-5)


@given(st.lists(st.one_of(st.none(), TEXTS), min_size=1, max_size=12), st.data())
@settings(max_examples=100)
def test_a_score_does_not_depend_on_its_batch(
    model: Model, texts: list[str | None], data: st.DataObject
) -> None:
    whole = model.decision_values(pa.array(texts, pa.large_string()))
    alone = [model.decision_values(pa.array([text], pa.string()))[0] for text in texts]
    first = data.draw(st.integers(0, len(texts)))
    sliced = pa.array(["before", *texts, "after"], pa.string()).slice(1 + first, len(texts) - first)
    chunked = pa.chunked_array([pa.array(texts[:first], pa.string()), sliced], pa.string())
    assert whole.tobytes() == np.array(alone).tobytes()
    assert whole[first:].tobytes() == model.decision_values(sliced).tobytes()
    assert whole.tobytes() == model.decision_values(chunked).tobytes()


@given(st.lists(TEXTS, min_size=1, max_size=8))
@settings(max_examples=100)
def test_document_frequencies_count_each_document_once(texts: list[str]) -> None:
    found = frequency_vector(document_frequencies(column(texts)))
    expected = np.zeros(FEATURES, dtype=np.int64)
    for text in texts:
        for feature in reference.features(text, FEATURES // 2):
            expected[feature] += 1
    assert np.array_equal(found, expected)


@given(st.binary(max_size=40))
@settings(max_examples=300)
def test_malformed_bytes_are_separators_and_never_read_past_the_end(
    model: Model, wrong: bytes
) -> None:
    data = np.frombuffer(b"soil " + wrong, dtype=np.uint8)
    lookup = (model.slots, model.piece_keys, model.piece_weights)
    (starts, stops, *_), *_ = kernels.trace(data, folding_of().fold, FEATURES // 2, *lookup)
    assert (starts[0], stops[0]) == (0, 4)
    assert all(0 <= a < b <= len(data) for a, b in zip(starts, stops, strict=True))
    assert all(b <= a for b, a in zip(stops[:-1], starts[1:], strict=True))


def test_a_text_of_two_megabytes_is_one_row(model: Model) -> None:
    text = "soil and seed " * 150_000
    short = model.decision_values(column([text[:14_000]]))[0]
    assert model.decision_values(column([text]))[0] == pytest.approx(short, abs=0.2)
