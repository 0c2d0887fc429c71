"""A transformer from a folder gives each text its vector; learning and scoring take it as it is."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime")
pytest.importorskip("tokenizers")
pytest.importorskip("onnx")

from cultivar.core.errors import Damaged, InvalidInput, NotReady
from cultivar.core.learning.model import Model
from cultivar.core.learning.training import train
from cultivar.encoder.transformer import Transformer, load_transformer
from tests.core.learning.material import (
    COURT,
    GARDEN,
    SHARED,
    accuracy,
    column,
    given,
    mixed,
    written,
)
from tests.data.small_transformer import WIDTH, write_transformer

WORDS = [*GARDEN, *COURT, *SHARED]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_transformer(tmp_path_factory.mktemp("transformer"), WORDS)


@pytest.fixture(scope="module")
def transformer(folder: Path) -> Transformer:
    return load_transformer(folder)


@pytest.fixture(scope="module")
def model(transformer: Transformer) -> Model:
    return train(given(written(GARDEN, 60, 7), mixed(30, 270, 11)), transformer)


def test_a_text_has_the_same_vector_whatever_stands_beside_it(transformer: Transformer) -> None:
    texts = written(GARDEN, 5, 1)
    together = transformer.embed(column(texts))
    alone = [transformer.embed(column([text]))[0] for text in texts]
    assert together.shape == (5, WIDTH)
    assert np.array_equal(together, np.stack(alone))
    assert np.allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-3)


def test_the_order_of_words_does_not_matter_to_a_mean_but_the_words_do(
    transformer: Transformer,
) -> None:
    first, other = transformer.embed(column(["soil seed root", "judge appeal statute"]))
    assert float(first @ other) < 0.9


def test_a_text_without_words_has_no_vector(transformer: Transformer) -> None:
    assert not transformer.embed(column(["", "  ", None])).any()


def test_what_is_longer_than_the_limit_is_cut(tmp_path: Path) -> None:
    folder = write_transformer(tmp_path / "short", WORDS)
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 3}))
    short = load_transformer(folder)
    long, cut = short.embed(column(["soil seed root judge appeal", "soil seed root"]))
    assert np.array_equal(long, cut)


def test_the_fingerprint_follows_the_files(folder: Path, tmp_path: Path) -> None:
    same = write_transformer(tmp_path / "same", WORDS)
    other = write_transformer(tmp_path / "other", WORDS, seed=1)
    assert load_transformer(same).fingerprint == load_transformer(folder).fingerprint
    assert load_transformer(other).fingerprint != load_transformer(folder).fingerprint


@pytest.mark.requirement("CT-02")
def test_a_version_trained_with_it_records_it_and_tells_the_kinds_apart(
    model: Model, transformer: Transformer
) -> None:
    assert model.engine == {"name": "transformer", "sha256": transformer.fingerprint}
    assert accuracy(model, written(GARDEN, 50, 91), written(COURT, 50, 92)) > 0.8


def test_training_again_gives_the_same_model(model: Model, transformer: Transformer) -> None:
    again = train(given(written(GARDEN, 60, 7), mixed(30, 270, 11)), transformer)
    assert again.header == model.header
    arrays = model.to_arrays()
    assert all(np.array_equal(value, arrays[name]) for name, value in again.to_arrays().items())


def test_words_the_whole_and_the_bias_add_up_to_the_decision(model: Model) -> None:
    text = written(GARDEN, 1, 33)[0]
    words = sum(each.weight for each in model.explain(text, None))
    whole = model.whole(column([text]))[0]
    assert whole != 0.0
    found = float(model.decision_values(column([text]))[0])
    assert words + whole + model.bias == pytest.approx(found, abs=1e-5)


def test_a_stored_model_scores_only_with_its_transformer(
    model: Model, transformer: Transformer
) -> None:
    from dataclasses import replace

    stored = Model.from_arrays(model.to_arrays(), model.header)
    texts = column(written(GARDEN, 4, 5))
    with pytest.raises(NotReady) as refused:
        stored.score(texts)
    assert refused.value.code == "engine-not-loaded"
    ready = replace(stored, encoder=transformer)
    assert np.array_equal(ready.score(texts), model.score(texts))


def test_a_stored_model_with_broken_weights_is_damaged(model: Model) -> None:
    broken = np.full(WIDTH, np.nan, np.float32)
    with pytest.raises(Damaged):
        Model.from_arrays(model.to_arrays() | {"whole_weights": broken}, model.header)


def test_a_folder_without_the_files_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"model\.onnx") as refused:
        load_transformer(tmp_path / "nowhere")
    assert refused.value.code == "bad-transformer"
    folder = write_transformer(tmp_path / "half", WORDS)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(InvalidInput, match=r"tokenizer\.json"):
        load_transformer(folder)
    broken = write_transformer(tmp_path / "broken", WORDS)
    (broken / "model.onnx").write_bytes(b"no model")
    with pytest.raises(InvalidInput, match="cannot be loaded"):
        load_transformer(broken)


def test_without_the_extra_its_name_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_transformer(tmp_path / "fine", WORDS)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(NotReady, match=r"cultivar\[transformer\]") as refused:
        load_transformer(folder)
    assert refused.value.code == "transformer-not-installed"
