"""Models of earlier formats, written by the releases that wrote them: they score the same."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cultivar.core.learning.model import Model
from cultivar.core.learning.writing.forms import FIRST
from cultivar.core.projects.model import ProjectModel
from tests.core.learning.material import column

OLD = Path(__file__).parent / "old"
KINDS: dict[str, type[Model] | type[ProjectModel]] = {
    "classifier_1": Model,
    "classifier_2": Model,
    "classifier_3": Model,
    "project_1_single": ProjectModel,
    "project_1_multi": ProjectModel,
}


def _read(name: str) -> tuple[Model | ProjectModel, list[str], Any]:
    with np.load(OLD / f"{name}.npz") as stored:
        arrays = {key: stored[key] for key in stored.files}
    header = json.loads(str(arrays.pop("header")))
    texts, scores = arrays.pop("texts").tolist(), arrays.pop("scores")
    assert header["format"] == int(name.split("_")[1])
    return KINDS[name].from_arrays(arrays, header), texts, scores


@pytest.mark.parametrize("name", KINDS)
def test_a_model_of_an_earlier_format_scores_the_same_bits(name: str) -> None:
    model, texts, scores = _read(name)
    if name.split("_")[1] == "1":
        assert model.folding.number == FIRST
        assert model.familiar == 0.0
    if isinstance(model, Model):
        assert (model.operating is None) == (name < "classifier_3")
        assert model.lookalikes == 0.0
    assert model.score(column(texts)).tobytes() == scores.tobytes()


@pytest.mark.parametrize("name", KINDS)
def test_a_model_of_an_earlier_format_that_is_written_again_scores_the_same_bits(name: str) -> None:
    model, texts, scores = _read(name)
    header = json.loads(json.dumps(model.header))
    again = KINDS[name].from_arrays(model.to_arrays(), header)
    assert again.score(column(texts)).tobytes() == scores.tobytes()
