# ruff: noqa: RUF001 - letters that look like others are the matter
"""Folding 2: what looks the same has the same features, whatever its Unicode form."""

import unicodedata
from typing import Literal

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cultivar.core.learning.model import Model
from cultivar.core.learning.text import FEATURES, document_frequencies, folded, frequency_vector
from cultivar.core.learning.writing.folding import MARK, SEPARATOR, SINGLE, TABLE_SIZE
from cultivar.core.learning.writing.forms import FIRST, RICH, folding_of
from cultivar.core.learning.writing.rewriting import composed
from tests.core.learning.material import column

FORMS: tuple[Literal["NFC", "NFD", "NFKC", "NFKD"], ...] = ("NFC", "NFD", "NFKC", "NFKD")


def features(text: str) -> list[int]:
    return np.flatnonzero(frequency_vector(document_frequencies(column([text])))).tolist()


def _letters(*spans: tuple[int, int]) -> st.SearchStrategy[str]:
    points = [
        chr(point)
        for first, last in spans
        for point in range(first, last + 1)
        if unicodedata.category(chr(point)) != "Cn"
    ]
    return st.text(st.sampled_from([*points, " "]), max_size=20)


# One script at a time: no text writes the vowel of one script under the letter of another.
SCRIPTS = st.one_of(
    _letters((0x20, 0x24F), (0x300, 0x36F), (0x1E00, 0x1EFF), (0x2000, 0x218F)),
    _letters((0x370, 0x3FF), (0x1F00, 0x1FFF), (0x400, 0x52F), (0x300, 0x314)),
    _letters((0x5D0, 0x5EA), (0x5B0, 0x5BD), (0xFB1D, 0xFB4F)),
    _letters((0x600, 0x6FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF)),
    _letters((0x900, 0x97F)),
    _letters((0x980, 0x9FF)),
    _letters((0xB80, 0xBFF)),
    _letters((0xE00, 0xE7F)),
    _letters((0xE80, 0xEFF)),
    _letters((0x1000, 0x109F)),
    _letters((0x1780, 0x17FF)),
    _letters((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xAC40), (0xD780, 0xD7A3)),
    _letters((0x3040, 0x30FF), (0xFF00, 0xFFEF), (0x3200, 0x33FF)),
    _letters((0x4E00, 0x4E40), (0x2F00, 0x2FD5), (0xF900, 0xFAFF), (0x2F800, 0x2F860)),
)


@given(SCRIPTS)
@example("\u1112\u1161\u11ab\u1100\u116e\u11a8 한국")
@example("ｶﾞｷﾞ ﾊﾟ ㈜ ½ ﬁne ℡ ①")
@example("น้ำดื่ม ອຳນາດ ໜັງສື")
@example("ﻋﻘﺪ عقـد ﷺ")
@example("\u0eb8\u0eba")
@example("\u32d2\u3099 \u3260\u1161\u11a8 \u326e\u11a8")
@settings(max_examples=200, deadline=None)
def test_every_form_of_a_text_has_the_same_features(text: str) -> None:
    wanted = features(text)
    for form in FORMS:
        assert features(unicodedata.normalize(form, text)) == wanted, form


@given(SCRIPTS)
@settings(max_examples=200, deadline=None)
def test_rewriting_a_rewritten_text_changes_nothing(text: str) -> None:
    [(once, _)] = folded(column([text]), folding_of())
    [(twice, _)] = folded(column([bytes(once).decode()]), folding_of())
    assert bytes(once) == bytes(twice)


@pytest.mark.parametrize("sign", ["\u00ad", "\u200b", "\u200d", "\u2060", "\ufeff", "\u0640"])
def test_what_is_not_seen_leaves_no_trace(sign: str) -> None:
    assert features(f"con{sign}tract") == features("contract")
    assert features(f"عق{sign}د") == features("عقد")


def test_each_letter_of_a_compatibility_form_is_the_letter_it_stands_for() -> None:
    assert features("ＣＯＮＴＲＡＣＴ") == features("contract")
    assert features("oﬃce") == features("office")
    assert features("ℌello") == features("hello")


def test_vowels_and_sound_marks_tell_words_apart() -> None:
    assert features("กา") != features("กี")
    assert features("が") != features("か")
    assert features("កា") != features("កិ")


@given(st.sampled_from([chr(point) for point in range(0xAC00, 0xD7A4, 7)]))
def test_hangul_in_parts_composes_as_unicode_says(syllable: str) -> None:
    parts = [ord(each) for each in unicodedata.normalize("NFD", syllable)]
    both = composed(parts[0], parts[1])
    whole = composed(both, parts[2]) if len(parts) == 3 else both
    assert chr(whole) == syllable


def test_kana_compose_as_unicode_says() -> None:
    for point in range(0x3040, 0x3100):
        for mark in (0x3099, 0x309A):
            wanted = unicodedata.normalize("NFC", chr(point) + chr(mark))
            assert composed(point, mark) == (ord(wanted) if len(wanted) == 1 else 0)


def test_a_folded_character_folds_to_itself() -> None:
    table = folding_of().fold
    for point in range(TABLE_SIZE):
        code = int(table[point])
        if code not in (MARK, SEPARATOR):
            assert int(table[code & 0x1FFFFF]) == code


def test_every_character_of_another_script_has_room_for_its_features() -> None:
    """They are reckoned by bytes: three features of a syllable or the like, two of a letter."""
    table = folding_of().fold
    for point in range(0x80, TABLE_SIZE):
        code = int(table[point])
        if code & RICH:
            least = 3 if code & SINGLE or code & 0x1FFFFF >= 0x800 else 2
            assert len(chr(point).encode("utf-8", "surrogatepass")) >= least


def test_texts_that_need_no_rewriting_keep_their_bytes() -> None:
    texts = column(["plain", "naïve “quoted” — text", "Привет", "한국어 계약서", "東京"])
    [(data, offsets)] = folded(texts, folding_of())
    assert np.shares_memory(data, np.frombuffer(texts.buffers()[2], np.uint8))
    assert len(offsets) == 6


def test_spans_of_an_explanation_stand_in_the_text_as_it_was_given(model: Model) -> None:
    text = "½ \u1112\u1161\u11ab\u1100\u116e\u11a8 oﬃce garden"
    found = [each.word for each in model.explain(text, top=None)]
    assert sorted(found) == sorted(["½", "\u1112\u1161\u11ab\u1100\u116e\u11a8", "oﬃce", "garden"])


def test_folding_1_is_what_models_of_format_1_were_trained_with() -> None:
    first = folding_of(FIRST)
    assert not first.rewriting
    assert not (first.fold & RICH).any()
    old = frequency_vector(document_frequencies(column(["계약서를 oﬃce か"]), first))
    assert old.sum() == 5
    assert FEATURES == 1 << 18
