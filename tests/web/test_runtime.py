"""Predictions, exports and paging of the newer generation by plain HTTP."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cultivar.core.errors import NotFound, StoreUnavailable
from cultivar.core.roles import Role
from cultivar.operations.projects.deployments import deploy
from cultivar.operations.projects.predictions import Predictions
from cultivar.operations.tenant.people import grant_role
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

A = "/language/authoring/analyze-text/projects"
JOBS = "/language/analyze-text/jobs"
V = "?api-version=2023-04-01"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tenant whose projects ``Single`` and ``Multi`` answer under ``production``."""
    folder = tmp_path_factory.mktemp("runtime")
    web = Web(open_workspace(settings_of(folder / "home")))
    bootstrap(web.workspace, "alex")
    with_documents(web, folder / "documents")
    for name, kind in (("Single", SINGLE), ("Multi", MULTI)):
        imported(web, name, kind)
        web.post(f"{A}/{name}/:train{V}", {"modelLabel": "M"})
        train_what_was_asked(web)
        deploy(web.workspace, "alex", name, "production", "M")
    web.close()
    return folder / "home"


@pytest.fixture
def runtime(home: Path, tmp_path: Path) -> Iterator[Web]:
    web = Web(open_workspace(settings_of(copied_home(home, tmp_path))))
    yield web
    web.close()


def asked(*texts: str, project: str = "Single", kind: str = SINGLE) -> dict[str, Any]:
    documents = [{"id": str(n), "language": "en", "text": text} for n, text in enumerate(texts)]
    place = {"projectName": project, "deploymentName": "production"}
    return {
        "displayName": "A test",
        "analysisInput": {"documents": documents},
        "tasks": [{"kind": kind, "taskName": "0", "parameters": place}],
    }


def test_a_prediction_has_the_keys_of_the_contract(runtime: Web) -> None:
    answer = runtime.post(f"{JOBS}{V}", asked("apple orchard cider harvest", " "))
    assert answer.status_code == 202
    body = runtime.get(addressed(answer, "operation-location") + "&showStats=True").json()
    assert set(body) == {
        "jobId", "createdDateTime", "lastUpdatedDateTime", "expirationDateTime", "status",
        "errors", "displayName", "tasks",
    }  # fmt: skip
    [item] = body["tasks"]["items"]
    assert item["kind"] == f"{SINGLE}LROResults"
    assert item["taskName"] == "0"
    results = item["results"]
    [document] = results["documents"]
    assert document["class"][0]["category"] == "harvest"
    assert document["warnings"] == []
    assert document["statistics"] == {"charactersCount": 27, "transactionsCount": 1}
    [error] = results["errors"]
    assert (error["id"], error["error"]["code"]) == ("1", "InvalidArgument")
    assert results["statistics"] == {
        "documentsCount": 2, "validDocumentsCount": 1, "erroneousDocumentsCount": 1,
        "transactionsCount": 1,
    }  # fmt: skip


def test_a_document_of_unknown_words_is_warned_of_and_gets_no_certain_class(runtime: Web) -> None:
    answer = runtime.post(f"{JOBS}{V}", asked("zzz qqq", "apple orchard cider harvest"))
    body = runtime.get(addressed(answer, "operation-location")).json()
    unknown, known = body["tasks"]["items"][0]["results"]["documents"]
    assert [each["code"] for each in unknown["warnings"]] == ["NotEnoughKnownText"]
    assert unknown["class"][0]["confidenceScore"] <= 0.5
    assert known["warnings"] == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (asked(*["x"] * 26), 400, "too-many-to-predict"),
        (asked(), 400, "invalid-request"),
        (asked("x", project="nothing"), 404, "unknown-project"),
        (asked("x", project="Multi"), 400, "wrong-project-kind"),
        (asked("x", kind="Poem"), 400, "invalid-request"),
    ],
)
def test_what_cannot_be_predicted_says_why(
    runtime: Web, body: dict[str, Any], status: int, code: str
) -> None:
    answer = runtime.post(f"{JOBS}{V}", body)
    assert answer.status_code == status
    assert answer.json()["error"]["innererror"]["code"] == code


def test_a_prediction_outlives_its_server(runtime: Web) -> None:
    answer = runtime.post(f"{JOBS}{V}", asked("apple"))
    path = addressed(answer, "operation-location")
    runtime.app.state.app_context.predictions.write()
    again = Web(open_workspace(settings_of(runtime.workspace.settings.home)))
    assert again.get(path).json() == runtime.get(path).json()
    again.close()


def test_predictions_stay_in_memory_while_the_registry_cannot_be_written(
    runtime: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Predictions(runtime.workspace)
    with monkeypatch.context() as patch:

        def full() -> Any:
            raise StoreUnavailable("store-full", "The registry is full.")

        patch.setattr(type(runtime.workspace.registry), "transaction", lambda _: full())
        patch.setattr("cultivar.operations.projects.predictions.GATHER_SECONDS", 0.0)
        patch.setattr("cultivar.operations.projects.predictions.RETRY_SECONDS", 0.01)
        made = kept.add("alex", "Single", {}, {"tasks": []})
        with pytest.raises(StoreUnavailable):
            kept.write()
        assert kept.named("alex", made.id) == made
    for each in threading.enumerate():
        if each.name == "predictions":
            each.join()
    assert Predictions(runtime.workspace).named("alex", made.id).result == {"tasks": []}


def test_a_prediction_that_was_never_made_is_not_found(runtime: Web) -> None:
    with pytest.raises(NotFound):
        Predictions(runtime.workspace).named("alex", "nothing")


def test_a_listing_is_cut_and_followed(runtime: Web) -> None:
    def names(path: str) -> tuple[list[str], str | None]:
        body = runtime.get(path).json()
        return [each["projectName"] for each in body["value"]], body.get("nextLink")

    assert names(f"{A}{V}&top=1") == (["Multi"], None)
    assert names(f"{A}{V}&skip=1") == (["Single"], None)
    first, link = names(f"{A}{V}&maxpagesize=1")
    assert first == ["Multi"]
    assert link is not None
    second, end = names(link.removeprefix("http://testserver"))
    assert (second, end) == (["Single"], None)


def test_an_export_without_a_container_holds_its_texts_for_who_may_work(runtime: Web) -> None:
    body = {
        "metadata": {"projectKind": SINGLE, "language": "en"},
        "assets": {
            "classes": [{"category": "a"}],
            "documents": [{"location": "1", "text": "words", "class": {"category": "a"}}],
        },
    }
    runtime.post(f"{A}/Own/:import{V}", body)
    for each in threading.enumerate():
        if each.name.startswith("import-"):
            each.join()
    state = runtime.get(addressed(runtime.post(f"{A}/Own/:export{V}"))).json()
    path = state["resultUrl"].removeprefix("http://testserver")
    found = runtime.get(path).json()
    assert found["assets"]["documents"][0]["text"] == "words"
    assert runtime.post(f"{A}/Copy/:import{V}", found).status_code == 202
    grant_role(runtime.workspace, "alex", "sam", str(Role.SECURITY_ADMINISTRATOR))
    assert runtime.get(path, person="sam").status_code == 403


def test_a_model_in_use_is_not_deleted(runtime: Web) -> None:
    answer = runtime.call("DELETE", f"{A}/Single/models/M{V}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "Conflict")
    runtime.call("DELETE", f"{A}/Single/deployments/production{V}")
    assert runtime.call("DELETE", f"{A}/Single/models/M{V}").status_code == 204
