"""What the encoder knows of texts, and how that bears on what a model learns."""

import numpy as np
import pyarrow as pa
import pytest

from cultivar.core.learning.encoder import StaticEncoder
from cultivar.core.learning.text import FEATURES
from cultivar.core.projects import choosing, training
from cultivar.core.projects.choosing import Material
from cultivar.core.projects.coverage import Coverage, coverage_of
from cultivar.core.projects.names import Kind
from tests.core.projects.conftest import given_of

PIECES = ["soil", "seed", "kom", "##post", "a", "土"]
ENCODER = StaticEncoder.from_vocabulary(np.ones((6, 2), dtype=np.float16), PIECES)


def covered(*texts: str) -> Coverage:
    return coverage_of(pa.array(texts, pa.large_string()), ENCODER)


def test_a_word_in_pieces_an_unknown_word_and_a_character_are_not_known() -> None:
    assert covered("soil seed", "soil") == Coverage(1.0, 0.0)
    assert covered("soil kompost") == Coverage(0.5 / 0.85, 0.0)
    assert covered("soil quartz", "a seed") == Coverage(3 / (4 * 0.85), 0.0)
    assert covered("土土 seed", "土") == Coverage(1 / (4 * 0.85), 0.75)


def test_a_few_unknown_words_do_not_count_against_the_encoder() -> None:
    assert covered("soil seed " * 9 + "quartz kompost") == Coverage(1.0, 0.0)


def test_texts_without_words_say_nothing_against_the_encoder() -> None:
    assert covered() == covered("", " . ") == Coverage(1.0, 0.0)


def test_the_encoder_weighs_less_where_it_knows_fewer_words(
    encoder: StaticEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    scales: list[float] = []
    fit = choosing._fit

    def watched(
        material: Material, places: object, loss: str, scale: float, going: object
    ) -> object:
        scales.append(scale)
        return fit(material, places, loss, scale, going)  # type: ignore[arg-type]

    monkeypatch.setattr(choosing, "_fit", watched)
    monkeypatch.setattr(training, "coverage_of", lambda *_: Coverage(0.125, 0.0))
    training.train(given_of(Kind.SINGLE), encoder)
    assert scales[0] == 0.25
    assert max(scales) <= 0.5


def test_pairs_of_characters_weigh_twice_what_pairs_of_words_do(
    encoder: StaticEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one text in both cases, so that nothing else can differ."""
    seen: list[Material] = []

    def watched(material: Material, *_: object) -> object:
        seen.append(material)
        raise StopIteration

    monkeypatch.setattr(choosing, "choose", watched)
    for characters in (0.0, 1.0):
        monkeypatch.setattr(training, "coverage_of", lambda *_, c=characters: Coverage(1.0, c))
        with pytest.raises(StopIteration):
            training.train(given_of(Kind.SINGLE), encoder)
    used, _ = training._frequencies(given_of(Kind.SINGLE).train.texts)
    words, characters_ = (each.rows.values for each in seen)
    pairs = used[seen[0].rows.indices] >= FEATURES // 2
    assert pairs.any()
    assert characters_[pairs] == pytest.approx(2.0 * words[pairs])
    assert characters_[~pairs].tolist() == words[~pairs].tolist()
