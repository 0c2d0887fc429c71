import numpy as np
import pyarrow as pa
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks

from cultivar.core.learning.encoder import StaticEncoder
from cultivar.core.learning.estimator import PositiveUnlabelledClassifier
from tests.core.learning.material import COURT, GARDEN, mixed, written

SEEDS = written(GARDEN, 50, 1)
TEXTS = [*SEEDS, *mixed(30, 270, 2)]
MARKS = [1] * 50 + [0] * 300
# the checks of scikit-learn that hand no numeric matrix over: texts are this estimator's input
CHECKS = (
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_set_params",
    "check_valid_tag_types",
)


@pytest.fixture(scope="module")
def fitted(encoder: StaticEncoder) -> PositiveUnlabelledClassifier:
    return PositiveUnlabelledClassifier(encoder).fit(TEXTS, MARKS)


@pytest.mark.parametrize("check", CHECKS)
def test_the_estimator_passes_scikit_learns_check(check: str) -> None:
    getattr(estimator_checks, check)("PositiveUnlabelledClassifier", PositiveUnlabelledClassifier())


def test_scikit_learn_takes_it_for_a_classifier_that_needs_texts() -> None:
    estimator = PositiveUnlabelledClassifier()
    assert is_classifier(estimator)
    tags = estimator.__sklearn_tags__()
    assert tags.input_tags.string
    assert not tags.input_tags.two_d_array


def test_predictions_agree_with_decisions_and_probabilities(
    fitted: PositiveUnlabelledClassifier,
) -> None:
    texts = written(GARDEN, 50, 5) + written(COURT, 50, 6)
    predicted, probable = fitted.predict(texts), fitted.predict_proba(texts)
    decided = fitted.decision_function(texts)
    clear = np.abs(decided) > 1e-3
    assert np.array_equal(predicted[clear], (decided >= 0).astype(int)[clear])
    assert np.allclose(probable.sum(axis=1), 1.0)
    assert fitted.classes_.tolist() == [0, 1]
    assert (predicted[:50].mean(), predicted[50:].mean()) > (0.8, 0.0)


def test_it_fits_without_an_encoder() -> None:
    plain = PositiveUnlabelledClassifier().fit(TEXTS, MARKS)
    assert plain.predict(written(GARDEN, 50, 5)).mean() > 0.7


def test_a_clone_is_unfitted_and_fits_alike(fitted: PositiveUnlabelledClassifier) -> None:
    again = clone(PositiveUnlabelledClassifier(random_state=3))
    assert again.get_params()["random_state"] == 3
    with pytest.raises(NotFittedError):
        again.predict(SEEDS)
    other = PositiveUnlabelledClassifier(fitted.encoder).fit(TEXTS, MARKS)
    assert other.predict_proba(TEXTS).tobytes() == fitted.predict_proba(TEXTS).tobytes()


def test_it_works_in_a_pipeline_and_under_cross_validation(encoder: StaticEncoder) -> None:
    pipeline = make_pipeline(PositiveUnlabelledClassifier(encoder))
    assert cross_val_score(pipeline, np.array(TEXTS), np.array(MARKS), cv=2).min() > 0.5
    search = GridSearchCV(PositiveUnlabelledClassifier(encoder), {"random_state": [0, 1]}, cv=2)
    assert search.fit(np.array(TEXTS), np.array(MARKS)).best_params_["random_state"] in {0, 1}


@pytest.mark.parametrize(
    "texts", [TEXTS, np.array(TEXTS), np.array(TEXTS, dtype=object), pa.array(TEXTS)]
)
def test_texts_may_be_a_list_or_an_array(
    fitted: PositiveUnlabelledClassifier, texts: list[str]
) -> None:
    assert fitted.predict_proba(texts).tobytes() == fitted.predict_proba(TEXTS).tobytes()


@pytest.mark.parametrize(
    ("texts", "marks", "wrong"),
    [
        (TEXTS[:3], [1, 0], "3 texts but y has 2"),
        (TEXTS[:3], [1, 1, 1], "both 1"),
        (TEXTS[:3], [1, 0, 2], "both 1"),
        ([1, 2], [1, 0], "hold strings"),
        ("one text", [1] * 8, "not one string"),
    ],
)
def test_wrong_input_is_named(texts: list[str], marks: list[int], wrong: str) -> None:
    with pytest.raises((ValueError, TypeError), match=wrong):
        PositiveUnlabelledClassifier().fit(texts, marks)
