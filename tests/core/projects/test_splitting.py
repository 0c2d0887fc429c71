"""The split: stated sizes, disjoint, stratified, seeded."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivar.core.errors import InvalidInput
from cultivar.core.projects.splitting import EvaluationOptions, Split, split


def tags(count: int, classes: int = 3) -> list[list[str]]:
    return [[f"class {place % classes}"] for place in range(count)]


@pytest.mark.requirement("CT-09", "CT-10", "CT-11", "CT-12")
@pytest.mark.parametrize(
    ("count", "train", "held"), [(10, 8, 1), (11, 9, 1), (99, 81, 9), (1000, 800, 100)]
)
def test_a_tenth_each_is_for_validation_and_test_and_the_rest_trains(
    count: int, train: int, held: int
) -> None:
    found = split(tags(count), seed=0)
    assert (len(found.train), len(found.validation), len(found.test)) == (train, held, held)


@pytest.mark.requirement("CT-05")
@pytest.mark.parametrize("count", [0, 1, 9])
def test_below_ten_documents_all_train(count: int) -> None:
    found = split(tags(count), seed=0)
    assert len(found.train) == count
    assert not len(found.validation)
    assert not len(found.test)


documents = st.lists(
    st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=3, unique=True),
    max_size=200,
)


@pytest.mark.requirement("CT-12")
@given(classes=documents, seed=st.integers(0, 2**32 - 1))
def test_the_parts_are_disjoint_and_hold_every_document(
    classes: list[list[str]], seed: int
) -> None:
    found = split(classes, seed)
    together = np.concatenate([found.train, found.validation, found.test])
    assert sorted(together.tolist()) == list(range(len(classes)))
    tenth = len(classes) // 10 if len(classes) >= 10 else 0
    assert (len(found.validation), len(found.test)) == (tenth, tenth)


def same(one: Split, other: Split) -> bool:
    return one.parts() == other.parts()


@pytest.mark.requirement("CT-09")
def test_the_same_seed_gives_the_same_parts_and_another_seed_others() -> None:
    assert same(split(tags(200), 7), split(tags(200), 7))
    assert not same(split(tags(200), 7), split(tags(200), 8))


@pytest.mark.requirement("CT-09")
def test_a_document_lands_in_the_test_set_at_random() -> None:
    times = np.zeros(50)
    for seed in range(400):
        times[split(tags(50, classes=1), seed).test] += 1
    # 400 draws of 5 out of 50: 40 each, with a standard deviation of 6
    assert times.min() > 15
    assert times.max() < 65


def test_each_class_is_held_out_in_its_share() -> None:
    classes = [["common"]] * 800 + [["rare"]] * 200
    found = split(classes, seed=3)
    for part in (found.validation, found.test):
        assert sum(classes[place] == ["rare"] for place in part) == 20


def test_the_last_document_of_a_class_trains() -> None:
    classes = [["common"]] * 99 + [["single"]]
    assert all(99 in split(classes, seed).train for seed in range(30))


def test_the_contracts_default_of_80_and_20_is_a_tenth_each() -> None:
    default = EvaluationOptions("percentage", 80, 20)
    assert same(split(tags(200), 1, default), split(tags(200), 1))


def test_other_percentages_are_halved_between_validation_and_test() -> None:
    found = split(tags(100), 0, EvaluationOptions("percentage", 70, 30))
    assert (len(found.train), len(found.validation), len(found.test)) == (70, 15, 15)


def test_a_manual_split_tests_exactly_what_the_documents_say() -> None:
    declared = ["test" if place < 25 else "train" for place in range(100)]
    found = split(tags(100), 0, EvaluationOptions("manual"), declared)
    assert found.test.tolist() == list(range(25))
    assert len(found.validation) == 7


@given(classes=documents, seed=st.integers(0, 2**32 - 1), manual=st.booleans(), data=st.data())
def test_documents_of_one_text_come_to_one_part(
    classes: list[list[str]], seed: int, manual: bool, data: st.DataObject
) -> None:
    """And of the texts, as of documents without copies, a tenth each is held out."""
    texts = [data.draw(st.integers(0, 40)) for _ in classes]
    declared = [data.draw(st.sampled_from(["train", "test", None])) for _ in classes]
    options = EvaluationOptions("manual" if manual else "percentage")
    found = split(classes, seed, options, declared, texts)
    parts = found.parts()
    assert len(set(zip(texts, parts, strict=True))) == len(set(texts))
    together = np.concatenate([found.train, found.validation, found.test])
    assert sorted(together.tolist()) == list(range(len(classes)))
    if len(classes) >= 10:
        marked = {text for text, said in zip(texts, declared, strict=True) if said == "test"}
        tested = {texts[place] for place in found.test}
        validated = {texts[place] for place in found.validation}
        assert tested == marked if manual else len(tested) == len(set(texts)) // 10
        assert len(validated) == (len(set(texts)) - len(tested) * manual) // 10


@given(classes=documents, seed=st.integers(0, 2**32 - 1), manual=st.booleans())
def test_where_no_texts_are_equal_the_split_is_that_without_texts(
    classes: list[list[str]], seed: int, manual: bool
) -> None:
    options = EvaluationOptions("manual" if manual else "percentage", 70, 30)
    declared = ["test" if place % 4 == 1 else None for place in range(len(classes))]
    texts = [f"text {place}" for place in range(len(classes))]
    before = split(classes, seed, options, declared)
    assert same(split(classes, seed, options, declared, texts), before)


def test_a_split_without_copies_is_the_one_of_earlier_versions() -> None:
    """Models of before are verified by training them again."""
    found = split(tags(40), 7, texts=list(range(40)))
    assert (found.validation.tolist(), found.test.tolist()) == ([4, 10, 30, 32], [0, 12, 20, 28])


@pytest.mark.parametrize(
    "options",
    [("percentage", 80, 30), ("percentage", 100, 0), ("percentage", 10, 90), ("x", 80, 20)],
)
def test_percentages_that_do_not_add_up_are_refused(options: tuple[str, int, int]) -> None:
    with pytest.raises(InvalidInput) as refused:
        EvaluationOptions(*options)
    assert refused.value.code == "bad-evaluation-options"
