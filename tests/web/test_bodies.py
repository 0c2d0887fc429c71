"""Bodies are JSON in UTF-8 with whole characters and finite numbers; others store nothing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivar.web.strict_json import parsed
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
