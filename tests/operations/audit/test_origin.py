"""Each deed is on record with its door, the system account and the key that it came by."""

import getpass
import json
import subprocess
from dataclasses import replace

import pytest

from cultivar.core.audit_chain import verify_lines
from cultivar.core.roles import Actor
from cultivar.operations.audit.audit import audit_entries, export_audit, verify_audit
from cultivar.operations.tenant.people import grant_role
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.settings import system_account
from cultivar.settings.channels import Channel, acting_through
from cultivar.store import audit_log
from cultivar.store.workspace import Workspace, open_workspace
from tests.store.test_audit_log import entry


def test_a_deed_is_on_record_with_how_it_came(workspace: Workspace) -> None:
    bootstrap(workspace, "alex")
    with acting_through(Channel.SCHEDULE), open_workspace(workspace.settings) as scheduled:
        grant_role(scheduled, "alex", "kim", "record management")
    over_rest = replace(workspace, channel=Channel.REST)
    grant_role(over_rest, Actor("alex", None, "0123456789ab"), "lee", "record management")
    account = system_account()
    assert [each.origin for each in audit_entries(workspace, "alex")] == [
        {"channel": "rest", "account": account, "key": "0123456789ab"},
        {"channel": "schedule", "account": account},
        {"channel": "python", "account": account},
    ]
    assert verify_audit(workspace, "alex").sound
    exported = list(export_audit(workspace, "alex"))
    assert verify_lines(exported).sound
    assert json.loads(exported[-1])["origin"]["key"] == "0123456789ab"
    forged = exported[-1].replace('"rest"', '"cli"')
    assert not verify_lines([*exported[:-1], forged]).sound


def test_the_account_is_the_systems_and_not_what_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("USER", "LOGNAME", "CULTIVAR_USER"):
        monkeypatch.setenv(name, "mallory")
    assert getpass.getuser() == "mallory"
    assert system_account() != "mallory"
    told = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True)
    assert system_account() == told.stdout.strip()


def test_rows_of_before_it_was_kept_stand_in_the_same_chain(workspace: Workspace) -> None:
    with workspace.registry.transaction() as session:
        audit_log.append(session, entry(1))
    bootstrap(workspace, "alex")
    older, newer = audit_entries(workspace, "alex")[::-1]
    assert older.origin is None
    assert newer.origin is not None
    assert verify_audit(workspace, "alex").sound
    assert "origin" not in next(iter(export_audit(workspace, "alex")))
