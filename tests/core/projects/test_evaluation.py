"""Evaluation against scikit-learn's figures, and guidance from counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, f1_score, precision_score, recall_score

from cultivar.core.projects.evaluation import evaluate, marks_of
from cultivar.core.projects.guidance import Counted, after_training, before_training, contradicting
from cultivar.core.projects.splitting import Split

CLASSES = ("a", "b", "c", "d")
single = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60)
several = st.lists(
    st.tuples(st.lists(st.booleans(), min_size=4, max_size=4),
              st.lists(st.booleans(), min_size=4, max_size=4)), min_size=1, max_size=60,
)  # fmt: skip


def one_hot(places: list[int]) -> np.ndarray:
    return np.eye(4, dtype=bool)[places]


@pytest.mark.requirement("CT-17")
@given(single)
def test_single_label_figures_are_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    actual, predicted = ([pair[side] for pair in pairs] for side in (0, 1))
    found = evaluate(CLASSES, one_hot(actual), one_hot(predicted), single=True)
    options = {"labels": range(4), "zero_division": 0}
    assert found.precision == pytest.approx(
        precision_score(actual, predicted, average=None, **options)
    )
    assert found.recall == pytest.approx(recall_score(actual, predicted, average=None, **options))
    assert found.f1 == pytest.approx(f1_score(actual, predicted, average=None, **options))
    matrix = confusion_matrix(actual, predicted, labels=range(4)).T
    assert found.confusion is not None
    assert found.confusion.tolist() == matrix.tolist()
    accuracy = np.mean(np.array(actual) == np.array(predicted))
    assert all(value == pytest.approx(accuracy) for value in found.micro().values())
    present = sorted(set(actual))
    assert found.macro()["f1"] == pytest.approx(
        f1_score(actual, predicted, average="macro", labels=present, zero_division=0)
    )


@given(several)
def test_figures_of_several_labels_are_scikit_learns(
    pairs: list[tuple[list[bool], list[bool]]],
) -> None:
    actual, predicted = (np.array([pair[side] for pair in pairs]) for side in (0, 1))
    found = evaluate(CLASSES, actual, predicted, single=False)
    assert found.confusion is None
    options = {"average": "micro", "zero_division": 0}
    assert found.micro() == pytest.approx(
        {
            "precision": precision_score(actual, predicted, **options),
            "recall": recall_score(actual, predicted, **options),
            "f1": f1_score(actual, predicted, **options),
        }
    )
    total = found.true_positives + found.true_negatives + found.false_positives
    assert (total + found.false_negatives == len(pairs)).all()


def test_plain_values_hold_counts_measures_and_the_matrix() -> None:
    tagged = marks_of(("a", "b"), [["a"], ["a"], ["b"]])
    predicted = marks_of(("a", "b"), [["a"], ["b"], ["b"]])
    found = evaluate(("a", "b"), tagged, predicted, single=True).as_dict()
    assert found["confusion"] == {"a": {"a": 1}, "b": {"a": 1, "b": 1}}
    assert found["classes"]["a"]["false_negatives"] == 1
    assert found["classes"]["b"]["precision"] == 0.5
    assert found["micro"]["f1"] == pytest.approx(2 / 3)


def advised(count: int, **changed: object) -> set[str]:
    tags = [["a"], ["b"]] * (count // 2) + [["a"]] * (count % 2)
    facts = {"characters": [100] * count, "repeated": 0, "unreadable": 0, "tags": tags} | changed
    return {each.code for each in before_training(Counted(classes=("a", "b"), **facts))}  # type: ignore[arg-type]


@pytest.mark.requirement("CT-06")
def test_fewer_than_twenty_a_class_is_advice_and_no_block() -> None:
    assert advised(39) == {"few-documents-a-class"}
    assert advised(40) == set()


@pytest.mark.requirement("CT-04", "CT-05")
def test_fewer_than_ten_documents_are_told_that_nothing_evaluates() -> None:
    assert "no-evaluation" in advised(9)
    assert "no-evaluation" not in advised(10)


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("duplicates", {"repeated": 3}),
        ("contradicting", {"contradicting": 2}),
        ("unreadable", {"unreadable": 2}),
        ("too-short", {"characters": [100] * 39 + [5]}),
        ("imbalance", {"tags": [["a"]] * 180 + [["b"]] * 30}),
        ("untagged", {"tags": [["a"], ["b"]] * 30 + [[]]}),
    ],
)
def test_guidance_names(code: str, changed: dict[str, object]) -> None:
    assert code in advised(40, **changed)


def test_equal_texts_with_other_tags_contradict_one_another() -> None:
    tagged = [("x", ("a",)), ("x", ("b",)), ("x", ("a",)), ("y", ("a",)), ("y", ("a",)), ("z", ())]
    assert contradicting(tagged) == 3


def test_one_document_is_spoken_of_as_one() -> None:
    tags = [*[["a"]] * 30, ["b"], []]
    counted = Counted(("a", "b"), tags, [*[100] * 31, 5], repeated=1, unreadable=1)
    said = {each.code: each.sentence for each in before_training(counted)}
    for code in ("duplicates", "too-short", "unreadable", "untagged"):
        assert said[code].startswith("1 document has "), said[code]
    assert said["few-documents-a-class"].startswith("1 class has ")


def test_guidance_after_training_names_what_is_wrong_with_the_evaluation() -> None:
    tags = [["a"]] * 20 + [["b"]] * 16 + [["c"]] * 3
    places = np.arange(39)
    split = Split(train=places[[*range(16), *range(20, 32), 36, 37, 38]],
                  validation=places[[16, 17, 32]], test=places[[18, 19, 33, 34, 35]])  # fmt: skip
    tested = marks_of(("a", "b", "c"), [tags[place] for place in split.test])
    wrong = marks_of(("a", "b", "c"), [["a"]] * 5)
    found = evaluate(("a", "b", "c"), tested, wrong, single=True)
    codes = {each.code: each for each in after_training(tags, split, found)}
    assert set(codes) == {
        "little-training-data", "class-not-tested", "confused-classes", "different-mix"
    }  # fmt: skip
    assert codes["confused-classes"].facts == {
        "actual": "b", "predicted": "a", "count": 3, "of": 3
    }  # fmt: skip
