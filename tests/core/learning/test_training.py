import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from cultivar.core.errors import InvalidInput
from cultivar.core.learning.encoder import StaticEncoder
from cultivar.core.learning.model import Model
from cultivar.core.learning.training import prepare, train
from tests.core.learning.material import (
    COURT,
    GARDEN,
    accuracy,
    auc,
    column,
    garden,
    given,
    mixed,
    written,
)

TRAINED = """
from hashlib import sha256
from cultivar.encoder import load
from tests.core.learning.material import garden
model = garden(load())
digest = sha256()
for name, array in sorted(model.to_arrays().items()):
    digest.update(name.encode() + array.tobytes())
print(digest.hexdigest(), model.header)
"""


@pytest.mark.requirement("TC-01")
def test_unseen_items_of_the_category_score_above_unseen_others(model: Model) -> None:
    assert auc(model, written(GARDEN, 200, 100), written(COURT, 200, 101)) > 0.95


@pytest.mark.requirement("TC-01")
def test_the_threshold_parts_unseen_items_from_others(model: Model) -> None:
    assert accuracy(model, written(GARDEN, 200, 100), written(COURT, 200, 101)) > 0.9


@pytest.mark.requirement("TC-19")
def test_four_hundred_seeds_predict_no_worse_than_fifty(encoder: StaticEncoder) -> None:
    def mean(seeds: int) -> float:
        found = [
            accuracy(
                train(given(written(GARDEN, seeds, run, 2), mixed(60, 540, run + 50, 2)), encoder),
                written(GARDEN, 300, run + 90, 2),
                written(COURT, 300, run + 95, 2),
            )
            for run in range(3)
        ]
        return float(np.mean(found))

    assert mean(400) >= mean(50)


@pytest.mark.requirement("TC-24")
def test_reviews_of_planted_errors_raise_accuracy_on_held_out_items(
    encoder: StaticEncoder,
) -> None:
    """The seeds know half of the category's words and share them with a kind that is not in it."""
    half, rest, near = GARDEN[:10], GARDEN[10:], [*GARDEN[:10], *COURT[:6]]
    seeds = written(half, 60, 1)
    unlabelled = written(half, 30, 2) + written(rest, 30, 3) + written(COURT[6:], 340, 4)
    reviewed = dict.fromkeys(written(rest, 40, 5), 1) | dict.fromkeys(written(near[10:], 40, 6), 0)
    relevant, others = written(rest, 200, 7), written(near[10:], 200, 8)
    before = train(given(seeds, unlabelled), encoder)
    after = train(given(seeds, unlabelled, reviewed), encoder)
    assert not np.array_equal(before.weights, after.weights)
    assert accuracy(after, relevant, others) > accuracy(before, relevant, others) + 0.1


@pytest.mark.requirement("TC-26", "TC-27")
def test_ten_negatives_among_the_seeds_raise_no_error_and_count_as_positives(
    encoder: StaticEncoder,
) -> None:
    planted = written(COURT, 10, 21)
    seeds = written(GARDEN, 50, 20) + planted
    model = train(given(seeds, mixed(30, 270, 22)), encoder)
    assert model.training["seeds"] == 60
    without = train(given(seeds[:50], mixed(30, 270, 22)), encoder)
    assert model.score(column(planted)).mean() > without.score(column(planted)).mean()
    assert auc(model, written(GARDEN, 200, 23), written(COURT, 200, 24)) > 0.85


@pytest.mark.parametrize(
    "awkward",
    [
        ["", "", " \n", "...", "?"],
        ["北京 是 一个 城市", "Другие языки", "ไทย", "سلام", "😀😀"] * 3,
        ["soil"] * 40,
        ["a" * 5000, "x " * 20000, "\x00\x01"],
        [None, None],
    ],
    ids=["empty", "other languages", "repeated", "very long", "null"],
)
def test_awkward_texts_neither_fail_nor_spoil_training(
    encoder: StaticEncoder, awkward: list[str | None]
) -> None:
    seeds: list[str | None] = [*written(GARDEN, 50, 30), *awkward[:2]]
    model = train(given(seeds, [*mixed(20, 230, 31), *awkward]), encoder)
    scores = model.score(pa.array(awkward, pa.large_string()))
    assert np.isfinite(scores).all()
    assert ((scores >= 0) & (scores <= 1)).all()
    assert auc(model, written(GARDEN, 100, 32), written(COURT, 100, 33)) > 0.9


def test_a_seed_among_the_unlabelled_is_no_negative_and_counts_as_content(
    encoder: StaticEncoder,
) -> None:
    seeds = written(GARDEN, 50, 40)
    model = train(given(seeds, seeds[:20] + mixed(20, 230, 41)), encoder)
    assert model.training["seeds_among_unlabelled"] == 20
    assert model.training["unlabelled"] == 250
    alone = train(given(seeds, mixed(20, 230, 41)), encoder)
    assert alone.prior == pytest.approx(20 / 250, abs=0.03)
    assert model.prior == pytest.approx(40 / 270, abs=0.03)
    assert model.operating is not None
    assert model.operating.unlabelled == 270


