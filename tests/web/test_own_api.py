"""Cultivar's own API: the life of a classifier over HTTP, from review to feedback."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cultivar import Client
from cultivar.core.errors import InvalidInput, NotFound, NotPermitted
from cultivar.core.schemas import ITEMS
from cultivar.operations.content.aggregation import aggregate
from cultivar.operations.content.crawl_records import record_crawl
from cultivar.operations.outbox import TESTING_DUE, due
from cultivar.operations.policies.manual_labels import set_label
from cultivar.operations.scoring.explanation import explain_text
from cultivar.operations.tenant.people import grant_role
from tests.operations.organisation import CONTRACT, Organisation, written
from tests.web.talking import Web

C = "/api/v1/classifiers/contracts"
TEXT = written(CONTRACT, 4_711, 80)


class Through(httpx.BaseTransport):
    """Carries the client's requests into an application of this process."""

    def __init__(self, web: Web) -> None:
        self._web = web

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._web.http.request(
            request.method, str(request.url), content=request.read(), headers=dict(request.headers)
        )
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


@pytest.fixture
def client(used: Web) -> Iterator[Client]:
    with Client("http://testserver", used.key(), transport=Through(used)) as made:
        yield made


def test_a_text_gets_score_prediction_and_an_exact_explanation(used: Web) -> None:
    answer = used.post("/api/v1/classify", {"text": TEXT, "words": 1_000})
    [found] = answer.json()["results"]
    said = explain_text(used.workspace, "alex", "contracts", TEXT, None)
    assert found["prediction"] == "match"
    assert found["score"] == pytest.approx(said.score)
    assert found["version"] == said.version_id
    assert len(found["words"]) == len(said.words)
    assert sum(each["weight"] for each in found["words"]) == pytest.approx(
        sum(each.weight for each in said.words)
    )
    assert all(TEXT[each["start"] : each["end"]] == each["word"] for each in found["words"])


