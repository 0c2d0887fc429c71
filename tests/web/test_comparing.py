"""Comparison batches over HTTP: asked for, listed, judged, corrected; they decide and no review."""

from typing import Literal

import httpx

from cultivar import Client
from tests.operations.mail import CLASSIFIER, retrain_without_evidence
from tests.operations.organisation import Organisation
from tests.web.talking import Web
from tests.web.test_own_api import C, Through

AT = f"{C}/retrainings/comparison"


def recommended(web: Web) -> str:
    answer = web.get(f"{C}/retrainings/overview").json()
    decision: str = answer["recommendation"]["decision"]
    return decision


def test_a_comparison_is_asked_for_judged_and_corrected_over_http(used: Web) -> None:
    refused = used.post(f"{AT}/batches")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing-to-compare")
    retrain_without_evidence(Organisation(used.workspace))
    with Client("http://testserver", used.key(), transport=Through(used)) as client:
        items = client.review_items(CLASSIFIER, of="comparison")
        state = used.get(AT).json()
        assert state["presented"] == state["unanswered"] == len(items) > 0
        assert [each["position"] for each in items] == list(range(len(items)))
        assert {each["shown_as"] for each in items} == {"Relevant"}
        said: dict[str, Literal["yes", "no", "not sure"]]
        said = {each["item_id"]: "yes" for each in items}
        client.give_verdicts(CLASSIFIER, said, of="comparison")
        first = items[0]["item_id"]
        assert used.call("DELETE", f"{AT}/verdicts/{first}").json()["unanswered"] == 1
        early: httpx.Response = used.post(f"{AT}/batches/close")
        assert (early.status_code, early.json()["code"]) == (409, "batch-not-complete")
        client.give_verdicts(CLASSIFIER, {first: "yes"}, of="comparison")
        found = client.close_batch(CLASSIFIER, of="comparison")
    assert found["decision"] == recommended(used) != "not enough evidence"
    assert used.get(f"{AT}/items").json()["items"] == []
    corrections = {"verdicts": dict.fromkeys(said, "not sure"), "reason": "They cannot be read."}
    assert used.post(f"{AT}/corrections", corrections).json()["judged"] == 0
    assert recommended(used) == "not enough evidence"
