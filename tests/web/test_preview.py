"""The preview route by plain HTTP: status, headers and bodies, key by key."""

import json
import re
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cultivar.core.errors import CultivarError
from cultivar.operations.content.locations import add_location
from cultivar.operations.projects.job_claim import working_on
from cultivar.operations.projects.projects import project_named
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.store.workspace import open_workspace
from tests.web.conftest import copied_home, settings_of
from tests.web.projects import (
    MULTI,
    SINGLE,
    addressed,
    imported,
    train_what_was_asked,
    with_documents,
)
from tests.web.talking import Web

BASE = "/language/text/authoring/v1.0-preview.2/projects"
ANALYZE = "/text/analytics/v3.1-preview.ct.1/analyze"
JOB_KEYS = {
    "tasks", "inProgress", "completed", "failed", "total", "jobId", "createdDateTime",
    "lastUpdatedDateTime", "expirationDateTime", "status", "errors",
}  # fmt: skip
TASK_KEYS = {"trainingModelName", "evaluationStatus", "status", "lastUpdatedDateTime", "error"}
PHASE_KEYS = {"status", "lastUpdatedDateTime", "error"}
WORDS = {"notStarted", "inProgress", "completed", "failed", "cancelling", "cancelled"}
TRAIN = {"tasks": [{"trainingModelName": "MyModel"}]}
ZULU = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tenant with tagged projects of both kinds, and one that is not tagged."""
    folder = tmp_path_factory.mktemp("preview")
    web = Web(open_workspace(settings_of(folder / "home")))
    bootstrap(web.workspace, "alex")
    with_documents(web, folder / "documents")
    imported(web, "Single", SINGLE)
    imported(web, "Multi", MULTI)
    imported(web, "Few", SINGLE, contract=5, harvest=4)
    web.call("PATCH", "/language/authoring/analyze-text/projects/Empty?api-version=2023-04-01",
             {"projectKind": SINGLE})  # fmt: skip
    web.close()
    return folder / "home"


@pytest.fixture
def preview(home: Path, tmp_path: Path) -> Iterator[Web]:
    web = Web(open_workspace(settings_of(copied_home(home, tmp_path))))
    yield web
    web.close()


def trained(web: Web, project: str, name: str = "MyModel") -> str:
    """Train a model and return the path of its job."""
    path = addressed(web.post(f"{BASE}/{project}/train", {"tasks": [{"trainingModelName": name}]}))
    train_what_was_asked(web)
    return path


@pytest.mark.requirement("CT-27", "CT-28", "CT-29", "CT-30", "CT-31")
def test_training_is_accepted_with_the_address_of_its_job(preview: Web) -> None:
    answer = preview.post(f"{BASE}/Single/train", TRAIN)
    assert answer.status_code == 202
    assert answer.content == b""
    pattern = rf"http://testserver{re.escape(BASE)}/Single/train/jobs/[0-9a-f-]{{36}}"
    assert re.fullmatch(pattern, answer.headers["location"])
    assert answer.headers["operation-location"] == answer.headers["location"]
    assert preview.get(addressed(answer)).status_code == 200


@pytest.mark.requirement("CT-32", "CT-33", "CT-36", "CT-37")
def test_a_jobs_reply_has_these_keys_and_no_others(preview: Web) -> None:
    body = preview.get(addressed(preview.post(f"{BASE}/Single/train", TRAIN))).json()
    assert set(body) == JOB_KEYS
    [task] = body["tasks"]
    assert set(task) == TASK_KEYS
    assert set(task["evaluationStatus"]) == PHASE_KEYS
    assert task["trainingModelName"] == "MyModel"
    assert {body["status"], task["status"], task["evaluationStatus"]["status"]} == {"notStarted"}
    assert (task["error"], task["evaluationStatus"]["error"], body["errors"]) == (None, None, [])
    assert isinstance(body["jobId"], str)
    times = [body[f"{each}DateTime"] for each in ("created", "lastUpdated", "expiration")]
    assert all(ZULU.fullmatch(each) for each in times)
    assert times == sorted(times)
    lasts = datetime.fromisoformat(times[2]) - datetime.fromisoformat(times[0])
    assert lasts.days == 7


@pytest.mark.requirement("CT-34", "CT-35", "CT-36")
def test_evaluation_starts_after_training_and_counters_always_add_up(preview: Web) -> None:
    path = addressed(preview.post(f"{BASE}/Single/train", TRAIN))
    seen: list[tuple[str, str, str]] = []

    def poll() -> None:
        body = preview.get(path).json()
        [task] = body["tasks"]
        evaluation = task["evaluationStatus"]["status"]
        seen.append((body["status"], task["status"], evaluation))
        assert {body["status"], task["status"], evaluation} <= WORDS
        assert body["inProgress"] + body["completed"] + body["failed"] == body["total"] == 1
        if task["status"] != "completed":
            assert evaluation == "notStarted"

    train_what_was_asked(preview, poll)
    assert seen == [
        ("notStarted", "notStarted", "notStarted"),
        ("inProgress", "inProgress", "notStarted"),
        ("inProgress", "completed", "inProgress"),
        ("completed", "completed", "completed"),
    ]


@pytest.mark.requirement("CT-28")
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"tasks": []},
        {"tasks": [{}]},
        {"tasks": [{"trainingModelName": ""}]},
        {"tasks": [{"trainingModelName": 7}]},
        {"tasks": "MyModel"},
        {"tasks": [{"trainingModelName": "a"}, {"trainingModelName": "b"}]},
        {"tasks": [{"trainingModelName": "../up"}]},
        [],
        None,
    ],
)
def test_a_training_without_a_model_is_refused(preview: Web, body: Any) -> None:
    answer = preview.call("POST", f"{BASE}/Single/train", body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "InvalidRequest"
    assert preview.runs.started == []


@pytest.mark.requirement("CT-08")
def test_a_second_training_of_a_project_is_refused_and_of_another_is_not(preview: Web) -> None:
    preview.post(f"{BASE}/Single/train", TRAIN)
    again = preview.post(f"{BASE}/Single/train", {"tasks": [{"trainingModelName": "Other"}]})
    assert again.status_code == 409
    assert again.json()["error"]["code"] == "Conflict"
    assert preview.post(f"{BASE}/Multi/train", TRAIN).status_code == 202


@pytest.mark.requirement("CT-19", "CT-20", "CT-39", "CT-40")
def test_what_is_not_there_is_told_apart(preview: Web) -> None:
    for path, code in (
        (f"{BASE}/single/train", "unknown-project"),
        (f"{BASE}/nothing/train", "unknown-project"),
    ):
        answer = preview.post(path, TRAIN)
        assert answer.status_code == 404
        assert answer.json()["error"]["innererror"]["code"] == code
    untagged = preview.post(f"{BASE}/Empty/train", TRAIN)
    assert untagged.status_code == 400
    assert "Import a labels file first" in untagged.json()["error"]["message"]
    unknown = preview.get(f"{BASE}/Single/train/jobs/6e9c1b4e-0000-4000-8000-000000000000")
    assert unknown.status_code == 404
    assert unknown.json()["error"]["code"] == "OperationNotFound"
    job = preview.get(addressed(preview.post(f"{BASE}/Single/train", TRAIN))).json()["jobId"]
    assert preview.get(f"{BASE}/Multi/train/jobs/{job}").status_code == 404


@pytest.mark.requirement("CT-40", "CT-21", "CT-22")
def test_models_are_told_apart_by_case_and_retraining_replaces(preview: Web) -> None:
    for name in ("MyModel", "mymodel", "MyModel"):
        trained(preview, "Single", name)
    path = "/language/authoring/analyze-text/projects/Single/models?api-version=2023-04-01"
    found = preview.get(path).json()["value"]
    assert [each["label"] for each in found] == ["MyModel", "mymodel"]


@pytest.mark.requirement("CT-38")
def test_a_failure_is_told_for_the_task_and_for_the_job(preview: Web) -> None:
    path = addressed(preview.post(f"{BASE}/Single/train", TRAIN))
    _, parameters = preview.runs.started.pop()
    with (
        pytest.raises(CultivarError),
        working_on(preview.workspace, parameters["job_id"]),
    ):
        raise CultivarError("out-of-paper", "There is no paper left.")
    body = preview.get(path).json()
    expected = {"code": "out-of-paper", "message": "There is no paper left."}
    assert body["status"] == "failed"
    assert body["errors"] == [expected]
    assert body["tasks"][0]["error"] == expected
    assert (body["failed"], body["total"]) == (1, 1)


@pytest.mark.requirement("CT-03", "CT-05")
def test_nine_documents_train_and_are_not_evaluated(preview: Web) -> None:
    body = preview.get(trained(preview, "Few")).json()
    [task] = body["tasks"]
    assert (body["status"], task["status"]) == ("completed", "completed")
    assert task["evaluationStatus"]["status"] == "failed"
    assert task["evaluationStatus"]["error"]["code"] == "too-few-documents"
    answer = preview.get(f"{BASE}/Few/evaluation?trainingModelName=MyModel")
    assert answer.status_code == 400
    assert "fewer than 10" in answer.json()["error"]["message"]


@pytest.mark.requirement("CT-03", "CT-15", "CT-18")
@pytest.mark.parametrize(
    ("project", "named", "kind"),
    [
        ("Single", "singleClassification", "SingleClassification"),
        ("Multi", "multiClassification", "MultiClassification"),
    ],
)
def test_evaluation_and_validation_key_by_key(
    preview: Web, project: str, named: str, kind: str
) -> None:
    trained(preview, project)
    body = preview.get(f"{BASE}/{project}/evaluation?trainingModelName=MyModel").json()
    assert set(body) == {"modelType", f"{named}Evaluation"}
    assert body["modelType"] == kind
    found = body[f"{named}Evaluation"]
    assert set(found) == {
        "classes", "microF1", "microPrecision", "microRecall", "macroF1", "macroPrecision",
        "macroRecall",
    }  # fmt: skip
    for figures in found["classes"].values():
        assert set(figures) == {
            "f1", "precision", "recall", "countTruePositives", "countTrueNegatives",
            "countFalsePositives", "countFalseNegatives",
        }  # fmt: skip
        counts = sum(value for name, value in figures.items() if name.startswith("count"))
        assert counts == 3
    shown = preview.get(f"{BASE}/{project}/validation?trainingModelName=MyModel").json()
    documents = shown[f"{named}Validation"]["documents"]
    assert len(documents) == 3
    for each in documents:
        assert set(each) == {"classes", "location", "culture"}
    wrong = preview.get(
        f"{BASE}/{project}/validation?trainingModelName=MyModel&only_wrong=true"
    ).json()[f"{named}Validation"]["documents"]
    assert [each for each in documents if _is_wrong(each["classes"])] == wrong


def _is_wrong(classes: dict[str, Any]) -> bool:
    said, meant = (classes[name] for name in sorted(classes, reverse=True))
    return sorted(said) != sorted(meant) if isinstance(said, list) else said != meant


def test_publishing_gives_an_id_by_which_the_model_answers(preview: Web) -> None:
    for project, tasks in (
        ("Single", "customClassificationTasks"),
        ("Multi", "customMultiClassificationTasks"),
    ):
        trained(preview, project)
        answer = preview.post(f"{BASE}/{project}/publish", TRAIN)
        assert answer.status_code == 202
        body = preview.get(addressed(answer)).json()
        assert set(body) == JOB_KEYS
        assert body["status"] == "completed"
        documents = [{"id": "1", "text": "harvest orchard apple cider", "language": "en"}]
        asked = {
            "analysisInput": {"documents": documents},
            "tasks": {tasks: [{"parameters": {"modelId": body["tasks"][0]["modelId"]}}]},
        }
        analyzed = preview.post(ANALYZE, asked)
        assert analyzed.status_code == 202
        found = preview.get(addressed(analyzed, "operation-location")).json()
        assert found["status"] == "completed"
        [result] = found["tasks"][tasks][0]["results"]["documents"]
        classes = result.get("classifications") or [result["classification"]]
        assert classes[0]["category"] == "harvest"
        assert "orchard" not in str(found)


def test_a_model_that_is_not_published_does_not_answer(preview: Web) -> None:
    asked = {
        "analysisInput": {"documents": [{"id": "1", "text": "x"}]},
        "tasks": {"customClassificationTasks": [{"parameters": {"modelId": "nothing"}}]},
    }
    assert preview.post(ANALYZE, asked).status_code == 404
    assert preview.post(f"{BASE}/Single/publish", TRAIN).status_code == 404


def test_a_project_is_made_from_a_labels_file_in_its_container(
    preview: Web, tmp_path: Path
) -> None:
    given = {
        "name": "New", "modelType": "MultiClassification", "multiLingual": True,
        "description": "x", "culture": "en-us", "storageInputContainerName": "documents",
    }  # fmt: skip
    made = preview.post(BASE, given)
    assert made.status_code == 201
    assert made.json()["modelType"] == "MultiClassification"
    assert preview.get(f"{BASE}/New").json() == made.json()
    for change, status, code in (
        ({"storageInputContainerName": "nowhere"}, 404, "unknown-container"),
        ({"labelsLocation": "nothing.json"}, 404, "unknown-labels-file"),
        ({"labelsLocation": "../home/registry.db"}, 400, "bad-document-name"),
        ({"labelsLocation": "/etc/passwd"}, 400, "bad-document-name"),
        ({"modelType": "Poem"}, 400, "unknown-project-kind"),
    ):
        answer = preview.post(BASE, {**given, "name": "Refused", **change})
        assert answer.status_code == status
        assert answer.json()["error"]["innererror"]["code"] == code
    assert preview.get(f"{BASE}/Refused").status_code == 404


def test_a_labels_file_of_the_previews_own_form_makes_a_project(
    preview: Web, tmp_path: Path
) -> None:
    container = tmp_path / "tagged"
    container.mkdir()
    (container / "a.txt").write_text("apples in the orchard", encoding="utf-8")
    tag = {"location": "a.txt", "culture": "en-us", "classifiers": [{"classifierName": "A"}]}
    good = {"classifiers": [{"name": "A"}], "documents": [tag]}
    for name, file in (("good", good), ("bad", {**good, "classifiers": []})):
        (container / f"{name}.json").write_text(json.dumps(file), encoding="utf-8")
    add_location(preview.workspace, "alex", "tagged", str(container))
    given = {"modelType": "SingleClassification", "storageInputContainerName": "tagged"}
    refused = preview.post(BASE, {**given, "name": "Bad", "labelsLocation": "bad.json"})
    assert refused.json()["error"]["innererror"]["code"] == "unknown-class"
    assert preview.get(f"{BASE}/Bad").status_code == 404

    answer = preview.post(BASE, {**given, "name": "Good", "labelsLocation": "good.json"})
    assert answer.status_code == 201
    for each in threading.enumerate():
        if each.name.startswith("import-"):
            each.join()
    made = project_named(preview.workspace, "alex", "Good")
    assert (made.documents, made.tagged, made.classes) == (1, 1, ("A",))


def test_a_project_is_deleted_with_its_jobs(preview: Web) -> None:
    job = trained(preview, "Single")
    answer = preview.call("DELETE", f"{BASE}/Single")
    assert answer.status_code == 202
    assert preview.get(addressed(answer)).json()["status"] == "completed"
    assert preview.get(job).status_code == 404
    assert preview.get(f"{BASE}/Single").status_code == 404


def test_nothing_of_a_document_is_kept_by_a_prediction(preview: Web) -> None:
    trained(preview, "Single")
    preview.post(f"{BASE}/Single/publish", TRAIN)
    path = "/language/authoring/analyze-text/projects/Single/models?api-version=2023-04-01"
    models = preview.get(path)
    canary = "zebrafinchcanary"
    asked = {
        "analysisInput": {"documents": [{"id": "1", "text": f"harvest {canary} orchard"}]},
        "tasks": {
            "customClassificationTasks": [
                {"parameters": {"modelId": models.json()["value"][0]["modelId"]}}
            ]
        },
    }
    once = {"Idempotency-Key": "a"}
    assert preview.post(ANALYZE, asked, headers=once).status_code == 202
    found = preview.post("/api/v1/classify", {"text": canary, "words": 9}, headers=once)
    assert found.status_code == 200
    preview.app.state.app_context.predictions.write()
    for each in preview.workspace.settings.home.rglob("*"):
        assert not each.is_file() or canary.encode() not in each.read_bytes(), each
