"""The commands of the audit log: verify, export, list, and ask about an item."""

import json
import os
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from cli.audit import LONGEST_DETAILS, _told
from cultivar.core.audit_chain import verify_lines
from cultivar.store.workspace import Workspace
from tests.cli.conftest import Command
from tests.operations.policing import matches


def answered(cultivar: Command, *arguments: str) -> Any:
    answer = cultivar(*arguments, "--json")
    assert answer.code == 0, answer.out
    return answer.json


def change(workspace: Workspace, statement: str) -> None:
    database = sqlite3.connect(str(workspace.registry.url.database))
    with database:
        for (name,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute(statement)
    database.close()


def test_a_whole_log_is_verified_and_its_anchor_holds_later(
    reviewable: Workspace, cultivar: Command
) -> None:
    said = cultivar("audit", "verify")
    assert said.code == 0
    anchor = re.search(r"Anchor: (\d+:[0-9a-f]{64})", said.out)
    assert anchor is not None
    assert cultivar("role", "grant", "kim", "record management").code == 0
    later = answered(cultivar, "audit", "verify", "--anchor", anchor[1])
    assert later["sound"] is True
    assert later["rows"] == int(anchor[1].partition(":")[0]) + 1
    wrong = anchor[1][:-1] + ("0" if anchor[1][-1] != "0" else "1")
    assert cultivar("audit", "verify", "--anchor", wrong, "--json").error == "audit-rewritten"
    assert cultivar("audit", "verify", "--anchor", "x", "--json").error == "bad-anchor"


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE audit SET actor = 'kim' WHERE id = 3", "audit-changed"),
        ("DELETE FROM audit WHERE id = 3", "audit-gap"),
    ],
)
def test_a_broken_log_fails_and_the_row_is_said(
    reviewable: Workspace, cultivar: Command, statement: str, code: str
) -> None:
    change(reviewable, statement)
    for arguments in (("audit", "verify"), ("verify",)):
        found = cultivar(*arguments, "--json")
        assert (found.code, found.error) == (1, code)
        said = cultivar(*arguments)
        assert said.code == 1
        assert "Row 3 of the audit log" in said.err


