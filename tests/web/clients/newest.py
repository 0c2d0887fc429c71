"""Run by the interpreter of an environment with the authoring client: a project's whole life.

``python newest.py URL KEY CONTAINER FOLDER``; the container is a location over the folder, which
holds ``<class>/<number>.txt``. It asserts, and prints what it did, one word a line.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from azure.ai.textanalytics import TextAnalysisClient
from azure.ai.textanalytics import models as runtime
from azure.ai.textanalytics.authoring import TextAuthoringClient, TextAuthoringProjectClient
from azure.ai.textanalytics.authoring import models as authoring
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)

URL, KEY, CONTAINER, FOLDER = sys.argv[1:5]
QUICK: dict[str, Any] = {"polling_interval": 0.2}
SINGLE, MULTI = "CustomSingleLabelClassification", "CustomMultiLabelClassification"
LATEST = {"trainingConfigVersion": "latest"}
CLASSES = ("contract", "everyday", "harvest")


def did(what: str) -> None:
    print(what, flush=True)


def authoring_client(key: str = KEY) -> TextAuthoringClient:
    return TextAuthoringClient(URL, AzureKeyCredential(key), retry_total=0, **QUICK)


def project_client(name: str) -> TextAuthoringProjectClient:
    return TextAuthoringProjectClient(
        URL, AzureKeyCredential(KEY), project_name=name, retry_total=0, **QUICK
    )


def raised(kind: type[HttpResponseError], call: Callable[[], Any]) -> Any:
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def names_of(each: str, count: int) -> list[str]:
    return [f"{each}/{number:03}.txt" for number in range(count)]


def labels(kind: str, name: str, count: int = 12) -> authoring.ExportedProject:
    """Return a labels file; in a multi-label project every fourth document has two classes."""
    documents: list[dict[str, Any]] = []
    for each in CLASSES:
        for number, place in enumerate(names_of(each, count)):
            common = {"location": place, "language": "en-us"}
            if kind == SINGLE:
                documents.append({**common, "class": {"category": each}})
            else:
                tags = [each, "short"] if number % 4 == 0 else [each]
                documents.append({**common, "classes": [{"category": tag} for tag in tags]})
    named = CLASSES if kind == SINGLE else (*CLASSES, "short")
    return authoring.ExportedProject(
        {
            "projectFileVersion": "2025-05-15-preview",
            "stringIndexType": "Utf16CodeUnit",
            "metadata": {
                "projectKind": kind,
                "storageInputContainerName": CONTAINER,
                "projectName": name,
                "multilingual": False,
                "description": "Made by a test",
                "language": "en-us",
                "settings": {},
            },
            "assets": {
                "projectKind": kind,
                "classes": [{"category": each} for each in named],
                "documents": documents,
            },
        }
    )


def create(name: str, kind: str) -> None:
    made = authoring_client().create_project(
        name,
        {
            "projectName": name,
            "projectKind": kind,
            "storageInputContainerName": CONTAINER,
            "language": "en-us",
            "description": "Made by a test",
        },
    )
    assert made.project_name == name
    assert made.project_kind == kind
    found = authoring_client().get_project(name)
    assert found.created_on <= found.last_modified_on
    assert name in [each.project_name for each in authoring_client().list_projects()]
    did("create")


def bring_in(name: str, kind: str) -> None:
    project_client(name).project.begin_import(labels(kind, name)).result()
    did("import")


def train(name: str, label: str) -> None:
    details = {"modelLabel": label, "trainingConfigVersion": "2022-05-01"}
    poller = project_client(name).project.begin_train(details)
    error = raised(ResourceExistsError, lambda: project_client(name).project.begin_train(details))
    assert error.error.code == "Conflict"
    result = poller.result()
    assert result.model_label == label
    assert result.training_status.status == "succeeded"
    assert result.training_status.percent_complete == 100
    assert result.evaluation_status.status == "succeeded"
    jobs = list(project_client(name).project.list_training_jobs())
    assert next(each.status for each in jobs if each.result.model_label == label) == "succeeded"
    did("train")


def cancel(name: str) -> None:
    client = project_client(name)
    details = {**LATEST, "modelLabel": "unwanted"}
    poller = client.project.begin_train(details)
    job = next(iter(client.project.list_training_jobs()))
    assert job.result.model_label == "unwanted"
    ending = client.project.begin_cancel_training_job(job.job_id)
    assert "canceled" in str(raised(HttpResponseError, ending.result))
    raised(HttpResponseError, poller.result)
    assert next(iter(client.project.list_training_jobs())).status == "canceled"
    assert "unwanted" not in [each.label for each in client.project.list_trained_models()]
    did("cancel")


def evaluate(name: str, kind: str, label: str) -> None:
    client = project_client(name).trained_model
    found = client.get_model_evaluation_summary(label)
    if kind == SINGLE:
        summary = found.custom_single_label_classification_evaluation
        assert set(summary.confusion_matrix) == set(CLASSES)
        assert summary.micro_f1 == summary.micro_precision == summary.micro_recall
    else:
        summary = found.custom_multi_label_classification_evaluation
    assert found.evaluation_options.kind == "percentage"
    counted = summary["classes"]["contract"]
    assert counted["truePositiveCount"] + counted["falseNegativeCount"] >= 1
    rows = list(client.list_model_evaluation_results(label, string_index_type="Utf16CodeUnit"))
    assert len(rows) == 3
    for row in rows:
        tagged = row.location.split("/")[0]
        if kind == SINGLE:
            assert row.custom_single_label_classification_result.expected_class == tagged
        else:
            assert tagged in row.custom_multi_label_classification_result.expected_classes
    did("evaluate")


def list_models(name: str, *labels: str) -> None:
    client = project_client(name)
    found = {each.label: each for each in client.project.list_trained_models()}
    assert set(found) == set(labels)
    shown = client.trained_model.get_trained_model(labels[0])
    assert shown.model_id == found[labels[0]].model_id
    assert shown.last_training_duration_in_seconds >= 1
    assert shown.has_snapshot is False
    did("list")


def deploy(name: str, deployment: str, label: str) -> None:
    client = project_client(name)
    client.deployment.begin_deploy_project(deployment, {"trainedModelLabel": label}).result()
    shown = client.deployment.get_deployment(deployment)
    assert shown.model_id == client.trained_model.get_trained_model(label).model_id
    did("deploy")


def swap(name: str) -> None:
    client = project_client(name)

    def answering() -> dict[str, str]:
        return {each.deployment_name: each.model_id for each in client.project.list_deployments()}

    before = answering()
    names = {"firstDeploymentName": "production", "secondDeploymentName": "staging"}
    client.project.begin_swap_deployments(names).result()
    after = answering()
    assert after == {"production": before["staging"], "staging": before["production"]}
    assert after != before
    did("swap")


def classify(name: str, kind: str) -> None:
    client = TextAnalysisClient(URL, AzureKeyCredential(KEY), retry_total=0, **QUICK)
    places = [names_of(each, 20)[-1] for each in CLASSES]
    inputs = [
        runtime.MultiLanguageInput(id=place, text=(Path(FOLDER) / place).read_text(), language="en")
        for place in places
    ]
    stated = {"projectName": name, "deploymentName": "production"}
    poller = client.begin_analyze_text_job(
        text_input=runtime.MultiLanguageTextInput(multi_language_inputs=inputs),
        actions=[runtime.AnalyzeTextOperationAction({"kind": kind, "parameters": stated})],
        display_name="A test",
    )
    state = poller.result()
    [item] = state.actions.items_property
    found = {each.id: each.class_property for each in item.results.documents}
    assert set(found) == set(places)
    for place, classes in found.items():
        if kind == SINGLE:
            assert [each.category for each in classes] == [place.split("/")[0]]
        else:
            assert place.split("/")[0] in [each.category for each in classes]
        assert all(0 <= each.confidence_score <= 1 for each in classes)
    did("classify")


def export(name: str) -> None:
    address: list[str] = []
    client = project_client(name).project
    client.begin_export(
        string_index_type="Utf16CodeUnit",
        cls=lambda response, *_: address.append(response.http_response.json()["resultUrl"]),
    ).result()
    found = requests.get(address[0], headers={"Ocp-Apim-Subscription-Key": KEY}, timeout=30).json()
    assert found["metadata"]["projectName"] == name
    assert len(found["assets"]["documents"]) == 36
    client.begin_import(authoring.ExportedProject(found)).result()
    did("export")


def errors(name: str) -> None:
    raised(ClientAuthenticationError, lambda: list(authoring_client("wrong").list_projects()))
    error = raised(ResourceNotFoundError, lambda: authoring_client().get_project("nothing"))
    assert error.error.code == "ProjectNotFound"
    client = project_client(name)
    raised(ResourceNotFoundError, lambda: client.trained_model.get_trained_model("nothing"))
    refused = raised(
        HttpResponseError,
        lambda: client.project.begin_train(
            {"modelLabel": "a b", "trainingConfigVersion": "latest"}
        ),
    )
    assert refused.status_code == 400
    assert refused.error.code == "InvalidRequest"
    assert refused.error.innererror["code"] == "bad-name"
    did("errors")


def delete(name: str) -> None:
    client = project_client(name)
    raised(ResourceExistsError, lambda: client.trained_model.delete_trained_model("first"))
    client.deployment.begin_delete_deployment("staging").result()
    client.deployment.begin_delete_deployment("production").result()
    client.trained_model.delete_trained_model("first")
    raised(ResourceNotFoundError, lambda: client.trained_model.get_trained_model("first"))
    authoring_client().begin_delete_project(name).result()
    raised(ResourceNotFoundError, lambda: authoring_client().get_project(name))
    did("delete")


def catalogue() -> None:
    client = authoring_client()
    assert "en" in [each.language_code for each in client.list_supported_languages()]
    versions = [each.training_config_version for each in client.list_training_config_versions()]
    assert "2022-05-01" in versions
    did("catalogue")


def live(name: str, kind: str) -> None:
    create(name, kind)
    bring_in(name, kind)
    train(name, "first")
    train(name, "second")
    cancel(name)
    evaluate(name, kind, "first")
    list_models(name, "first", "second")
    deploy(name, "production", "first")
    deploy(name, "staging", "second")
    swap(name)
    classify(name, kind)
    export(name)
    errors(name)
    delete(name)


if __name__ == "__main__":
    catalogue()
    live("Single", SINGLE)
    live("Multi", MULTI)
