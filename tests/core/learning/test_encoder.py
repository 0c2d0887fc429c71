import numpy as np
import pytest

from cultivar.core.errors import Damaged
from cultivar.core.learning import features
from cultivar.core.learning.encoder import StaticEncoder, piece_keys
from cultivar.core.learning.text import FEATURES
from tests.core.learning.material import column

TABLE = np.arange(12, dtype=np.float16).reshape(6, 2)
PIECES = ["soil", "comp", "##ost", "!", "##s", "?!"]


def pooled(encoder: StaticEncoder, text: str) -> list[float]:
    idf = np.ones(FEATURES, dtype=np.float32)
    rows = features.extract(column([text]), encoder, idf)
    return (rows.dense[0] / features.POOLED).tolist()


def test_a_texts_vector_is_the_mean_of_its_pieces_longest_first() -> None:
    encoder = StaticEncoder.from_vocabulary(TABLE, PIECES)
    assert pooled(encoder, "Soil") == [0.0, 1.0]
    assert pooled(encoder, "soil, compost!") == [(0 + 2 + 4) / 3, (1 + 3 + 5) / 3]
    assert pooled(encoder, "soils") == [(0 + 8) / 2, (1 + 9) / 2]


def test_a_word_that_no_pieces_spell_is_one_that_says_nothing() -> None:
    encoder = StaticEncoder.from_vocabulary(TABLE, PIECES)
    assert pooled(encoder, "soil composter ost") == [0.0, float(np.float32(1 / 3))]
    assert pooled(encoder, "") == [0.0, 0.0]


def test_pieces_that_no_word_can_hold_are_dropped() -> None:
    encoder = StaticEncoder.from_vocabulary(TABLE, PIECES)
    assert len(encoder.keys) == 4
    assert (piece_keys(PIECES) == 0).tolist() == [False, False, False, True, False, True]


def test_a_vocabulary_of_another_length_is_refused() -> None:
    with pytest.raises(Damaged, match="6 pieces but 5 rows"):
        StaticEncoder.from_vocabulary(TABLE[:5], PIECES)


def test_the_shipped_encoder_holds_every_piece_once(encoder: StaticEncoder) -> None:
    assert encoder.table.shape == (29176, 256)
    assert len(np.unique(encoder.keys)) == 29176
    assert np.isfinite(encoder.table).all()


def test_related_words_lie_nearer_than_unrelated_ones(encoder: StaticEncoder) -> None:
    def vector(text: str) -> np.ndarray:
        found = np.array(pooled(encoder, text))
        return np.asarray(found / np.linalg.norm(found))

    assert vector("contract") @ vector("agreement") > vector("contract") @ vector("banana") + 0.2


def test_the_fingerprint_follows_the_numbers(encoder: StaticEncoder) -> None:
    table = encoder.table.copy()
    table[0, 0] += 1
    assert StaticEncoder(table, encoder.keys).fingerprint != encoder.fingerprint
