"""Models that score in one pass give, bit by bit, what each gives alone."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cultivar.core.learning.encoder import StaticEncoder
from cultivar.core.learning.model import Model
from cultivar.core.learning.scorer import Scorer
from cultivar.core.learning.writing.forms import folding_of
from tests.core.learning.material import COURT, GARDEN, column, written
from tests.core.learning.test_kernels import TEXTS


def relatives(model: Model, count: int) -> list[Model]:
    """Return models of other weights; some have another baseline, folding or encoder."""
    generator = np.random.default_rng(7)
    empty = StaticEncoder.empty()
    found = []
    for number in range(count):
        kept = generator.random(len(model.weights)) < 0.7
        factor = np.float32(generator.normal())
        each = replace(
            model,
            weights=(model.weights * kept * factor).astype(np.float32),
            piece_weights=model.piece_weights * factor,
            bias=float(factor),
        )
        if number % 3 == 1:
            each = replace(each, idf=model.idf * np.float32(1.5))
        if number % 5 == 2:
            each = replace(each, folding=folding_of(1))
        if number % 7 == 3:
            nothing = np.zeros(0, np.float32)
            each = replace(each, piece_keys=empty.keys, piece_weights=nothing)
        found.append(each)
    return found


@pytest.fixture(scope="module")
def many(model: Model) -> list[Model]:
    return relatives(model, 70)


@pytest.fixture(scope="module")
def scorer(many: list[Model]) -> Scorer:
    return Scorer(many)


def alone(models: list[Model], texts: pa.Array) -> bytes:
    return np.stack([each.score(texts) for each in models], axis=1).tobytes()


@given(st.lists(st.one_of(st.none(), TEXTS), max_size=6))
@settings(max_examples=25, deadline=None)
def test_any_text_scores_together_as_alone(
    many: list[Model], scorer: Scorer, texts: list[str | None]
) -> None:
    assert scorer.score(column(texts)).tobytes() == alone(many, column(texts))


@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 33])
def test_any_number_of_models_scores_together_as_alone(many: list[Model], count: int) -> None:
    texts = pa.chunked_array([written(GARDEN, 20, 1), ["", "seed " * 400], written(COURT, 9, 2)])
    found = Scorer(many[:count]).score(texts)
    assert found.shape == (31, count)
    assert found.tobytes() == alone(many[:count], texts)


def test_threads_that_score_at_once_and_again_give_the_same(
    many: list[Model], scorer: Scorer
) -> None:
    texts = [column(written(kind, 40, seed)) for seed in range(8) for kind in (GARDEN, COURT)]
    expected = [alone(many[:40], each) for each in texts]
    together = Scorer(many[:40])
    with ThreadPoolExecutor(4) as pool:
        for _ in range(2):
            found = pool.map(lambda each: together.score(each).tobytes(), texts)
            assert list(found) == expected
