"""Models, evaluation, deployments and prediction."""

import threading
from typing import Any
from unicodedata import normalize

import pytest

from cultivar.core.errors import Conflict, InvalidInput, NotFound, NotReady
from cultivar.core.projects.evaluation import evaluate, marks_of
from cultivar.core.projects.jobs import EVALUATION, TRAINING, Status
from cultivar.core.projects.names import Kind
from cultivar.core.projects.splitting import EvaluationOptions
from cultivar.core.projects.training import train
from cultivar.operations.projects import training
from cultivar.operations.projects.deployments import (
    delete_deployment,
    deploy,
    deployment_named,
    deployment_of_model,
    list_deployments,
    swap_deployments,
)
from cultivar.operations.projects.importing import run_import, submit_import
from cultivar.operations.projects.job_claim import working_on
from cultivar.operations.projects.jobs import job
from cultivar.operations.projects.models import (
    delete_model,
    evaluation_of,
    list_models,
    model_named,
    validation_of,
)
from cultivar.operations.projects.predicting import Predictor
from cultivar.operations.projects.projects import Definition, delete_documents, put_project
from cultivar.operations.projects.rows import model_row
from cultivar.operations.projects.training import submit_training
from cultivar.store.models import read_project_model
from cultivar.store.workspace import Workspace
from tests.operations.projects.material import (
    ACTOR,
    imported,
    labels_file,
    trained,
    unseen,
    work_off,
)


@pytest.mark.requirement("CT-01", "CT-02", "CT-03", "CT-04")
def test_a_training_ends_in_a_model_with_an_evaluation(news: Workspace) -> None:
    found = model_named(news, ACTOR, "news", "first")
    done = job(news, ACTOR, "news", found.job_id)
    assert done.phases[EVALUATION]["status"] == Status.SUCCEEDED
    assert done.result == {"model": "first", "model_id": found.model_id}
    assert evaluation_of(news, ACTOR, "news", "first")["micro"]["f1"] > 0.7
    stored = read_project_model(news.artifacts, news.artifacts.reference(found.model_sha256))
    assert stored.engine["name"] == "static"


@pytest.mark.requirement("CT-04", "CT-05")
@pytest.mark.parametrize(("count", "evaluated"), [(9, False), (10, True)])
def test_an_evaluation_needs_ten_documents(desk: Workspace, count: int, evaluated: bool) -> None:
    imported(desk, count=count)
    done = trained(desk)
    assert done.status is Status.SUCCEEDED
    assert done.phases[TRAINING]["status"] == Status.SUCCEEDED
    wanted = Status.SUCCEEDED if evaluated else Status.FAILED
    assert done.phases[EVALUATION]["status"] == wanted
    if evaluated:
        assert evaluation_of(desk, ACTOR, "news", "first")
    else:
        assert done.phases[EVALUATION]["error"]["code"] == "too-few-documents"
        with pytest.raises(NotReady) as refused:
            evaluation_of(desk, ACTOR, "news", "first")
        assert refused.value.code == "not-evaluated"


@pytest.mark.requirement("CT-09")
def test_the_part_of_each_document_is_recorded(news: Workspace) -> None:
    found = model_named(news, ACTOR, "news", "first")
    assert parts_of(news, found.job_id) == {"train": 32, "validation": 4, "test": 4}


def split_of(workspace: Workspace, label: str) -> dict[str, str]:
    with workspace.registry.reading() as session:
        sha256 = model_row(session, "news", label).split_sha256
    rows = workspace.artifacts.read(workspace.artifacts.reference(sha256)).to_pylist()
    return {row["document"]: row["part"] for row in rows}


def parts_of(workspace: Workspace, _job: str) -> dict[str, int]:
    found = list(split_of(workspace, "first").values())
    return {part: found.count(part) for part in ("train", "validation", "test")}


