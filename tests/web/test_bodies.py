"""Bodies are JSON in UTF-8 with whole characters and finite numbers; others store nothing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivar.core.strict_json import parsed
from tests.web.talking import Web

PROJECT = "/language/authoring/analyze-text/projects/P?api-version=2023-04-01"
LIST = "/language/authoring/analyze-text/projects?api-version=2023-04-01"
JOBS = "/language/analyze-text/jobs?api-version=2023-04-01"
HALVES = [rb"\ud800", rb"\udc00", rb"\\\ud83d", rb"\ud83d\ud83d", b"\xed\xa0\x80"]
MAKING = b'{"projectName": "P", "projectKind": "CustomSingleLabelClassification", %s}'


def send(web: Web, method: str, path: str, body: bytes) -> Any:
    headers = {"Ocp-Apim-Subscription-Key": web.key(), "Content-Type": "application/json"}
    return web.http.request(method, path, content=body, headers=headers)


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("place", [b'"description": "%s"', b'"settings": {"%s": 1}'])
def test_half_of_a_character_pair_is_stored_nowhere(web: Web, half: bytes, place: bytes) -> None:
    answer = send(web, "PATCH", PROJECT, MAKING % (place % half))
    assert answer.status_code == 400, answer.text
    assert "an unpaired surrogate" in answer.json()["error"]["message"]
    assert web.get(LIST).json() == {"value": []}


@pytest.mark.parametrize("half", HALVES)
def test_half_of_a_character_pair_is_no_text_to_classify(web: Web, half: bytes) -> None:
    place = b'{"projectName": "P", "deploymentName": "live"}'
    task = b'{"kind": "CustomSingleLabelClassification", "parameters": %s}' % place
    asked = b'{"analysisInput": {"documents": [{"id": "1", "text": "%s"}]}, "tasks": [%s]}'
    assert send(web, "POST", JOBS, asked % (b"whole", task)).status_code == 404
    assert send(web, "POST", JOBS, asked % (half, task)).status_code == 400
    assert send(web, "POST", "/api/v1/classify", b'{"text": "%s"}' % half).status_code == 400


@pytest.mark.parametrize("number", [b"NaN", b"-Infinity", b"1e999"])
def test_a_number_that_is_none_is_stored_nowhere(web: Web, number: bytes) -> None:
    answer = send(web, "PATCH", PROJECT, MAKING % (b'"settings": {"a": %s}' % number))
    assert answer.status_code == 400
    assert web.get(LIST).json() == {"value": []}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/v1/classify", b'{"text": "a", "text": "b"}'),
        ("PUT", "/api/v1/classifiers/x/review/verdicts", b'{"verdicts": {"i": "yes", "i": "no"}}'),
        ("PATCH", PROJECT, MAKING % b'"description": "a", "description": "b"'),
        ("POST", JOBS, b'{"tasks": [], "tasks": [1]}'),
        ("POST", PROJECT.replace("?", "/:import?"), b'{"assets": {"classes": [], "classes": []}}'),
        ("POST", "/language/text/authoring/v1.0-preview.2/projects", b'{"name": "P", "name": "Q"}'),
    ],
)
def test_a_key_given_twice_is_refused_by_its_name(
    web: Web, method: str, path: str, body: bytes
) -> None:
    answer = send(web, method, path, body).json()
    code = answer["error"]["innererror"]["code"] if "error" in answer else answer["code"]
    assert code == "repeated-key"
    assert "more than once" in str(answer)
    assert web.get(LIST).json() == {"value": []}


@pytest.mark.parametrize(
    "version", ["2019-01-01", "2023-04-02", "latest", "2023-04-01-Preview", ""]
)
def test_an_api_version_that_is_not_known_is_refused(web: Web, version: str) -> None:
    answer = web.get(LIST.replace("2023-04-01", version))
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "InvalidRequest")
    assert error["innererror"]["code"] == "unsupported-api-version"
    assert "2023-04-01" in error["message"]
    assert web.get(LIST.partition("?")[0]).status_code == 400  # none at all


def test_what_a_request_says_without_effect_is_refused(web: Web) -> None:
    made = send(web, "PATCH", PROJECT, MAKING % b'"description": "a"')
    assert made.status_code == 201
    refused = {
        PROJECT.replace("?", "/:export?trainedModelLabel=m&"): (b"", "no-snapshot"),
        "/api/v1/classifiers/x/review/batches": (b'{"size": 50}', "unexpected-body"),
        "/api/v1/classify": (b'{"text": "x", "words": "5"}', "invalid-request"),
    }
    for path, (body, code) in refused.items():
        assert f'"{code}"' in send(web, "POST", path, body).text, path
    kind = "/language/authoring/analyze-text/projects/global/languages?projectKind=Poem&"
    assert web.get(kind + LIST.partition("?")[2]).status_code == 400


def test_a_body_in_another_encoding_is_refused(web: Web) -> None:
    body = (MAKING % b'"description": "a\\u0000b"').decode().encode("utf-16")
    assert send(web, "PATCH", PROJECT, body).status_code == 400


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    ),
    st.booleans(),
)  # fmt: skip
def test_what_the_standard_allows_is_read_as_it_was_written(value: Any, spelt: bool) -> None:
    assert parsed(json.dumps(value, ensure_ascii=spelt).encode()) == value
