"""Training: it learns, from training documents alone, the same bits every time."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from cultivar.core.errors import Damaged, InvalidInput
from cultivar.core.learning import joint
from cultivar.core.learning.encoder import StaticEncoder
from cultivar.core.learning.solver import Rows
from cultivar.core.projects import choosing, training
from cultivar.core.projects.model import ProjectModel
from cultivar.core.projects.names import Kind
from cultivar.core.projects.training import Documents, TrainingData, train
from tests.core.projects.conftest import CLASSES, documents, given_of, texts


@pytest.mark.requirement("CT-01", "CT-02")
@pytest.mark.parametrize("kind", Kind)
def test_a_model_learns_three_classes(kind: Kind, encoder: StaticEncoder) -> None:
    model = train(given_of(kind), encoder)
    unseen, tags = texts(90, kind, seed=9)
    predicted = [{name for name, _ in classes} for classes in model.classify(unseen)]
    right = [names == set(wanted) for names, wanted in zip(predicted, tags, strict=True)]
    assert np.mean(right) > 0.9
    assert model.engine == {"name": "static", "sha256": encoder.fingerprint}


def test_single_label_probabilities_add_up_to_one_and_the_best_is_given(
    encoder: StaticEncoder,
) -> None:
    model = train(given_of(Kind.SINGLE), encoder)
    scores = model.score(documents(9, seed=3).texts)
    assert scores.sum(axis=1) == pytest.approx(np.ones(9))
    assert (model.decide(scores).sum(axis=1) == 1).all()
    assert [classes[0][1] for classes in model.classify(documents(9, seed=3).texts)] == (
        pytest.approx(scores.max(axis=1))
    )


def test_a_higher_threshold_gives_fewer_classes(encoder: StaticEncoder) -> None:
    model = train(given_of(Kind.MULTI), encoder)
    scores = model.score(documents(30, Kind.MULTI, seed=3).texts)
    counts = [model.decide(scores, bound).sum() for bound in (0.01, 0.5, 0.999)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]


@pytest.mark.parametrize("kind", Kind)
def test_the_same_documents_and_seed_give_the_same_bits(kind: Kind, encoder: StaticEncoder) -> None:
    one, other = (train(given_of(kind), encoder) for _ in range(2))
    assert one.header == other.header
    for name, array in one.to_arrays().items():
        assert array.tobytes() == other.to_arrays()[name].tobytes(), name


class Spy:
    """Which texts each fit learned from, told by the rows that it was handed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fitted: set[int] = set()
        self.decided: set[int] = set()
        for name in ("fit", "fit_softmax"):
            monkeypatch.setattr(joint, name, self._watching(getattr(joint, name)))
        decide = joint.JointLinear.decide

        def watched(linear: Any, rows: Any, chosen: Any) -> Any:
            self.decided |= set(chosen.tolist())
            return decide(linear, rows, chosen)

        monkeypatch.setattr(joint.JointLinear, "decide", watched)

    def _watching(self, fit: Any) -> Any:
        def watched(rows: Any, chosen: Any, *rest: Any) -> Any:
            self.fitted |= set(chosen.tolist())
            return fit(rows, chosen, *rest)

        return watched


