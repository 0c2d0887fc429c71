"""What runs Cultivar, over HTTP: locations, crawls, labels, the audit log, roles and keys."""

import json
from pathlib import Path
from typing import Any

import pytest

from cultivar import Client
from cultivar.core.audit_chain import verify_lines
from cultivar.operations.content.aggregation import aggregate
from cultivar.operations.runs import claim
from tests.web.conftest import Opener
from tests.web.talking import Web
from tests.web.test_own_api import Through

V = "/api/v1"


def begun(web: Web, answer: Any) -> tuple[str, dict[str, Any]]:
    """Return the flow that a request started, and with what."""
    assert answer.status_code == 202, answer.text
    assert answer.headers["retry-after"] == "5"
    assert web.get(answer.headers["location"]).json()["items"] == []
    return web.runs.started[-1]


def test_a_location_is_added_crawled_renamed_and_removed(
    opened: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "drive" / "legal"
    folder.mkdir(parents=True)
    web = opened(None)
    body = {"name": "legal", "url": str(folder)}
    refused = web.post(f"{V}/locations", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "place-not-permitted")
    object.__setattr__(web.workspace.settings, "web_places", f"s3://other, {tmp_path / 'drive'}")
    for outside in (f"{tmp_path}/drive/../home", f"{tmp_path}/drives", "s3://other/../secret"):
        answer = web.post(f"{V}/locations", {"name": "out", "url": outside})
        assert answer.json()["code"] == "place-not-permitted", outside

    added = web.post(f"{V}/locations", body)
    assert (added.status_code, added.json()["purpose"]) == (201, "content")
    assert begun(web, web.post(f"{V}/locations/legal/crawl")) == (
        "crawl",
        {"location": "legal", "actor": "alex", "allow_mass_deletion": False, "retry": False},
    )
    assert begun(web, web.post(f"{V}/tenant/opt-in")) == ("opt_in", {"actor": "alex"})
    renamed = web.call("PUT", f"{V}/locations/legal/name", {"name": "law"})
    assert renamed.status_code == 200
    [listed] = web.get(f"{V}/locations").json()["items"]
    assert listed["name"] == "law"
    assert web.get(f"{V}/locations/law/uses").json()["items"] == 0
    assert web.call("DELETE", f"{V}/locations/law").status_code == 204
    assert web.get(f"{V}/locations/law").json()["code"] == "unknown-location"


def test_what_policies_would_change_is_previewed_applied_and_undone(used: Web) -> None:
    places = {each["location"]: each for each in used.post(f"{V}/policies/preview").json()["items"]}
    assert places["mail"]["counts"]["added"] > 0
    unknown = used.post(f"{V}/policies/apply", {"accepted": ["nonsense"]})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown-token")
    flow, given = begun(used, used.post(f"{V}/policies/apply", {"additions": True}))
    assert (flow, given["additions"], given["accepted"]) == ("apply_policies", True, [])
    planned = used.post(f"{V}/policies/keep-contracts/undo/plan").json()
    assert planned["undoes"] == "version 1 of the policy keep-contracts"
    flow, given = begun(used, used.post(f"{V}/policies/keep-contracts/undo", {"reason": "Wrong."}))
    assert (flow, given["undone"]) == ("undo_labels", "policy:keep-contracts/1")
    assert begun(used, used.post(f"{V}/labellings", {"locations": ["mail"]}))[0] == "labelling"
    missing = used.post(f"{V}/labellings", {"locations": ["nowhere"]})
    assert missing.json()["code"] == "unknown-location"
    counted = used.get(f"{V}/labellings?location=mail").json()["items"]
    assert [each["location"] for each in counted] == ["mail"]


def test_a_run_is_found_by_what_it_works_on(used: Web) -> None:
    with claim(used.workspace, "crawl", "location:mail") as run:
        run.progress(3, 7)
        [found] = used.get(f"{V}/runs?subject=location%3Amail").json()["items"]
        assert (found["stage"], found["done"], found["total"]) == ("crawl", 3, 7)
        assert found["outcome"] is None
    [found] = used.get(f"{V}/runs?subject=location%3Amail").json()["items"]
    assert found["outcome"] == "completed"


def test_the_audit_log_is_read_verified_exported_and_asked(used: Web) -> None:
    first = used.get(f"{V}/audit?limit=2").json()
    assert [each["number"] for each in first["items"]] == [first["next"] + 1, first["next"]]
    second = used.get(f"{V}/audit?limit=2&before={first['next']}").json()
    assert second["items"][0]["number"] == first["next"] - 1
    sound = used.get(f"{V}/audit/verification").json()
    assert sound["sound"]
    lines = used.get(f"{V}/audit/export").text.splitlines()
    assert verify_lines(lines).sound
    assert len(lines) == sound["rows"] == json.loads(lines[-1])["number"]
    aggregate(used.workspace, "alex")
    item = used.get(f"{V}/explorer/items?limit=1").json()["items"][0]["item_id"]
    told = used.get(f"{V}/audit/items/{item}").json()
    assert told["item_id"] == item
    early = used.get(f"{V}/audit/items/{item}?on=2001-01-01T00:00:00Z")
    assert early.status_code == 200


def test_a_label_set_by_hand_over_http_stands_until_it_is_left(used: Web) -> None:
    aggregate(used.workspace, "alex")
    item = used.get(f"{V}/explorer/items?limit=1").json()["items"][0]["item_id"]
    body = {"kind": "retention label", "label": "Contract"}
    put = used.call("PUT", f"{V}/items/{item}/label", body)
    assert (put.status_code, put.json()["label"]) == (200, "Contract")
    path = f"{V}/items/{item}/label/retention label"
    assert used.call("DELETE", path).json() == {"held": True}
    assert used.call("DELETE", path).json() == {"held": False}


def test_roles_and_keys_are_given_and_taken(used: Web) -> None:
    role = "content explorer list viewer"
    assert used.call("PUT", f"{V}/roles/kim/{role}").status_code == 204
    people = {each["person"]: each["roles"] for each in used.get(f"{V}/roles").json()["items"]}
    assert people["kim"] == [role]
    assert used.call("PUT", f"{V}/roles/kim/emperor").json()["code"] == "unknown-role"
    assert used.call("DELETE", f"{V}/roles/kim/{role}").status_code == 204

    made = used.post(f"{V}/keys", {"name": "nightly", "roles": ["record management"]}).json()
    listed = used.get(f"{V}/keys").json()["items"]
    assert made["text"] not in json.dumps(listed)
    key = {"Ocp-Apim-Subscription-Key": made["text"]}
    # a key within some roles makes none that goes beyond them
    child = used.http.post(f"{V}/keys", json={"name": "child"}, headers=key)
    assert child.json()["key"]["roles"] == ["record management"]
    wider = {"name": "wider", "roles": ["global administrator"]}
    assert used.http.post(f"{V}/keys", json=wider, headers=key).json()["code"] == "role-not-held"
    assert used.call("DELETE", f"{V}/keys/{made['key']['id']}").json()["state"] == "revoked"
    assert used.http.get(f"{V}/me", headers=key).status_code == 401


def test_drift_is_looked_at_and_kept(used: Web) -> None:
    made = used.call("POST", f"{V}/classifiers/contracts/drift")
    assert made.status_code == 201, made.text
    kept = used.get(f"{V}/classifiers/contracts/drift").json()["items"]
    assert [each["at"] for each in kept] == [made.json()["at"]]


def test_the_client_runs_what_takes_time_and_waits_for_it(used: Web) -> None:
    with Client("http://testserver", used.key(), transport=Through(used)) as client:
        assert {each["name"] for each in client.locations()} >= {"mail"}
        asked = client.crawl("mail")
        with claim(used.workspace, "crawl", "location:mail"):
            pass
        assert client.wait(asked, seconds=5)["outcome"] == "completed"
        [difference, *_] = client.preview_policies(["mail"])
        assert difference["location"] == "mail"
        client.grant("kim", "record management")
        client.revoke("kim", "record management")
        assert client.audit(limit=1)[0]["action"] == "role revoked"
        assert client.create_key("for a script", roles=["record management"]).startswith("cv_")
