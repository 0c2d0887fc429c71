"""Commands about people: who you are, what proves it, and how somebody is forgotten."""

import json
import re
from pathlib import Path

import pytest

from cultivar.settings import system_account
from cultivar.store.workspace import Workspace
from tests.cli.conftest import Command


def test_a_person_is_added_renamed_told_and_erased(
    labelled: Workspace, cultivar: Command, tmp_path: Path
) -> None:
    added = cultivar("person", "add", "Kim Jones", "--address", "kim@example.org", "--json").json
    assert re.fullmatch("p-[0-9a-f]{8}", added["id"])
    assert cultivar("role", "grant", "Kim Jones", "record management").code == 0
    assert cultivar("person", "rename", "Kim Jones", "Kim Smith").code == 0
    assert "Kim Smith" in cultivar("role", "list", "--all").out
    file = tmp_path / "kim.json"
    assert cultivar("person", "export", "Kim Smith", "--to", str(file)).code == 0
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert kept["person"]["former_names"] == ["Kim Jones"]
    assert cultivar("person", "erase", "Kim Smith", "--json").error == "not-confirmed"
    assert cultivar("person", "erase", "Kim Smith", "--yes").code == 0
    listed = cultivar("person", "list").out
    assert f"erased person {added['id']}" in listed
    assert "Kim" not in listed + cultivar("audit", "list").out + cultivar("audit", "export").out
    assert cultivar("audit", "verify").code == 0
    assert cultivar("verify").code == 0


def test_what_proves_who_you_are_is_said(
    labelled: Workspace, cultivar: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = system_account()
    assert account
    assert "which nothing proves" in cultivar("person", "list").out
    refused = cultivar("person", "claims", "refused", "--json")
    assert refused.error == "would-lock-out"
    assert cultivar("person", "bind", "alex", account).code == 0
    assert f"You are alex: the account {account}" in cultivar("person", "list").out
    assert cultivar("person", "claims", "refused").code == 0
    assert cultivar("status").code == 0
    monkeypatch.setenv("CULTIVAR_USER", "robin")
    assert cultivar("status", "--json").error == "unbound-claim"
    monkeypatch.delenv("CULTIVAR_USER")
    assert cultivar("status").code == 0
    assert cultivar("person", "claims", "accepted").code == 0


def test_an_invitation_is_a_link_that_is_shown_once(labelled: Workspace, cultivar: Command) -> None:
    told = cultivar("person", "invite", "alex", "--json").json
    assert re.search(r"/console/set-up/[\w-]{43}$", told["link"])
    assert told["link"].rpartition("/")[2] not in cultivar("audit", "export").out
    assert cultivar("person", "sign-out", "alex", "--json").json["sessions"] == 0
    assert cultivar("person", "invite", "nobody", "--json").error == "unknown-person"