def test_a_file_is_read_as_a_crawl_reads_it(used: Web) -> None:
    html = f"<html><body><p>{TEXT}</p></body></html>".encode()
    sent = {"name": "letter.html", "content": base64.b64encode(html).decode()}
    [found] = used.post("/api/v1/classify", {"file": sent}).json()["results"]
    assert found["prediction"] == "match"
    assert found["words"] == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "text-or-file"),
        ({"text": "x", "file": {"name": "a.txt", "content": "eA=="}}, 422, "text-or-file"),
        ({"file": {"name": "a.txt", "content": "no base64 é"}}, 422, "bad-base64"),
        ({"file": {"name": "a.pdf", "content": "AAAA"}}, 422, "not-readable"),
        ({"file": {"name": "../../a.exe", "content": "AAAA"}}, 422, "not-readable"),
        ({"text": ""}, 422, "not-readable"),
        ({"text": " \u200b\n"}, 422, "not-readable"),
        ({"file": {"name": "a.txt", "content": "AAABAgAAAQI="}}, 422, "not-readable"),
        ({"text": "x", "classifiers": ["nothing"]}, 404, "unknown-classifier"),
        ({"text": "x", "wrods": 5}, 422, "invalid-request"),
    ],
)
def test_what_cannot_be_classified_says_why(
    used: Web, body: dict[str, Any], status: int, code: str
) -> None:
    answer = used.post("/api/v1/classify", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_the_requests_of_the_page_are_answered(used: Web) -> None:
    page = (Path(__file__).parents[2] / "docs" / "rest.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\$ curl -s http://[^/]+(/api/v1/\w+) .*?-d '(.*?)'$", page, re.M | re.S)
    assert [path for path, _ in shown] == [*["/api/v1/classify"] * 2, "/api/v1/policies"]
    for path, body in shown:
        answer = used.post(path, json.loads(body))
        assert answer.status_code in {200, 201}, answer.text


def test_a_classifier_that_is_not_published_classifies_nothing(reviewable: Web) -> None:
    assert reviewable.post("/api/v1/classify", {"text": "x"}).json()["results"] == []
    answer = reviewable.post("/api/v1/classify", {"text": "x", "classifiers": ["contracts"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "not-published")


def test_the_top_of_the_content_is_judged_over_http(reviewable: Web) -> None:
    assert reviewable.get(f"{C}/review/content").json()["batch"] is None
    state = reviewable.post(f"{C}/review/content/batches").json()
    assert (state["batch"], state["presented"]) == (1, 30)
    items = reviewable.get(f"{C}/review/content/items").json()["items"]
    assert [each["position"] for each in items] == list(range(30))
    first = {each["item_id"]: "yes" for each in items[:10]}
    reviewable.call("PUT", f"{C}/review/content/verdicts", {"verdicts": first})
    state = reviewable.post(f"{C}/review/content/batches/renew").json()
    assert (state["batch"], state["presented"], state["unanswered"]) == (1, 30, 20)
    items = reviewable.get(f"{C}/review/content/items").json()["items"]
    verdicts = {each["item_id"]: "yes" for each in items}
    reviewable.call("PUT", f"{C}/review/content/verdicts", {"verdicts": verdicts})
    item = items[0]["item_id"]
    state = reviewable.call("DELETE", f"{C}/review/content/verdicts/{item}").json()
    assert state["unanswered"] == 1
    early = reviewable.post(f"{C}/review/content/batches/close")
    assert (early.status_code, early.json()["code"]) == (409, "batch-not-complete")
    reviewable.call("PUT", f"{C}/review/content/verdicts", {"verdicts": {item: "no"}})
    state = reviewable.post(f"{C}/review/content/batches/close").json()
    assert (state["judged"], state["learning"], state["batch"]) == (30, True, None)
    assert reviewable.runs.started == [("sweep", {})]
    correction = {"verdicts": {item: "yes"}, "reason": "The reviewer misread it."}
    early = reviewable.post(f"{C}/review/content/corrections", correction)
    assert (early.status_code, early.json()["code"]) == (409, "learning")
    # none of it is a review
    review = reviewable.get(f"{C}/review").json()
    assert (review["reviewed"], review["decided"], review["accuracy"]) == (0, 0, None)


@pytest.mark.requirement("TC-51", "TC-52", "TC-53", "TC-54")
def test_a_batch_is_reviewed_over_http(reviewable: Web) -> None:
    assert reviewable.get(f"{C}/review/items").json()["items"] == []
    state = reviewable.post(f"{C}/review/batches").json()
    assert (state["presented"], state["unanswered"]) == (30, 30)
    first = reviewable.get(f"{C}/review/items?limit=20").json()
    rest = reviewable.get(f"{C}/review/items?limit=20&cursor={first['next']}").json()
    items = [*first["items"], *rest["items"]]
    assert len({each["item_id"] for each in items}) == 30
    assert rest["next"] is None
    assert {each["shown_as"] for each in items} == {"Relevant", "Not relevant"}
    early = reviewable.post(f"{C}/review/batches/close")
    assert (early.status_code, early.json()["code"]) == (409, "batch-not-complete")
    skipped, undone, *others = [each["item_id"] for each in items]
    reviewable.post(f"{C}/review/items/{skipped}/skip")
    verdicts = dict.fromkeys([undone, *others], "yes")
    reviewable.call("PUT", f"{C}/review/verdicts", {"verdicts": verdicts})
    state = reviewable.call("DELETE", f"{C}/review/verdicts/{undone}").json()
    assert state["unanswered"] == 2
    left = reviewable.get(f"{C}/review/items").json()["items"]
    answers = {each["item_id"]: "not sure" for each in left}
    reviewable.call("PUT", f"{C}/review/verdicts", {"verdicts": answers})
    point = reviewable.post(f"{C}/review/batches/close").json()
    assert (point["decided"], point["agreed"], point["accuracy"]) == (28, 28, 1.0)
    assert reviewable.runs.started == [("sweep", {})]
    correction = {"verdicts": {others[0]: "no"}, "reason": "The reviewer misread it."}
    early = reviewable.post(f"{C}/review/corrections", correction)
    assert (early.status_code, early.json()["code"]) == (409, "learning")
    Organisation(reviewable.workspace).settle("contracts", ["too-few-reviews"])
    state = reviewable.post(f"{C}/review/corrections", correction).json()
    assert (state["decided"], state["points"][-1]["agreed"], state["learning"]) == (28, 27, True)
    unknown = {"verdicts": {"x": "no"}, "reason": "The reviewer misread it."}
    Organisation(reviewable.workspace).settle("contracts", ["too-few-reviews"])
    refused = reviewable.post(f"{C}/review/corrections", unknown)
    assert (refused.status_code, refused.json()["code"]) == (404, "not-reviewed")


@pytest.mark.requirement("TC-55")
def test_publish_before_enough_reviews_is_refused_and_overridden_on_record(
    reviewable: Web,
) -> None:
    refused = reviewable.post(f"{C}/publish")
    assert (refused.status_code, refused.json()["code"]) == (409, "too-few-reviews")
    organisation = Organisation(reviewable.workspace)
    organisation.review_batch("contracts")
    organisation.settle("contracts", ["too-few-reviews"])
    reason = {"override_reason": "The lawyers looked at all of them."}
    made = reviewable.post(f"{C}/publish", reason).json()
    assert made["evidence"]["override_reason"] == reason["override_reason"]
    assert reviewable.runs.started == [("sweep", {})]
    assert reviewable.get(C).json()["published_version"] == made["version_id"]


def test_creating_is_planned_first_and_then_due(reviewable: Web) -> None:
    given = {"name": "More", "description": "x", "seeds": "contracts-seeds/Documents/seeds"}
    plan = reviewable.post("/api/v1/classifiers/plan", given).json()
    assert (plan["classifier_id"], plan["used"]) == ("more", 60)
    assert reviewable.get("/api/v1/classifiers/more").status_code == 404
    made = reviewable.post("/api/v1/classifiers", given)
    assert (made.status_code, made.json()["after"]) == (202, "In progress")
    assert int(made.headers["Retry-After"]) > 0
    assert reviewable.get(made.headers["Location"]).json()["status"] == "In progress"
    again = reviewable.post("/api/v1/classifiers", given)
    assert (again.status_code, again.json()["code"]) == (409, "name-taken")
    assert reviewable.runs.started == [("sweep", {})]


def test_lists_are_paged_by_cursors(used: Web) -> None:
    given = {"name": "Another", "seeds": "contracts-seeds/Documents/seeds"}
    used.post("/api/v1/classifiers", given)
    first = used.get("/api/v1/classifiers?limit=1").json()
    second = used.get(f"/api/v1/classifiers?limit=1&cursor={first['next']}").json()
    assert [each["id"] for page in (first, second) for each in page["items"]] == [
        "another",
        "contracts",
    ]
    assert second["next"] is None


@pytest.mark.requirement("RT-05", "RT-19", "RT-21")
def test_feedback_is_sent_for_many_items_at_once_and_taken_back(used: Web) -> None:
    items = used.get(f"{C}/feedback/items").json()["items"]
    assert items == sorted(items, key=lambda each: (each["prediction"] == "match", each["item_id"]))
    judged = [{"item": each["item_id"], "verdict": "match"} for each in items[:3]]
    sent = used.post(f"{C}/feedback", {"items": judged, "copies": True}).json()
    assert (sent["items"], sent["counted"], sent["due"]) == (3, 3, False)
    assert sent["copies"] == []
    again = used.post(f"{C}/feedback", {"items": judged}).json()
    assert (again["counted"], again["counting"], again["counted_before"]) == (3, 0, 3)
    back = used.call("DELETE", f"{C}/feedback/{judged[0]['item']}").json()
    assert back["counted"] == 2
    assert len(used.get(f"{C}/feedback").json()["verdicts"]) == 2
    sends = used.get(f"{C}/feedback/sends").json()["items"]
    assert [(each["verdicts"], each["standing"]) for each in sends] == [(3, 0), (3, 2)]
    whole = used.call("DELETE", f"{C}/feedback/sends/2").json()
    assert (whole["items"], whole["counted"]) == (2, 2)
    assert used.call("DELETE", f"{C}/feedback/sends/9").json()["code"] == "unknown-send"
    wrong = used.post(f"{C}/feedback", {"items": [{"item": "x", "verdict": "perhaps"}]})
    assert wrong.status_code == 422


@pytest.mark.requirement("RT-08")
def test_the_thirtieth_judged_item_starts_the_retraining(used: Web) -> None:
    items = used.get(f"{C}/feedback/items?limit=30").json()["items"]
    judged = [{"item": each["item_id"], "verdict": "match"} for each in items]
    assert len(judged) == 30
    sent = used.post(f"{C}/feedback", {"items": judged}).json()
    assert sent["due"]
    assert used.runs.started == [("sweep", {})]


def test_policies_are_written_changed_switched_and_tried(used: Web) -> None:
    name = "keep-contracts"
    [listed] = used.get("/api/v1/policies").json()["items"]
    assert listed["policy_id"] == name
    trial = used.post(f"/api/v1/policies/{name}/trial").json()
    assert trial["reached"] >= trial["would_label"] >= 1
    changed = used.call("PATCH", f"/api/v1/policies/{name}", {"priority": 9}).json()
    assert (changed["priority"], changed["version"]) == (9, 2)
    off = used.call("PUT", f"/api/v1/policies/{name}/enabled", {"enabled": False}).json()
    assert off["enabled"] is False
    assert len(used.get(f"/api/v1/policies/{name}").json()["versions"]) == 2


def test_the_explorer_lists_counts_and_opens(used: Web) -> None:
    early = used.get("/api/v1/explorer/items")
    assert (early.status_code, early.json()["code"]) == (409, "not-aggregated")
    aggregate(used.workspace, "alex")
    groups = used.get("/api/v1/explorer/groups").json()["groups"]
    assert groups[0]["entries"][0]["id"] == "contracts"
    first = used.get("/api/v1/explorer/items?classifier=contracts&limit=2").json()
    more = used.get(f"/api/v1/explorer/items?classifier=contracts&limit=2&cursor={first['next']}")
    ids = [each["item_id"] for each in [*first["items"], *more.json()["items"]]]
    assert len(set(ids)) == 4
    assert used.get("/api/v1/explorer/folders").json()["folders"]
    opened = used.get(f"/api/v1/explorer/items/{ids[0]}").json()
    assert opened["text"]
    bad = used.get("/api/v1/explorer/items?since=0001-01-01T00:00:00%2B05:00")
    assert bad.status_code == 422


def test_items_that_are_not_found_again_are_listed_by_page(used: Web) -> None:
    workspace = used.workspace
    held = [each["item_id"] for each in used.get(f"{C}/feedback/items").json()["items"][:2]]
    grant_role(workspace, "alex", "alex", "record management")
    for item in held:
        set_label(workspace, "alex", item, "retention label", "Legal hold")
    assert used.get("/api/v1/explorer/not-found-again").json()["items"] == []
    empty = workspace.artifacts.write("items", ITEMS.arrow.empty_table(), producer="crawl")
    record_crawl(workspace, "mail", empty, {})
    first = used.get("/api/v1/explorer/not-found-again?limit=1&location=mail").json()
    more = used.get(f"/api/v1/explorer/not-found-again?cursor={first['next']}").json()
    both = [*first["items"], *more["items"]]
    assert {each["item_id"] for each in both} == set(held)
    assert both[0]["resting"] == ["retention label Legal hold given by alex"]
    unknown = used.get("/api/v1/explorer/not-found-again?location=mial").json()
    assert unknown["code"] == "unknown-location"


def test_test_items_are_taken_out_again_by_their_folder(reviewable: Web) -> None:
    only = reviewable.call("DELETE", f"{C}/test-items?source=tests/Documents")
    assert (only.status_code, only.json()["code"]) == (409, "only-test-source")
    organisation = Organisation(reviewable.workspace)
    organisation.test("contracts", site="more", start=70_000)
    gone = reviewable.call("DELETE", f"{C}/test-items?source=more/Documents")
    assert gone.status_code == 202
    assert reviewable.runs.started == [("sweep", {})]
    [due_now] = due(reviewable.workspace, TESTING_DUE)
    assert due_now.payload["remove"] is True


def test_the_client_lives_a_review_and_raises_what_the_server_refuses(
    reviewable: Web,
) -> None:
    with Client("http://testserver", reviewable.key(), transport=Through(reviewable)) as client:
        items = client.review_items("contracts")
        client.give_verdicts("contracts", {each["item_id"]: "yes" for each in items})
        assert client.close_batch("contracts")["agreed"] == 30
        Organisation(reviewable.workspace).settle("contracts", ["too-few-reviews"])
        made = client.publish("contracts", "For a test.")
        assert client.classifier("contracts")["published_version"] == made["version_id"]


def test_the_client_classifies_and_lists(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text(TEXT, encoding="utf-8")
    by_text, by_file = client.classify(TEXT, words=3), client.classify(file=file)
    assert by_text[0]["score"] == pytest.approx(by_file[0]["score"])
    assert len(by_text[0]["words"]) == 3
    assert [each["id"] for each in client.classifiers()] == ["contracts"]
    assert [each["policy_id"] for each in client.policies()] == ["keep-contracts"]


def test_the_client_raises_errors_with_the_servers_code(used: Web, client: Client) -> None:
    with pytest.raises(NotFound) as missing:
        client.classifier("nothing")
    assert missing.value.code == "unknown-classifier"
    with pytest.raises(InvalidInput) as wrong:
        client.create_project("a b", "single-label")
    assert wrong.value.code == "bad-name"
    with (
        Client("http://testserver", "wrong", transport=Through(used)) as stranger,
        pytest.raises(NotPermitted) as refused,
    ):
        stranger.projects()
    assert refused.value.code == "no-valid-key"
    with pytest.raises(InvalidInput) as unsent:
        Client("http://testserver", "schlüssel")
    assert unsent.value.code == "bad-key"
    with pytest.raises(InvalidInput) as broken:
        client.classify("half of a pair: \ud800")
    assert broken.value.code == "not-text"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/api/v1/explorer/items?classifer=contracts", "did you mean classifier?"),
        ("/api/v1/explorer/groups?limit=1", "It takes none."),
        (f"{C}/review?nonsense=", "It takes none."),
        ("/api/v1/me?key=1", "It takes none."),
    ],
)
def test_an_unknown_query_parameter_is_refused(used: Web, path: str, said: str) -> None:
    answer = used.get(path)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-parameter")
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=5&limit=6", "invalid-request"),
        ("location=mail&location=other", "invalid-request"),
        ("score_from=0.9&score_to=0.1", "empty-range"),
        ("since=2024-05-01T00:00:00Z&until=2023-05-01T00:00:00Z", "empty-range"),
    ],
)
def test_what_is_asked_twice_or_cannot_be_is_refused(used: Web, query: str, code: str) -> None:
    answer = used.get(f"/api/v1/explorer/items?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_value_that_a_list_does_not_know_is_refused_with_those_that_it_knows(used: Web) -> None:
    aggregate(used.workspace, "alex")
    unknown = {
        "type=txtt": ("unknown-type", "Did you mean txt"),
        "type=nonsense": ("unknown-type", "There are: text/plain"),
        "workload=mail": ("unknown-workload", "exchange"),
        "order=newst": ("unknown-order", "newest"),
        "prediction=maybe": ("unknown-prediction", "close match"),
        "label=x": ("unknown-label", "There"),
        "since=2024": ("invalid-request", "2024-05-01T00:00:00Z"),
    }
    for query, (code, said) in unknown.items():
        answer = used.get(f"/api/v1/explorer/items?{query}").json()
        assert answer["code"] == code
        assert said in answer["detail"]
    assert used.get("/api/v1/explorer/items?type=.PDF").json()["items"] == []  # read, none listed


def test_known_query_parameters_are_taken(used: Web) -> None:
    assert used.get("/api/v1/explorer/items?type=txt&limit=1&order=place").status_code in (200, 409)


@pytest.mark.parametrize(
    ("kind", "said"),
    [("text/plain", "sent as text/plain"), ("", "without a Content-Type")],
)
def test_a_body_that_is_not_sent_as_json_names_the_header(used: Web, kind: str, said: str) -> None:
    headers = {"Ocp-Apim-Subscription-Key": used.key()} | ({"Content-Type": kind} if kind else {})
    answer = used.http.post("/api/v1/classify", content=b'{"text": "x"}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "not-json")
    assert said in answer.json()["detail"]
    assert "Content-Type: application/json" in answer.json()["detail"]


def test_malformed_json_is_named_by_line_and_column(used: Web) -> None:
    headers = {"Ocp-Apim-Subscription-Key": used.key(), "Content-Type": "application/json"}
    body = b'{\n  "text": "x",\n  "words" 5\n}'
    answer = used.http.post("/api/v1/classify", content=body, headers=headers)
    assert answer.status_code == 422
    assert "line 3, column 11" in answer.json()["detail"]
