"""A request with an idempotency key is done once; a list's pages hold each entry once."""

import threading
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivar.core.errors import InvalidInput
from cultivar.core.roles import Actor
from cultivar.operations import idempotency as kept_replies
from cultivar.operations.idempotency import Named
from cultivar.operations.tenant.people import grant_role, revoke_role
from cultivar.web.pagination import Asked, page
from tests.web.talking import Web

PROJECT = "/language/authoring/analyze-text/projects/P?api-version=2023-04-01"
BODY = {"projectName": "P", "projectKind": "CustomSingleLabelClassification"}


def test_a_request_that_is_sent_twice_is_done_once(web: Web) -> None:
    once = {"Idempotency-Key": "a"}
    first = web.call("PATCH", PROJECT, BODY, headers=once)
    again = web.call("PATCH", PROJECT, BODY, headers=once)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert web.call("PATCH", PROJECT, BODY).status_code == 200


def test_an_idempotency_key_does_not_stand_for_another_request(web: Web) -> None:
    once = {"Idempotency-Key": "a"}
    web.call("PATCH", PROJECT, BODY, headers=once)
    answer = web.call("PATCH", PROJECT, {**BODY, "description": "x"}, headers=once)
    assert answer.status_code == 400
    assert answer.json()["error"]["innererror"]["code"] == "idempotency-key-reused"


def test_an_answer_is_not_given_again_to_a_key_that_lost_its_roles(web: Web) -> None:
    role = "compliance data administrator"
    grant_role(web.workspace, "alex", "sam", role)
    once = {"Idempotency-Key": "a"}
    first = web.call("PATCH", PROJECT, BODY, headers=once, person="sam")
    assert first.status_code == 201
    assert web.call("PATCH", PROJECT, BODY, headers=once, person="sam").status_code == 201
    revoke_role(web.workspace, "alex", "sam", role)
    refused = web.call("PATCH", PROJECT, BODY, headers=once, person="sam")
    assert refused.status_code == 403
    assert refused.json()["error"]["innererror"]["code"] == "roles-lost"


def test_a_refused_request_can_be_sent_again(web: Web) -> None:
    once = {"Idempotency-Key": "a"}
    path = "/language/authoring/analyze-text/projects/P/:export?api-version=2023-04-01"
    assert web.post(path, headers=once).status_code == 404
    web.call("PATCH", PROJECT, BODY)
    assert web.post(path, headers=once).status_code == 202


def test_the_same_idempotency_key_of_two_keys_is_two_requests(web: Web) -> None:
    once = {"Idempotency-Key": "a"}
    other = {"Ocp-Apim-Subscription-Key": web.key("alex", ["compliance administrator"])}
    assert web.call("PATCH", PROJECT, BODY, headers=once).status_code == 201
    assert web.call("PATCH", PROJECT, BODY, headers={**once, **other}).status_code == 200


def test_of_many_sendings_at_once_one_is_done(web: Web) -> None:
    path = "/language/authoring/analyze-text/projects/P/:export?api-version=2023-04-01"
    web.call("PATCH", PROJECT, BODY)
    answers: list[Any] = []

    def send() -> None:
        answers.append(web.post(path, headers={"Idempotency-Key": "a"}))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    done = {each.headers["operation-location"] for each in answers if each.status_code == 202}
    assert len(done) == 1
    assert {each.status_code for each in answers} <= {202, 409}


def test_a_request_whose_process_died_can_be_sent_again_later(web: Web) -> None:
    web.get("/api/v1/me")
    key_id = web.get("/api/v1/me").json()["key"]
    named = Named(key_id, "a", "0" * 64, Actor("alex"))
    assert kept_replies.begin(web.workspace, named) is None
    with pytest.raises(Exception, match="being answered"):
        kept_replies.begin(web.workspace, named)
    later = web.workspace.clock() + kept_replies.ABANDONED * 1.1
    object.__setattr__(web.workspace, "clock", lambda: later)
    assert kept_replies.begin(web.workspace, named) is None


rows = st.lists(st.tuples(st.text(max_size=5), st.integers()), unique=True, max_size=40)


@given(rows, st.integers(1, 7))
def test_pages_hold_each_entry_once_and_in_order(
    entries: list[tuple[str, int]], limit: int
) -> None:
    seen: list[tuple[str, int]] = []
    cursor: str | None = None
    for _ in range(len(entries) + 1):
        found = page(entries, list, Asked(limit, cursor))
        seen += found["items"]
        cursor = found["next"]
        if cursor is None:
            break
    assert seen == sorted(entries)


@given(st.text(max_size=60))
def test_what_is_no_cursor_is_refused_or_reads_as_a_place(cursor: str) -> None:
    with suppress(InvalidInput):
        page([("a", 1), ("b", 2)], list, Asked(1, cursor))


def test_a_cursor_of_another_list_is_refused(web: Web) -> None:
    cursor = page([(1,), (2,)], list, Asked(1, None))["next"]
    web.call("PATCH", PROJECT, BODY)
    with pytest.raises(InvalidInput):
        page([("a",), ("b",)], list, Asked(1, cursor))
    assert web.get("/api/v1/classifiers?cursor=%21%21").status_code == 422