def test_documents_of_one_text_are_in_one_part(desk: Workspace) -> None:
    labels = labels_file()
    documents = labels["assets"]["documents"]
    for place, each in enumerate(documents[20:]):
        text = documents[place]["text"] = f"Größe {documents[place]['text']}"
        # in other capitals, with other blanks, and in another form of Unicode it is the same text
        twin = text if place < 10 else f"  {normalize('NFD', text.upper())}\n"
        each |= {"text": twin, "classes": documents[place]["classes"]}
    opened = submit_import(desk, ACTOR, "news", labels, in_this_process=True)
    run_import(desk, opened.id)
    trained(desk)
    parts = split_of(desk, "first")
    counted = [parts[f"folder/{place:03}.txt"] for place in range(20)]
    assert counted == [parts[f"folder/{place:03}.txt"] for place in range(20, 40)]
    assert (counted.count("validation"), counted.count("test")) == (2, 2)


@pytest.mark.requirement("CT-13", "CT-14", "CT-16")
def test_no_test_document_reaches_the_trainer(
    desk: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(desk)
    handed: list[Any] = []

    def watched(given: Any, *rest: Any) -> Any:
        handed.append(given)
        return train(given, *rest)

    monkeypatch.setattr(training, "train", watched)
    trained(desk)
    (given,) = handed
    parts = split_of(desk, "first")
    texts = {row["location"]: row["text"] for row in labels_file()["assets"]["documents"]}
    by_part: dict[str, set[str]] = {"train": set(), "validation": set(), "test": set()}
    for name, part in parts.items():
        by_part[part].add(texts[name])
    assert set(given.train.texts.to_pylist()) == by_part["train"]
    assert set(given.validation.texts.to_pylist()) == by_part["validation"]
    assert by_part["test"].isdisjoint(
        given.train.texts.to_pylist() + given.validation.texts.to_pylist()
    )


@pytest.mark.requirement("CT-17")
def test_the_evaluation_is_that_of_the_test_documents(news: Workspace) -> None:
    found = model_named(news, ACTOR, "news", "first")
    model = read_project_model(news.artifacts, news.artifacts.reference(found.model_sha256))
    parts = split_of(news, "first")
    tested = [
        row for row in labels_file()["assets"]["documents"] if parts[row["location"]] == "test"
    ]
    tags = [[tag["category"] for tag in row["classes"]] for row in tested]
    predicted = [
        [name for name, _ in each] for each in model.classify([row["text"] for row in tested])
    ]
    again = evaluate(
        model.classes, marks_of(model.classes, tags), marks_of(model.classes, predicted), True
    )
    assert evaluation_of(news, ACTOR, "news", "first") == again.as_dict()


@pytest.mark.requirement("CT-15", "CT-18")
def test_validation_documents_are_shown_and_no_test_document_is(news: Workspace) -> None:
    parts = split_of(news, "first")
    shown = validation_of(news, ACTOR, "news", "first")
    assert {each.document for each in shown} == {
        name for name, part in parts.items() if part == "validation"
    }
    assert all(each.tagged and each.predicted and each.scores for each in shown)
    wrong = validation_of(news, ACTOR, "news", "first", only_wrong=True)
    assert wrong == [each for each in shown if not each.right]


@pytest.mark.requirement("CT-15")
def test_wrong_validation_documents_are_listed(desk: Workspace) -> None:
    file = labels_file(40)
    from cultivar.operations.projects.importing import run_import, submit_import

    for place, row in enumerate(file["assets"]["documents"]):
        row["classes"] = [{"category": ("contract", "harvest")[place * 7 % 11 % 2]}]
    run_import(desk, submit_import(desk, ACTOR, "news", file, in_this_process=True).id)
    trained(desk)
    wrong = validation_of(desk, ACTOR, "news", "first", only_wrong=True)
    assert all(each.tagged != each.predicted for each in wrong)
    shown = validation_of(desk, ACTOR, "news", "first")
    assert len(wrong) == sum(not each.right for each in shown)


@pytest.mark.requirement("CT-19")
def test_an_unknown_project_cannot_be_trained(desk: Workspace) -> None:
    with pytest.raises(NotFound) as refused:
        submit_training(desk, ACTOR, "nowhere", "first")
    assert refused.value.code == "unknown-project"


@pytest.mark.requirement("CT-20")
def test_a_project_without_tagged_documents_cannot_be_trained(desk: Workspace) -> None:
    from cultivar.operations.projects.importing import run_import, submit_import

    put_project(desk, ACTOR, "news", Definition(kind=Kind.SINGLE))
    with pytest.raises(NotReady) as refused:
        submit_training(desk, ACTOR, "news", "first")
    assert refused.value.code == "no-documents"
    file = labels_file(12)
    for row in file["assets"]["documents"]:
        row["classes"] = []
    run_import(desk, submit_import(desk, ACTOR, "news", file, in_this_process=True).id)
    with pytest.raises(NotReady) as refused:
        submit_training(desk, ACTOR, "news", "first")
    assert refused.value.code == "not-tagged"


@pytest.mark.requirement("CT-21", "CT-23")
def test_a_project_has_several_models_and_each_can_be_used(news: Workspace) -> None:
    trained(news, "second")
    assert [each.label for each in list_models(news, ACTOR, "news")] == ["first", "second"]
    predictor = Predictor(news)
    for label in ("first", "second"):
        deploy(news, ACTOR, "news", label, label)
        texts, tags = unseen()
        found = predictor.classify(ACTOR, "news", label, texts)
        right = [each.classes[0][0] == wanted[0] for each, wanted in zip(found, tags, strict=True)]
        assert sum(right) >= 8


@pytest.mark.requirement("CT-22")
def test_training_a_model_again_overwrites_it(news: Workspace) -> None:
    before = model_named(news, ACTOR, "news", "first")
    imported(news, count=60)
    trained(news, "first")
    (after,) = list_models(news, ACTOR, "news")
    assert after.trained_at > before.trained_at
    assert after.model_id != before.model_id
    assert after.validation_sha256 != before.validation_sha256
    assert len(validation_of(news, ACTOR, "news", "first")) == 6


@pytest.mark.requirement("CT-22")
def test_a_training_that_fails_leaves_the_model_as_it_was(news: Workspace) -> None:
    before = model_named(news, ACTOR, "news", "first")
    opened = submit_training(news, ACTOR, "news", "first", in_this_process=True)
    with pytest.raises(RuntimeError), working_on(news, opened.id):
        raise RuntimeError
    assert model_named(news, ACTOR, "news", "first") == before


@pytest.mark.requirement("CT-24")
def test_an_existing_model_can_be_protected(news: Workspace) -> None:
    with pytest.raises(Conflict) as refused:
        submit_training(news, ACTOR, "news", "first", replace=False)
    assert refused.value.code == "model-exists"


def test_the_eleventh_model_is_refused(news: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "MODELS_AT_MOST", 1)
    with pytest.raises(InvalidInput) as refused:
        submit_training(news, ACTOR, "news", "second")
    assert refused.value.code == "too-many-models"
    assert trained(news, "first").status is Status.SUCCEEDED


@pytest.mark.requirement("CT-40")
def test_model_names_are_case_sensitive(news: Workspace) -> None:
    with pytest.raises(NotFound) as refused:
        model_named(news, ACTOR, "news", "First")
    assert refused.value.code == "unknown-model"


def test_the_same_documents_give_the_same_model_file(desk: Workspace) -> None:
    for name in ("one", "two"):
        imported(desk, name)
        trained(desk, name=name)
    one, two = (model_named(desk, ACTOR, name, "first") for name in ("one", "two"))
    assert one.model_sha256 == two.model_sha256
    assert one.model_id != two.model_id


def test_a_manual_evaluation_tests_what_the_documents_say(desk: Workspace) -> None:
    from cultivar.operations.projects.importing import run_import, submit_import

    file = labels_file(40)
    for place, row in enumerate(file["assets"]["documents"]):
        row["dataset"] = "Test" if place < 12 else "Train"
    run_import(desk, submit_import(desk, ACTOR, "news", file, in_this_process=True).id)
    opened = submit_training(
        desk, ACTOR, "news", "first", options=EvaluationOptions("manual"), in_this_process=True
    )
    work_off(desk, opened.id)
    parts = split_of(desk, "first")
    assert list(parts.values())[:12] == ["test"] * 12
    assert list(parts.values()).count("test") == 12


def test_a_deployment_answers_with_the_model_as_it_was(news: Workspace) -> None:
    done = deploy(news, ACTOR, "news", "production", "first")
    assert done.status is Status.SUCCEEDED
    before = deployment_named(news, ACTOR, "news", "production")
    imported(news, count=60)
    trained(news, "first")
    assert deployment_named(news, ACTOR, "news", "production") == before
    deploy(news, ACTOR, "news", "production", "first")
    after = deployment_named(news, ACTOR, "news", "production")
    assert after.model_sha256 != before.model_sha256
    assert deployment_of_model(news, ACTOR, before.model_id) is None
    assert deployment_of_model(news, ACTOR, after.model_id) == after


def test_deployments_are_swapped(news: Workspace) -> None:
    trained(news, "second")
    deploy(news, ACTOR, "news", "a", "first")
    deploy(news, ACTOR, "news", "b", "second")
    swap_deployments(news, ACTOR, "news", "a", "b")
    found = {each.name: each.model_label for each in list_deployments(news, ACTOR, "news")}
    assert found == {"a": "second", "b": "first"}
    with pytest.raises(NotFound) as refused:
        swap_deployments(news, ACTOR, "news", "a", "c")
    assert refused.value.code == "unknown-deployment"


def test_a_deployed_model_is_not_deleted(news: Workspace) -> None:
    deploy(news, ACTOR, "news", "production", "first")
    with pytest.raises(Conflict) as refused:
        delete_model(news, ACTOR, "news", "first")
    assert refused.value.code == "model-deployed"
    delete_deployment(news, ACTOR, "news", "production")
    delete_model(news, ACTOR, "news", "first")
    assert list_models(news, ACTOR, "news") == []


def test_a_deployed_model_answers_without_its_documents(news: Workspace) -> None:
    deploy(news, ACTOR, "news", "production", "first")
    texts, _ = unseen(3)
    before = Predictor(news).classify(ACTOR, "news", "production", texts)
    assert delete_documents(news, ACTOR, "news").documents == 0
    assert Predictor(news).classify(ACTOR, "news", "production", texts) == before
    assert evaluation_of(news, ACTOR, "news", "first")
    with pytest.raises(NotReady):
        submit_training(news, ACTOR, "news", "second")


def test_one_predictor_serves_many_threads(news: Workspace) -> None:
    deploy(news, ACTOR, "news", "production", "first")
    predictor, (texts, _) = Predictor(news), unseen(30)
    wanted = predictor.classify(ACTOR, "news", "production", texts)
    found: list[Any] = []

    def classify() -> None:
        found.append(predictor.classify(ACTOR, "news", "production", texts))

    threads = [threading.Thread(target=classify) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [wanted] * 8


def test_batches_are_classified_as_they_come(news: Workspace) -> None:
    deploy(news, ACTOR, "news", "production", "first")
    predictor, (texts, _) = Predictor(news), unseen(30)
    batches = predictor.classify_batches(
        ACTOR, "news", "production", (texts[place : place + 7] for place in range(0, 30, 7))
    )
    streamed = [classes for batch in batches for classes in batch]
    assert streamed == predictor.classify(ACTOR, "news", "production", texts)


def test_several_labels_are_given_from_the_projects_threshold_on(desk: Workspace) -> None:
    imported(desk, count=60, kind=Kind.MULTI)
    trained(desk)
    assert evaluation_of(desk, ACTOR, "news", "first")["confusion"] is None
    deploy(desk, ACTOR, "news", "production", "first")
    texts, _ = unseen(30)

    def given() -> int:
        found = Predictor(desk).classify(ACTOR, "news", "production", texts)
        return sum(len(each.classes) for each in found)

    usual = given()
    put_project(desk, ACTOR, "news", Definition(settings={"confidenceThreshold": 0.0001}))
    assert given() > usual > 0
