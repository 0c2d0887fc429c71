"""Commands about the organisation's people and its entitlement."""

import shlex

import pytest

from cultivar.settings import read_settings
from cultivar.store.workspace import Workspace
from tests.cli.conftest import Command


def test_the_entitlement_is_switched_off_and_on_again(
    labelled: Workspace, cultivar: Command
) -> None:
    assert cultivar("role", "entitlement", "off", "--json").error == "not-confirmed"
    assert cultivar("role", "entitlement", "off", "--yes").code == 0
    refused = cultivar("status")
    assert (refused.code, refused.err.partition(":")[0]) == (1, "not-entitled")
    assert "`cultivar role entitlement on`" in refused.err
    assert cultivar("role", "entitlement", "on", "--yes").code == 0
    assert cultivar("status").code == 0


NEED_A_ROLE = (
    ("label",),
    ("policy", "apply", "--yes"),
    ("policy", "write"),
    ("add-test", "contracts", "tests"),
    ("train", "contracts"),
    ("opt-in",),
    ("publish", "contracts", "--yes"),
    ("review", "contracts"),
    ("feedback", "contracts"),
    ("feedback", "contracts", "--match", "item"),
    ("retrain", "start", "contracts"),
    ("retrain", "republish", "contracts", "--yes"),
    ("release", "sample", "contracts"),
    ("release", "review", "contracts"),
    ("create", "New kind", "--seeds", "seeds"),
    ("drift", "contracts"),
    ("explain", "contracts", "no/such.txt"),
    ("policy", "create", "P", "--kind", "sensitivity", "--classifier", "contracts", "--label", "X"),
    ("policy", "label", "no/such.txt", "--kind", "sensitivity", "--set", "X"),
    ("explore", "open", "no/such.txt"),
    ("explore", "list"),
)


@pytest.mark.parametrize("asked", NEED_A_ROLE, ids=" ".join)
def test_who_may_not_is_told_at_once_which_roles_help_and_they_do(
    labelled: Workspace, cultivar: Command, monkeypatch: pytest.MonkeyPatch, asked: tuple[str, ...]
) -> None:
    monkeypatch.setenv("CULTIVAR_USER", "robin")
    refused = cultivar(*asked, "--json")
    assert (refused.code, refused.error) == (1, "wrong-role")
    assert "Prefect" not in refused.err
    assert not (read_settings().home / "logs").exists()
    said = refused.json["error"]["message"]
    commands = [part for part in said.split("`")[1::2] if part.startswith("cultivar role grant")]
    assert commands
    monkeypatch.setenv("CULTIVAR_USER", "alex")
    for command in commands:
        assert cultivar(*shlex.split(command)[1:]).code == 0
    if asked[0] in {"label", "policy", "opt-in"}:
        return  # these are permitted now, and run
    monkeypatch.setenv("CULTIVAR_USER", "robin")
    again = cultivar(*asked, "--json")
    assert again.code == 0 or again.error != "wrong-role"


def test_nothing_is_started_where_nothing_is_published(
    reviewable: Workspace, cultivar: Command
) -> None:
    answer = cultivar("label", "--json")
    assert (answer.json["labellings"], answer.json["next"]) == ([], "cultivar status")
    assert "no classifier is published" in cultivar("label").out
    assert not (read_settings().home / "logs").exists()


def test_everybodys_roles_are_listed_for_who_may_read(
    reviewable: Workspace, cultivar: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cultivar("role", "grant", "sam", "record management").code == 0
    people = cultivar("role", "list", "--all", "--json").json["people"]
    assert people["sam"] == ["record management"]
    assert "global administrator" in people["alex"]
    assert "sam" in cultivar("role", "list", "--all").out
    assert cultivar("role", "list", "sam", "--all", "--json").error == "usage"
    monkeypatch.setenv("CULTIVAR_USER", "sam")
    assert cultivar("role", "list", "--all", "--json").error == "wrong-role"