@pytest.mark.requirement("TC-26")
def test_seeds_of_one_strong_form_are_called_apart_and_others_are_not(
    encoder: StaticEncoder,
) -> None:
    unlabelled = mixed(150, 450, 55)
    strong = train(given(written(GARDEN, 50, 56, 12), unlabelled), encoder)
    alike = train(given(written(GARDEN, 50, 56), unlabelled), encoder)
    assert strong.training["seeds_apart"] is True
    assert alike.training["seeds_apart"] is False
    assert accuracy(strong, written(GARDEN, 200, 57), written(COURT, 200, 58)) > 0.85


def test_no_positives_among_the_unlabelled_still_gives_a_classifier(encoder: StaticEncoder) -> None:
    model = train(given(written(GARDEN, 50, 50), written(COURT, 250, 51)), encoder)
    assert model.prior < 0.05
    assert accuracy(model, written(GARDEN, 200, 52), written(COURT, 200, 53)) > 0.85


def test_the_prior_is_near_the_hidden_share(encoder: StaticEncoder) -> None:
    model = train(given(written(GARDEN, 100, 60), mixed(150, 450, 61)), encoder)
    assert model.prior == pytest.approx(0.25, abs=0.08)


def test_a_prepared_training_gives_the_same_model(encoder: StaticEncoder) -> None:
    wanted = given(written(GARDEN, 50, 70), mixed(20, 230, 71))
    ready = prepare(wanted, encoder)
    reviewed = given(written(GARDEN, 50, 70), mixed(20, 230, 71), {"a garden": 1, "a court": 0})
    for each in (wanted, reviewed):
        fresh, kept = train(each, encoder), train(each, encoder, ready)
        assert np.array_equal(fresh.weights, kept.weights)
        assert fresh.header == kept.header


def test_reviews_of_which_none_is_chosen_give_the_same_model(encoder: StaticEncoder) -> None:
    verdicts = dict.fromkeys(written(GARDEN, 20, 72), 1) | dict.fromkeys(written(COURT, 20, 73), 0)
    wanted = given(written(GARDEN, 50, 70), mixed(20, 230, 71), verdicts)
    assert wanted.reviewed is not None
    plain = train(wanted, encoder)
    for chosen in (False, True):
        marks = pa.repeat(pa.scalar(chosen), len(wanted.reviewed))
        marked = replace(wanted, reviewed=wanted.reviewed.append_column("chosen", marks))
        assert (train(marked, encoder).header == plain.header) is not chosen


def test_training_changes_none_of_its_inputs(encoder: StaticEncoder) -> None:
    wanted = given(written(GARDEN, 50, 80), mixed(20, 230, 81), {"a garden": 1, "a court": 0})
    tables = (wanted.seeds, wanted.unlabelled, wanted.document_frequencies, wanted.reviewed)
    before = [table.to_pydict() for table in tables if table is not None]
    numbers = encoder.table.tobytes(), encoder.vectors.tobytes()
    train(wanted, encoder)
    assert before == [table.to_pydict() for table in tables if table is not None]
    assert numbers == (encoder.table.tobytes(), encoder.vectors.tobytes())


def test_another_seed_draws_other_folds(encoder: StaticEncoder) -> None:
    texts = written(GARDEN, 50, 90), mixed(20, 230, 91)
    first, second = (train(given(*texts, seed=seed), encoder) for seed in (1, 2))
    assert first.calibration != second.calibration


def test_nothing_to_learn_from_is_refused(encoder: StaticEncoder) -> None:
    with pytest.raises(InvalidInput, match="found 0 seeds and 250 unlabelled"):
        train(given([], mixed(20, 230, 91)), encoder)


def _trained(core: str, threads: int, hashes: int) -> str:
    chosen = {
        "OPENBLAS_CORETYPE": core,
        "OPENBLAS_NUM_THREADS": str(threads),
        "OMP_NUM_THREADS": str(threads),
        "NUMBA_NUM_THREADS": str(threads),
        "PYTHONHASHSEED": str(hashes),
    }
    command = [sys.executable, "-c", TRAINED]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, **chosen}
    ).stdout


@pytest.mark.slow
def test_a_model_is_the_same_bits_under_any_processor_threads_and_hash_seed() -> None:
    found = {
        _trained("Prescott", 1, 0),
        _trained("Haswell", 2, 1),
        _trained("SkylakeX", 2, 2),
    }
    assert len(found) == 1
    assert "garden" not in next(iter(found))


@pytest.mark.slow
def test_a_model_is_the_same_bits_without_vector_instructions(
    encoder: StaticEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A generic processor has neither fused products nor wide vectors."""
    monkeypatch.setenv("NUMBA_CPU_NAME", "generic")
    monkeypatch.setenv("NPY_DISABLE_CPU_FEATURES", "AVX512F AVX512CD AVX512_SKX AVX2 FMA3")
    generic = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", TRAINED], check=True, capture_output=True, text=True
    ).stdout
    monkeypatch.undo()
    assert generic == _trained("Haswell", 1, 0)
    assert garden(encoder).header["format"] == 4
