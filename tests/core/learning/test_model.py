import json
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from cultivar.core.errors import Damaged
from cultivar.core.learning.format import FORMAT, NAME, READABLE
from cultivar.core.learning.model import Model
from tests.core.learning.material import COURT, GARDEN, column, written


def test_a_model_survives_its_arrays_and_its_header_as_json(model: Model) -> None:
    again = Model.from_arrays(model.to_arrays(), json.loads(json.dumps(model.header)))
    texts = column(written(GARDEN, 20, 1) + written(COURT, 20, 2))
    assert model.score(texts).tobytes() == again.score(texts).tobytes()
    assert again.header == model.header
    assert {k: v.tobytes() for k, v in again.to_arrays().items()} == {
        k: v.tobytes() for k, v in model.to_arrays().items()
    }


def test_the_header_names_schema_format_engine_and_inputs(model: Model) -> None:
    header = replace(model, inputs={"seed_set": "ab"}).header
    assert (header["schema"], header["format"]) == (NAME, FORMAT)
    assert header["engine"]["name"] == "static"
    assert header["inputs"] == {"seed_set": "ab"}
    assert FORMAT in READABLE


def test_scores_are_probabilities_in_the_order_of_the_decisions(model: Model) -> None:
    texts = column([*written(GARDEN, 50, 1), *written(COURT, 50, 2), "", "..."])
    scores, decisions = model.score(texts), model.decision_values(texts)
    assert scores.dtype == np.float32
    assert ((scores >= 0) & (scores <= 1)).all()
    assert (np.diff(scores[np.argsort(decisions)]) >= 0).all()


def test_a_text_without_words_scores_the_bias(model: Model) -> None:
    assert model.decision_values(column(["", "?!"])).tolist() == [model.bias] * 2


def test_no_texts_have_no_scores(model: Model) -> None:
    assert model.score(column([])).shape == (0,)
    assert model.score(pa.chunked_array([], pa.string())).shape == (0,)


def test_scores_at_the_thresholds_belong_to_the_better_class(model: Model) -> None:
    fixed = replace(model, threshold=0.5, close_threshold=0.25)
    below = [float(np.nextafter(np.float32(edge), np.float32(0))) for edge in (0.5, 0.25)]
    scores = np.array([1.0, 0.5, below[0], 0.25, below[1], 0.0], dtype=np.float32)
    assert fixed.decide(scores).to_pylist() == [
        "match",
        "match",
        "close match",
        "close match",
        "no match",
        "no match",
    ]


def test_the_cut_is_the_decision_value_at_the_threshold(model: Model) -> None:
    assert model.probabilities(np.array([model.cut]))[0] == pytest.approx(model.threshold, rel=1e-5)


DAMAGES: dict[str, tuple[str, Any]] = {
    "idf missing": ("idf", None),
    "idf of another type": ("idf", np.ones(16, dtype=np.float64)),
    "idf of two dimensions": ("idf", np.ones((4, 4), dtype=np.float32)),
    "idf of seven rows": ("idf", np.ones(7, dtype=np.float32)),
    "idf too short": ("idf", np.ones(16, dtype=np.float32)),
    "idf negative": ("idf", -np.ones(1 << 18, dtype=np.float32)),
    "idf not finite": ("idf", np.full(1 << 18, np.nan, dtype=np.float32)),
    "features missing": ("features", np.zeros(0, dtype=np.uint32)),
    "pieces missing": ("piece_keys", np.zeros(3, dtype=np.uint64)),
}


@pytest.mark.parametrize(("name", "array"), DAMAGES.values(), ids=DAMAGES)
def test_damaged_arrays_are_refused(model: Model, name: str, array: Any) -> None:
    arrays = {**model.to_arrays(), name: array}
    if array is None:
        del arrays[name]
    with pytest.raises(Damaged, match="The model is damaged"):
        Model.from_arrays(arrays, model.header)


def test_features_out_of_order_are_refused(model: Model) -> None:
    arrays = model.to_arrays()
    with pytest.raises(Damaged, match="ascending"):
        Model.from_arrays({**arrays, "features": arrays["features"][::-1].copy()}, model.header)


def test_a_piece_that_occurs_twice_is_refused(model: Model) -> None:
    arrays = model.to_arrays()
    keys = arrays["piece_keys"].copy()
    keys[1] = keys[0]
    with pytest.raises(Damaged, match="twice"):
        Model.from_arrays({**arrays, "piece_keys": keys}, model.header)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("schema", "something else"),
        ("format", FORMAT + 1),
        ("format", "1"),
        ("format", True),
        ("bias", float("nan")),
        ("bias", "0"),
        ("threshold", 1.5),
        ("close_threshold", 1.0),
        ("prior", -0.1),
        ("calibration", [1.0]),
        ("calibration", [-1.0, 0.0]),
        ("calibration", [1.0, None]),
        ("training", None),
        ("engine", []),
    ],
)
def test_a_damaged_header_is_refused(model: Model, field: str, value: object) -> None:
    with pytest.raises(Damaged) as caught:
        Model.from_arrays(model.to_arrays(), {**model.header, field: value})
    assert caught.value.code == "model-damaged"
    assert caught.value.facts["part"] == field
