"""The engine that settings choose trains; a version scores and is verified with its own alone."""

from dataclasses import replace
from pathlib import Path

import pytest

from cultivar.core.errors import CultivarError
from cultivar.operations.audit.verification import verify
from cultivar.operations.engines import configured_engine, model_at, producer_of
from cultivar.operations.reuse import existing_artifact
from cultivar.operations.scoring.explanation import explain_text
from cultivar.operations.scoring.item_labels import label_items
from cultivar.operations.scoring.labelling import LabellingDue
from cultivar.operations.training.training import train_version, training_inputs
from cultivar.store.origin import MODEL
from cultivar.store.workspace import Workspace
from tests.operations.organisation import (
    ADMINISTRATOR,
    COMMON,
    CONTRACT,
    NOISE,
    Organisation,
    documents,
    written,
)

pytest.importorskip("onnxruntime")
pytest.importorskip("tokenizers")
pytest.importorskip("onnx")


def with_folder(workspace: Workspace, folder: Path | None) -> Workspace:
    return replace(workspace, settings=replace(workspace.settings, transformer=folder))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    from tests.data.small_transformer import write_transformer

    return write_transformer(tmp_path / "transformer", [*CONTRACT, *NOISE, *COMMON])


@pytest.fixture
def trained(organisation: Organisation, folder: Path) -> Organisation:
    chosen = Organisation(with_folder(organisation.workspace, folder))
    chosen.opt_in()
    chosen.create()
    chosen.train("contracts")
    return chosen


def version(organisation: Organisation) -> tuple[str, str]:
    found = verify(organisation.workspace, ADMINISTRATOR, "contracts", candidate=True)
    return found.version_id, found.model_sha256


@pytest.mark.requirement("CT-02")
def test_a_version_of_a_transformer_scores_explains_and_is_retrained_to_the_same_bytes(
    trained: Organisation,
) -> None:
    version_id, sha256 = version(trained)
    workspace = trained.workspace
    engine = configured_engine(workspace)
    reference = workspace.artifacts.reference(sha256)
    model = model_at(workspace, reference)
    assert model.engine == {"name": "transformer", "sha256": engine.fingerprint}
    assert engine.fingerprint[:12] in workspace.artifacts.header(reference)["producer"]
    found = explain_text(workspace, ADMINISTRATOR, "contracts", written(CONTRACT, 77_000))
    assert found.prediction == "match"
    assert found.whole != 0.0
    items = trained.add("shelf", [*documents(CONTRACT, 20, "a", 1), *documents(NOISE, 80, "b", 1)])
    due = LabellingDue("shelf", "contracts", version_id, items.sha256)
    [(_, counts)] = label_items(workspace, [due])
    assert counts.items == 100
    assert 16 <= counts.matches <= 24


def test_the_whole_way_to_review_goes_with_it(trained: Organisation) -> None:
    trained.test("contracts", positives=40, negatives=40)
    trained.review_batch("contracts", wrong=1)
    trained.learn("contracts", ["too-few-reviews"])
    _, sha256 = version(trained)
    model = model_at(trained.workspace, trained.workspace.artifacts.reference(sha256))
    assert model.engine["name"] == "transformer"
    assert model.training["reviewed"] > 0


@pytest.mark.parametrize("other", [False, True])
def test_without_its_transformer_a_version_is_refused_and_nothing_is_scored(
    trained: Organisation, tmp_path: Path, other: bool
) -> None:
    from tests.data.small_transformer import write_transformer

    folder = write_transformer(tmp_path / "other", CONTRACT, seed=9) if other else None
    changed = with_folder(trained.workspace, folder)
    for act in (
        lambda: explain_text(changed, ADMINISTRATOR, "contracts", "a text"),
        lambda: verify(changed, ADMINISTRATOR, "contracts", candidate=True),
    ):
        with pytest.raises(CultivarError) as refused:
            act()
        assert refused.value.code == "other-engine"


def test_another_engine_trains_anew_and_older_versions_keep_theirs(
    trained: Organisation,
) -> None:
    _, sha256 = version(trained)
    plain = with_folder(trained.workspace, None)
    inputs, _ = training_inputs(plain, "contracts")
    known = existing_artifact(plain, MODEL, producer_of(configured_engine(plain)), inputs)
    assert known is None
    model = train_version(plain, "contracts").artifact
    assert model.sha256 != sha256
    assert model_at(plain, model).engine["name"] == "static"
    # with the transformer switched on, the static one still scores
    assert model_at(trained.workspace, model).encoder is None


def test_a_missing_folder_is_refused_before_anything_is_trained(
    trained: Organisation, tmp_path: Path
) -> None:
    nowhere = with_folder(trained.workspace, tmp_path / "nowhere")
    with pytest.raises(CultivarError) as refused:
        train_version(nowhere, "contracts")
    assert refused.value.code == "bad-transformer"
