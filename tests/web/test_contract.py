"""The whole REST surface, fuzzed from its own document: no 5xx, no undocumented answer.

Requests that fit the document, some of them about things that exist, and requests that do not.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cultivar.operations.projects.deployments import deploy
from cultivar.store.workspace import open_workspace
from cultivar.web import health
from cultivar.web.api import own_routes
from cultivar.web.authentication import OPEN
from cultivar.web.language import language_routes
from cultivar.web.language.wire import AUTHORING
from tests.web.conftest import copied_home, settings_of
from tests.web.projects import SINGLE, imported, train_what_was_asked, with_documents
from tests.web.talking import Web

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "6"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
KNOWN = {"name": "contracts", "project": "Kept", "label": "M", "item": "0"}


def operations() -> list[tuple[str, str]]:
    """Return method and path of every route."""
    routers = (health.router, *own_routes(), *language_routes())
    found = [route for router in routers for route in router.routes]
    return [
        (method, route.path)
        for route in found
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
    ]


def test_the_documentation_names_the_last_part_of_every_own_route() -> None:
    text = (Path(__file__).parents[2] / "docs" / "rest.md").read_text(encoding="utf-8")
    own = {each.rsplit("/", 1)[-1] for _, each in operations() if each.startswith("/api/v1")}
    assert {end for end in own if f"/{end}" not in text} == set()


@pytest.fixture(scope="module")
def fuzzed(used_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The application over a classifier in use and a project, shared by all operations."""
    home = copied_home(used_home, tmp_path_factory.mktemp("fuzzed"))
    web = Web(open_workspace(settings_of(home)))
    with_documents(web, tmp_path_factory.mktemp("documents"))
    imported(web, "Kept", SINGLE)
    train = f"{AUTHORING}/Kept/:train?api-version=2023-04-01"
    web.post(train, {"modelLabel": "M"})
    train_what_was_asked(web)
    deploy(web.workspace, "alex", "Kept", "contracts", "M")
    yield web
    web.close()


@pytest.fixture(scope="module")
def document(fuzzed: Web) -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", fuzzed.app)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "known"),
    [
        (GenerationMode.POSITIVE, False),
        (GenerationMode.POSITIVE, True),
        (GenerationMode.NEGATIVE, False),
    ],
    ids=["fitting", "of what exists", "not fitting"],
)
@pytest.mark.parametrize(("method", "path"), operations())
def test_no_operation_answers_what_its_document_does_not_say(
    *, method: str, path: str, mode: GenerationMode, known: bool, document: Any, fuzzed: Web
) -> None:
    if mode is GenerationMode.NEGATIVE and path in OPEN:
        pytest.skip("the route takes nothing that could be wrong")
    operation = document[path][method]
    fixed = {name: value for name, value in KNOWN.items() if known and f"{{{name}}}" in path}
    if "project" in fixed and method == "DELETE":
        fixed["project"] = "P"

    @given(case=operation.as_strategy(generation_mode=mode, path_parameters=fixed or None))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    def holds(case: Any) -> None:
        fuzzed.call("PATCH", PROJECT, BODY)
        case.call_and_validate(headers={"Ocp-Apim-Subscription-Key": fuzzed.key()}, checks=CHECKS)

    holds()


PROJECT = "/language/authoring/analyze-text/projects/P?api-version=2023-04-01"
BODY = {"projectName": "P", "projectKind": "CustomSingleLabelClassification"}