def test_verify_without_a_name_checks_every_file_and_names_a_damaged_one(
    reviewable: Workspace, cultivar: Command
) -> None:
    whole = answered(cultivar, "verify")
    files = sorted((reviewable.settings.home / "artifacts").rglob("*"))
    files = [path for path in files if path.is_file()]
    assert whole["files"] == len(files)
    [model] = [path for path in files if "model" in path.parts or "model" in str(path.parent)]
    data = bytearray(model.read_bytes())
    data[len(data) // 2] ^= 1
    model.chmod(0o600)
    model.write_bytes(bytes(data))
    found = cultivar("verify", "--json")
    assert (found.code, found.error) == (1, "artifact-damaged")
    assert model.stem[:12] in found.json["error"]["message"]


def test_the_export_is_json_lines_on_standard_output_or_in_a_file(
    reviewable: Workspace, cultivar: Command, tmp_path: Path
) -> None:
    printed = cultivar("audit", "export").out.splitlines()
    target = tmp_path / "audit.jsonl"
    told = answered(cultivar, "audit", "export", "--to", str(target))
    lines = target.read_text(encoding="utf-8").splitlines()
    assert lines == printed
    assert told["rows"] == len(lines)
    assert verify_lines(lines).sound
    assert json.loads(lines[0])["action"] == "set up"
    nowhere = cultivar("audit", "export", "--to", str(tmp_path / "gone" / "log"), "--json")
    assert nowhere.error == "cannot-write"
    assert cultivar("audit", "export", "--to", os.devnull).code == 0
    assert not Path(os.devnull).is_file()


def test_a_refused_export_leaves_the_file_that_stands_there(
    reviewable: Workspace, cultivar: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "audit.jsonl"
    target.write_text("kept")
    monkeypatch.setenv("CULTIVAR_USER", "robin")
    assert cultivar("audit", "export", "--to", str(target), "--json").error == "wrong-role"
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["audit.jsonl"]
    assert target.read_text() == "kept"


def test_the_log_is_listed_newest_first_and_by_subject(
    reviewable: Workspace, cultivar: Command
) -> None:
    found = answered(cultivar, "audit", "list", "--limit", "5")
    numbers = [each["number"] for each in found["entries"]]
    assert numbers == list(range(numbers[0], numbers[0] - 5, -1))
    # the command that goes on asks for the same rows
    assert found["next"] == f"cultivar audit list --before {numbers[-1]} --limit 5"
    again = answered(cultivar, "audit", "list", "--actor", "alex", "--limit", "1")["next"]
    assert again.startswith("cultivar audit list --actor alex --before ")
    of_one = answered(cultivar, "audit", "list", "--subject", "contracts", "--action", "created")
    assert [each["actor"] for each in of_one["entries"]] == ["alex"]
    assert "set up" in cultivar("audit", "list", "--limit", "500").out
    assert "No such action" in cultivar("audit", "list", "--actor", "nobody").out


def test_details_of_an_action_are_words_without_what_is_empty() -> None:
    said = _told({
        "application": 3, "changes": "be1f" * 16, "suggested": [], "reason": "", "items": 0,
        "counts": {"added": 78, "carried": 0, "labels": 78}, "roles": ["reader", "owner"],
    })  # fmt: skip
    assert said == (
        "application 3, changes be1fbe1fbe1f, items 0, counts 78 added and 78 labels, roles reader "
        "and owner"
    )
    long = _told({f"part {number}": "word " * 5 for number in range(20)})
    assert len(long) <= LONGEST_DETAILS + 2
    assert long.endswith("word  …")


def test_a_search_of_the_log_without_a_hit_says_what_was_asked_and_what_there_is(
    reviewable: Workspace, cultivar: Command, tmp_path: Path
) -> None:
    said = " ".join(cultivar("audit", "list", "--action", "publishd").out.split())
    assert "No such action is on record with action publishd." in said
    assert "location added" in said
    assert cultivar("audit", "list", "--before", "-5").code == 2
    wrong = cultivar("audit", "export", "--to", str(tmp_path / "nowhere" / "log"), "--json")
    assert "there is no such folder" in wrong.json["error"]["message"]
    bad = cultivar("audit", "verify", "--anchor", "nonsense", "--json")
    assert "found 'nonsense'" in bad.json["error"]["message"]


def test_one_command_says_which_version_labelled_an_item_and_who_approved_it(
    labelled: Workspace, cultivar: Command
) -> None:
    path = next(path for path, found in matches(labelled).items() if found == "match")
    said = cultivar("audit", "item", path).out
    assert "such items are relevant), says version" in said
    assert "approved by alex" in said
    assert "Evidence: accuracy " in said
    assert "release report (inferred): labels about " in said
    assert len(said.splitlines()) <= 6
    found = answered(cultivar, "audit", "item", path)["item"]
    [predicted] = found["predictions"]
    assert predicted["version"]["approval"]["actor"] == "alex"
    day = found["on"][:10]
    assert answered(cultivar, "audit", "item", path, "--on", day)["item"]["predictions"]
    early = cultivar("audit", "item", path, "--on", "2020-01-01").out
    assert "Nothing had labelled it by then." in early
    assert cultivar("audit", "item", "no/such", "--json").error == "unknown-item"
    assert cultivar("audit", "item", path, "--on", "yesterday", "--json").code == 2


def test_what_befell_an_items_labels_is_told_with_policies_and_reasons(
    labelled: Workspace, cultivar: Command
) -> None:
    from cultivar.operations.policies.undo import begin_undo, undo_location
    from tests.operations.organisation import ADMINISTRATOR
    from tests.operations.policing import apply, make

    path = next(path for path, found in matches(labelled).items() if found == "match")
    make(labelled)
    apply(labelled)
    held = answered(cultivar, "audit", "item", path)["item"]
    assert [each["policy"] for each in held["labels"]] == ["keep-contracts"]
    undone = begin_undo(labelled, ADMINISTRATOR, policy="keep-contracts", reason="Too broad")
    undo_location(labelled, ADMINISTRATOR, "intranet", undone)
    assert cultivar("policy", "label", path, "--kind", "retention", "--set", "Held").code == 0
    said = cultivar("audit", "item", path).out
    assert 'Retention label "Held": given by hand' in said
    told = said.partition("What befell its labels:\n")[2].splitlines()
    assert ['"Contract, 10 years" given, policy keep-contracts, version 1, alex.' in told[0],
            '"Contract, 10 years" undone ("Too broad"), policy keep-contracts' in told[1],
            '"Held" given, hand, alex.' in told[2]] == [True] * 3  # fmt: skip
    history = answered(cultivar, "audit", "item", path)["item"]["history"]
    assert [each["cause"] for each in history] == ["apply", "undo", "label set by hand"]
