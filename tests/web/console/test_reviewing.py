"""The review page by links and forms alone: batch, verdicts, undo, accuracy, who may."""

import re

from starlette.testclient import TestClient

from cultivar.operations.audit.audit import Wanted, audit_entries
from cultivar.operations.review.verdicts import review_state
from cultivar.operations.tenant.people import grant_role
from tests.web.console.conftest import signed_in
from tests.web.talking import Web

REVIEW = "/console/classifiers/contracts/review"


def items_of(page: str) -> list[str]:
    return re.findall(r'data-item="([^"]+)"', page)


def test_a_batch_is_reviewed_by_forms_alone(reviewable: Web, browser: TestClient) -> None:
    assert browser.post(f"{REVIEW}/batches").status_code == 303
    page = browser.get(REVIEW).text
    items = items_of(page)
    assert len(items) == 30
    assert "Do you agree?" in page
    assert '<mark class="for">' in page
    for place, item in enumerate(items):
        verdict = "no" if place == 0 else "yes"
        assert browser.post(
            f"{REVIEW}/verdicts", data={"item": item, "verdict": verdict}
        ).headers["location"] == REVIEW  # fmt: skip
    assert "Close the batch" in browser.get(REVIEW).text
    browser.post(f"{REVIEW}/batches/close")
    state = review_state(reviewable.workspace, "alex", "contracts")
    assert (state.reviewed, state.points[-1].agreed) == (30, 29)
    page = browser.get(REVIEW).text
    assert "97\N{NO-BREAK SPACE}%" in page
    assert "Why publish is not open" in page


def test_a_verdict_that_is_sent_again_changes_nothing(reviewable: Web, browser: TestClient) -> None:
    browser.post(f"{REVIEW}/batches")
    item = items_of(browser.get(REVIEW).text)[0]
    data, script = {"item": item, "verdict": "yes"}, {"accept": "application/json"}
    answers = [browser.post(f"{REVIEW}/verdicts", data=data, headers=script) for _ in range(3)]
    assert [each.json() for each in answers] == [{"presented": 30, "unanswered": 29}] * 3
    wanted = Wanted(subject="contracts", action="verdict")
    assert len(audit_entries(reviewable.workspace, "alex", wanted)) == 1
    undone = browser.post(f"{REVIEW}/verdicts", data=data | {"verdict": "undo"}, headers=script)
    assert undone.json()["unanswered"] == 30


def test_what_makes_no_sense_is_refused_with_its_code(browser: TestClient) -> None:
    script = {"accept": "application/json"}
    for data, code in (
        ({"item": "nothing", "verdict": "yes"}, "not-presented"),
        ({"item": "nothing", "verdict": "perhaps"}, "unknown-verdict"),
        ({"verdict": "yes"}, "unknown-item"),
    ):
        answer = browser.post(f"{REVIEW}/verdicts", data=data, headers=script)
        assert answer.json()["error"]["code"] == code
    early = browser.post(f"{REVIEW}/batches/close")
    assert (early.status_code, "no-open-batch" in early.text) == (409, True)
    assert browser.get("/console/classifiers/none/review").status_code == 404


def test_who_may_not_review_is_refused_on_the_server(reviewable: Web) -> None:
    grant_role(reviewable.workspace, "alex", "robin", "security administrator")
    grant_role(reviewable.workspace, "alex", "sam", "compliance administrator")
    for person in ("robin", "sam"):
        browser = signed_in(reviewable, person)
        assert browser.get("/console/classifiers/contracts").status_code == 200
        assert browser.post(f"{REVIEW}/batches").status_code == 403
    grant_role(reviewable.workspace, "alex", "nobody", "retention management")
    browser = signed_in(reviewable, "nobody")
    assert browser.get("/console/classifiers").status_code == 403


def test_the_overview_says_what_waits_and_where(browser: TestClient) -> None:
    page = browser.get("/console/").text
    assert f'href="{REVIEW}"' in page
    assert "Tested items to review" in page
    listed = browser.get("/console/classifiers").text
    assert "not measured" in listed
    shown = browser.get("/console/classifiers/contracts").text
    assert "Why publish is not open" in shown