@pytest.mark.requirement("CT-13", "CT-14")
@pytest.mark.parametrize("kind", Kind)
def test_training_documents_are_fitted_and_validation_documents_only_chosen_on(
    kind: Kind, encoder: StaticEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy(monkeypatch)
    train(given_of(kind, 60), encoder)
    assert spy.fitted == set(range(60))
    assert set(range(60, 72)) <= spy.decided


@pytest.mark.requirement("CT-13")
def test_n_grams_of_validation_documents_carry_no_weight(encoder: StaticEncoder) -> None:
    given = given_of(Kind.SINGLE)
    marked = [f"{text} zyxwvut" for text in given.validation.texts.to_pylist()]
    changed = TrainingData(
        given.kind, given.classes, given.train,
        Documents(pa.array(marked, pa.large_string()), given.validation.tags), given.seed,
    )  # fmt: skip
    one, other = train(given, encoder), train(changed, encoder)
    assert one.features.tolist() == other.features.tolist()
    assert one.frequencies.tolist() == other.frequencies.tolist()


def test_recipes_are_compared_on_validation_documents(
    encoder: StaticEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    better = choosing._better

    def watched(one: Any, other: Any) -> Any:
        seen.append((one.loss, other.loss))
        return better(one, other)

    monkeypatch.setattr(choosing, "_better", watched)
    train(given_of(Kind.SINGLE), encoder)
    assert len(seen) >= 4


def test_rare_classes_are_lifted_halfway_to_equal_shares(
    encoder: StaticEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, tags = texts(60)
    kept = [place for place, names in enumerate(tags) if names != ["harvest"] or place < 15]
    skewed = Documents(
        pa.array([found[place] for place in kept], pa.large_string()), [tags[p] for p in kept]
    )
    given = TrainingData(Kind.SINGLE, CLASSES, skewed, documents(12, seed=1), 0)
    used = np.arange(10, dtype=np.uint32)
    rows = training._rows(given, encoder, np.ones(1 << 18, np.float32), used)
    material = training._material(given, CLASSES, np.ones(10, np.float32), rows)
    recipe = choosing.Recipe(1.0, 1.0, 1.0)
    lifted = choosing.fitted(material, recipe).bias
    monkeypatch.setattr(choosing, "BALANCE", 0.0)
    plain = choosing.fitted(material, recipe).bias
    shares = np.array([21, 21, 6]) / (45 + 3)
    assert lifted - plain == pytest.approx(-0.5 * np.log(shares))


@pytest.mark.requirement("CT-05")
def test_a_handful_of_documents_trains_without_validation(encoder: StaticEncoder) -> None:
    few = TrainingData(Kind.SINGLE, CLASSES, documents(3), documents(0), 0)
    model = train(few, encoder)
    assert [classes[0][0] for classes in model.classify(documents(3).texts)] == list(CLASSES)


def test_one_class_alone_is_nothing_to_learn_from(encoder: StaticEncoder) -> None:
    found, _ = texts(4)
    same = Documents(pa.array(found, pa.large_string()), [["contract"]] * 4)
    with pytest.raises(InvalidInput) as refused:
        train(TrainingData(Kind.SINGLE, CLASSES, same, documents(0), 0), encoder)
    assert refused.value.code == "nothing-to-learn-from"


def test_going_is_asked_before_every_fit_and_may_stop(encoder: StaticEncoder) -> None:
    class Enough(Exception):
        pass

    asked = []

    def going() -> None:
        asked.append(1)
        if len(asked) == 3:
            raise Enough

    with pytest.raises(Enough):
        train(given_of(Kind.SINGLE), encoder, going)
    assert len(asked) == 3


def test_an_n_gram_of_one_document_is_left_out_of_large_trainings(
    encoder: StaticEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(given_of(Kind.SINGLE), encoder)
    monkeypatch.setattr(training, "MANY_DOCUMENTS", 10)
    pruned = train(given_of(Kind.SINGLE), encoder)
    assert set(pruned.features.tolist()) < set(whole.features.tolist())
    assert pruned.frequencies.min() == 2


def test_a_text_without_words_is_scored(encoder: StaticEncoder) -> None:
    model = train(given_of(Kind.SINGLE), encoder)
    assert len(model.classify(["", "!!!", "合同"])) == 3
    assert model.classify([]) == []


@pytest.fixture(scope="module")
def model(encoder: StaticEncoder) -> ProjectModel:
    return train(given_of(Kind.SINGLE, 30), encoder)


def test_a_model_is_rebuilt_from_its_arrays_and_scores_the_same(model: ProjectModel) -> None:
    again = ProjectModel.from_arrays(model.to_arrays(), model.header)
    found = documents(20, seed=5).texts
    assert again.score(found).tobytes() == model.score(found).tobytes()


FAULTS: list[tuple[str, Any]] = [
    ("schema", "other"),
    ("format", 3),
    ("folding", 3),
    ("familiar", 2.0),
    ("shares", [0.5]),
    ("classes", ["a"]),
    ("classes", ["contract", "contract", "harvest"]),
    ("kind", "no kind"),
    ("documents", 0),
    ("documents", 1),
    ("threshold", 1.5),
    ("threshold", "x"),
    ("calibration", [1.0]),
    ("calibration", [0.0, 0.0]),
    ("engine", None),
]


@pytest.mark.parametrize(("part", "value"), FAULTS)
def test_a_damaged_header_is_refused(model: ProjectModel, part: str, value: Any) -> None:
    with pytest.raises(Damaged):
        ProjectModel.from_arrays(model.to_arrays(), model.header | {part: value})


@pytest.mark.parametrize("name", ["features", "weights", "piece_keys", "piece_weights", "bias"])
def test_damaged_arrays_are_refused(model: ProjectModel, name: str) -> None:
    arrays = model.to_arrays()
    with pytest.raises(Damaged):
        ProjectModel.from_arrays(arrays | {name: arrays[name][:-1]}, model.header)
    with pytest.raises(Damaged):
        ProjectModel.from_arrays(arrays | {name: arrays[name].astype("complex64")}, model.header)
    with pytest.raises(Damaged):
        ProjectModel.from_arrays(
            {each: array for each, array in arrays.items() if each != name}, model.header
        )


def test_a_weight_that_is_not_finite_is_refused(model: ProjectModel) -> None:
    arrays = {name: array.copy() for name, array in model.to_arrays().items()}
    arrays["weights"][0, 0] = np.nan
    with pytest.raises(Damaged):
        ProjectModel.from_arrays(arrays, model.header)


def test_what_most_documents_say_weighs_less_and_rows_keep_their_length() -> None:
    values = np.sqrt(np.array([0.5, 0.5, 0.8, 0.2, 0.9])).astype(np.float32)
    indices = np.array([0, 1, 0, 2, 0], dtype=np.int32)
    rows = Rows(np.array([0, 2, 4, 5]), indices, values, np.zeros((3, 0), np.float32), 3)
    found = training.emphasised(rows, np.array([2, 1, 1], dtype=np.uint32), 2)
    assert found[1] / found[0] == pytest.approx((np.log(1.5) + 1.0) ** 0.5, rel=1e-6)
    lengths = np.square(values[:4] * found[indices[:4]]).sum()
    assert lengths == pytest.approx(2.0, rel=1e-6)


def test_what_the_search_fitted_is_not_fitted_again(
    encoder: StaticEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model is the same bits as one that is fitted anew."""
    given = given_of(Kind.SINGLE)
    model, fresh = train(given, encoder), choosing.fitted
    fits: list[int] = []

    def forgetful(material: Any, recipe: Any, known: Any, going: Any) -> Any:
        fits.append(len(known))
        return fresh(material, recipe, None, going)

    monkeypatch.setattr(choosing, "fitted", forgetful)
    again = train(given, encoder)
    assert fits[0] >= 1
    for name, array in again.to_arrays().items():
        assert array.tobytes() == model.to_arrays()[name].tobytes(), name
