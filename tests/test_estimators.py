"""The estimators that the package offers: scikit-learn's API, the project's learner."""

import subprocess
import sys
import unicodedata
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import cultivar
from cultivar import MultiLabelTextClassifier, TextClassifier
from cultivar.core.projects.names import Kind
from tests.core.projects.conftest import CLASSES, texts


@pytest.mark.requirement("CT-01")
def test_a_text_classifier_learns_classes_of_any_type() -> None:
    found, tags = texts(60)
    numbers = [CLASSES.index(names[0]) for names in tags]
    fitted = TextClassifier().fit(found, numbers)
    unseen, wanted = texts(30, seed=5)
    assert fitted.classes_.tolist() == [0, 1, 2]
    assert fitted.score(unseen, [CLASSES.index(names[0]) for names in wanted]) > 0.9
    assert fitted.predict_proba(unseen).sum(axis=1) == pytest.approx(np.ones(30))


def test_a_text_classifier_works_in_scikit_learns_tools() -> None:
    found, tags = texts(60)
    labels = [names[0] for names in tags]
    made = make_pipeline(FunctionTransformer(list), TextClassifier(random_state=3))
    assert cross_val_score(made, found, labels, cv=3).mean() > 0.9
    assert clone(TextClassifier(random_state=3)).get_params() == {"random_state": 3}
    assert TextClassifier().fit(found, labels).decision_function(found).shape == (60, 3)


def test_a_multi_label_classifier_marks_any_number_of_classes() -> None:
    found, tags = texts(90, Kind.MULTI)
    fitted = MultiLabelTextClassifier().fit(found, tags)
    unseen, wanted = texts(60, Kind.MULTI, seed=5)
    marks = fitted.predict(unseen)
    assert fitted.classes_.tolist() == sorted(CLASSES)
    right = [
        {fitted.classes_[place] for place in np.flatnonzero(row)} == set(names)
        for row, names in zip(marks, wanted, strict=True)
    ]
    assert np.mean(right) > 0.85


def test_the_same_seed_gives_the_same_probabilities() -> None:
    found, tags = texts(40)
    labels = [names[0] for names in tags]
    one, other = (TextClassifier().fit(found, labels).predict_proba(found) for _ in range(2))
    assert one.tobytes() == other.tobytes()


def test_what_cannot_be_learned_from_is_refused() -> None:
    with pytest.raises(ValueError, match="two classes"):
        TextClassifier().fit(["a", "b"], ["x", "x"])
    with pytest.raises(ValueError, match="2 texts but y has 1"):
        MultiLabelTextClassifier().fit(["a", "b"], [["x"]])
    with pytest.raises(NotFittedError):
        TextClassifier().predict(["a"])


def test_importing_the_package_imports_no_learner() -> None:
    code = "import sys, cultivar; assert not {'sklearn', 'numpy', 'pyarrow'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_package_offers_what_it_lists() -> None:
    assert all(getattr(cultivar, name).__name__ == name for name in cultivar.__all__)
    with pytest.raises(AttributeError):
        _ = cultivar.nothing


@pytest.mark.parametrize(
    "tags",
    [["contract", "harvest"] * 10, np.eye(2)[[0, 1] * 10], np.array(["a", "b"] * 10)],
    ids=["names", "matrix", "array of names"],
)
def test_tags_that_are_no_lists_of_names_are_refused(tags: Any) -> None:
    found, _ = texts(20)
    with pytest.raises(TypeError, match="list of names"):
        MultiLabelTextClassifier().fit(found, tags)


@pytest.mark.parametrize("text", ["", "zzz qqq", "契約書", "Ich möchte bitte eine Auskunft"])
def test_a_text_that_says_nothing_gets_no_certain_class(text: str) -> None:
    found, tags = texts(60)
    names = [each[0] for each in tags]
    single = TextClassifier().fit(found, names)
    assert single.predict_proba([text])[0] == pytest.approx([1 / 3] * 3, abs=1e-6)
    several = MultiLabelTextClassifier().fit(found, tags)
    assert not several.predict([text]).any()


def test_documents_that_part_without_an_error_leave_a_doubt() -> None:
    found, tags = texts(60)
    model = TextClassifier().fit(found, [each[0] for each in tags])
    assert 0.8 < model.predict_proba(found).max(axis=1).mean() < 0.9999


def test_the_same_words_in_another_unicode_form_are_predicted_alike() -> None:
    model = TextClassifier().fit(["계약서를 보냅니다", "불만이 있습니다"] * 6, ["a", "b"] * 6)
    texts_ = ["계약서를 받았습니다", "불만이 많습니다"]
    apart = [unicodedata.normalize("NFD", each) for each in texts_]
    assert model.predict_proba(texts_).tobytes() == model.predict_proba(apart).tobytes()
    assert model.predict(apart).tolist() == ["a", "b"]
