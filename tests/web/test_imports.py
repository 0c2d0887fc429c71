"""Imports that are broken, wrong or hostile: a clear 4xx, and nothing stored."""

import copy
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from cultivar.operations.tenant.tenant import bootstrap
from cultivar.store.tables import ArtifactRow, ProjectJobRow, ProjectRow
from cultivar.store.workspace import open_workspace
from tests.web.conftest import settings_of
from tests.web.projects import SINGLE, with_documents
from tests.web.serving import labels
from tests.web.talking import Web

PATH = "/language/authoring/analyze-text/projects/P/:import?api-version=2023-04-01"
GOOD = labels(SINGLE)
Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def taking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A tenant with a container and no project."""
    folder = tmp_path_factory.mktemp("imports")
    web = Web(open_workspace(settings_of(folder / "home")))
    bootstrap(web.workspace, "alex")
    with_documents(web, folder / "documents")
    yield web
    web.close()


def held(web: Web) -> dict[str, int]:
    """Return how many rows and files there are of what an import makes."""
    with web.workspace.registry.reading() as session:
        counts = {
            table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
            for table in (ProjectRow, ProjectJobRow, ArtifactRow)
        }
    artifacts = web.workspace.settings.home / "artifacts"
    files = sum(1 for each in artifacts.rglob("*") if each.is_file()) if artifacts.exists() else 0
    return {**counts, "files": files}


def send(web: Web, body: bytes) -> Any:
    headers = {"Ocp-Apim-Subscription-Key": web.key(), "Content-Type": "application/json"}
    return web.http.post(PATH, content=body, headers=headers)


def refused(web: Web, body: bytes) -> str:
    """Send what must be refused, and return the code."""
    web.key()
    before = held(web)
    answer = send(web, body)
    assert 400 <= answer.status_code < 500, answer.text
    error = answer.json()["error"]
    assert error["message"]
    assert held(web) == before
    code: str = error["innererror"]["code"]
    return code


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"nonsense", b"[]", b"null", b'"text"', b"\xff\xfe", b"\x00" * 10,
        b'{"assets": NaN}', b"[" * 100_000, b'{"a":' * 50_000, json.dumps(GOOD).encode()[:-10],
    ],
    ids=lambda body: str(body[:20]),
)  # fmt: skip
def test_what_is_no_labels_file_is_refused(taking: Web, body: bytes) -> None:
    assert refused(taking, body) in {"bad-json", "bad-labels-file"}


def _document(**changes: Any) -> Change:
    return lambda body: body["assets"]["documents"][0].update(changes)


def _two_classes(body: dict[str, Any]) -> None:
    document = body["assets"]["documents"][0]
    del document["class"]
    document["classes"] = [{"category": "contract"}, {"category": "harvest"}]


def _twice(body: dict[str, Any]) -> None:
    body["assets"]["documents"].append(copy.deepcopy(body["assets"]["documents"][0]))


WRONG: dict[str, tuple[Change, str]] = {
    "class not declared": (_document(**{"class": {"category": "poem"}}), "unknown-class"),
    "two classes": (_two_classes, "several-classes"),
    "document twice": (_twice, "repeated-document"),
    "class twice": (
        lambda body: body["assets"]["classes"].append({"category": "contract"}),
        "repeated-class",
    ),
    "class without a name": (
        lambda body: body["assets"]["classes"].append({"category": ""}),
        "bad-class",
    ),
    "too many classes": (
        lambda body: body["assets"]["classes"].extend({"category": f"c{n}"} for n in range(200)),
        "too-many-classes",
    ),
    "kind of poem": (
        lambda body: body["metadata"].update(projectKind="Poem"),
        "unknown-project-kind",
    ),
    "no such container": (
        lambda body: body["metadata"].update(storageInputContainerName="nowhere"),
        "unknown-container",
    ),
    "documents are a number": (lambda body: body["assets"].update(documents=7), "bad-labels-file"),
    "documents are texts": (lambda body: body["assets"].update(documents=["a"]), "bad-labels-file"),
    "dataset of dreams": (_document(dataset="Dream"), "bad-dataset"),
    "half of a class's character": (
        lambda body: body["assets"]["classes"].append({"category": "\ud800"}),
        "bad-class",
    ),
    "a setting that is no number": (
        lambda body: body["metadata"].update(settings={"confidenceThreshold": float("nan")}),
        "bad-settings",
    ),
    "half of a setting's character": (
        lambda body: body["metadata"].update(settings={"\ud800": 1}),
        "bad-settings",
    ),
    "too much to say": (
        lambda body: body["metadata"].update(description="x" * 2_001),
        "too-long",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_breaks_a_rule_is_refused_by_its_name(taking: Web, name: str) -> None:
    change, code = WRONG[name]
    body = copy.deepcopy(GOOD)
    change(body)
    found = refused(taking, json.dumps(body).encode())
    assert found == code


@pytest.mark.parametrize(
    "place",
    [
        "../secret.txt", "contract/../../secret.txt", "/etc/passwd", "..", ".", "", "a//b",
        "file:///etc/passwd", "s3://bucket/x", "contract\\..\\x", "a\x00b", "~/x/../../y",
        "\ud800", "a" * 2_000, "C:\\windows",
    ],
    ids=repr,
)  # fmt: skip
def test_a_documents_name_cannot_lead_out_of_its_container(taking: Web, place: str) -> None:
    body = copy.deepcopy(GOOD)
    body["assets"]["documents"][0]["location"] = place
    found = refused(taking, json.dumps(body).encode())
    assert found in {"bad-document-name", "bad-labels-file", "bad-json", "nul-character"}


@pytest.mark.parametrize("name", ["a b", "x" * 51, "..", "%2e%2e", "a%00b", "%20"])
def test_a_projects_name_cannot_be_a_path(taking: Web, name: str) -> None:
    before = held(taking)
    headers = {"Ocp-Apim-Subscription-Key": taking.key()}
    path = PATH.replace("/P/", f"/{name}/")
    answer = taking.http.post(path, content=json.dumps(GOOD), headers=headers)
    assert 400 <= answer.status_code < 500
    assert held(taking) == {**before}


def test_a_hundred_megabytes_are_refused(taking: Web) -> None:
    body = copy.deepcopy(GOOD)
    body["assets"]["padding"] = "x" * 100_000_000
    assert refused(taking, json.dumps(body).encode()) == "request-too-long"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
PLACES = [
    ("metadata",), ("assets",), ("assets", "classes"), ("assets", "documents"),
    ("metadata", "settings"), ("metadata", "projectKind"), ("metadata", "language"),
    ("metadata", "multilingual"), ("metadata", "description"),
    ("metadata", "storageInputContainerName"), ("assets", "documents", 0),
    ("assets", "documents", 0, "class"), ("assets", "documents", 0, "location"),
    ("assets", "documents", 0, "language"), ("assets", "documents", 0, "text"),
    ("assets", "classes", 0), ("assets", "classes", 0, "category"),
]  # fmt: skip


@given(st.sampled_from(PLACES), json_values)
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_no_value_in_any_place_is_a_defect(
    taking: Web, place: tuple[str | int, ...], value: Any
) -> None:
    body: Any = copy.deepcopy(GOOD)
    inside = body
    for part in place[:-1]:
        inside = inside[part]
    inside[place[-1]] = value
    # every import of this test ends before the next, as all are into one project
    answer = send(taking, json.dumps(body).encode())
    assert answer.status_code < 500, answer.text
    for each in threading.enumerate():
        if each.name.startswith("import-"):
            each.join()


def test_an_import_that_is_refused_leaves_the_project_as_it_was(
    taking: Web, tmp_path: Path
) -> None:
    assert send(taking, json.dumps(GOOD).encode()).status_code == 202
    for each in threading.enumerate():
        if each.name.startswith("import-"):
            each.join()
    path = "/language/authoring/analyze-text/projects/P?api-version=2023-04-01"
    before = taking.get(path).json()
    body = copy.deepcopy(GOOD)
    body["assets"]["documents"][0]["class"]["category"] = "poem"
    body["metadata"]["description"] = "other"
    refused(taking, json.dumps(body).encode())
    assert taking.get(path).json() == before
