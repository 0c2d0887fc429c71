"""The commands of the content explorer: groups, counts, lists, CSV, opening, refreshing."""

import csv
from pathlib import Path
from typing import Any

import pytest

from cli import explore as explorer
from cli.explore import _matches
from cultivar.operations.content.explorer_answers import ClassifierEntry
from cultivar.store.tables import AuditRow
from cultivar.store.workspace import Workspace
from tests.cli.conftest import Command
from tests.operations.policing import matches


def answered(cultivar: Command, *arguments: str) -> Any:
    answer = cultivar("explore", *arguments, "--json")
    assert answer.code == 0, answer.out
    return answer.json


@pytest.fixture
def refreshed(labelled: Workspace, cultivar: Command) -> Workspace:
    assert cultivar("explore", "list", "--json").error == "not-aggregated"
    assert answered(cultivar, "refresh")["aggregated_at"]
    return labelled


def listed(workspace: Workspace) -> list[str]:
    return sorted(matches(workspace))


def test_the_list_comes_in_pages_and_says_how_to_go_on(
    refreshed: Workspace, cultivar: Command
) -> None:
    paths, after = [], None
    while True:
        more = ("--after", after) if after else ()
        found = answered(cultivar, "list", "--limit", "20", *more)
        paths += [each["path"] for each in found["items"]]
        after = found["after"]
        assert "next" not in found
        if after is None:
            break
    assert sorted(paths) == listed(refreshed)
    said = cultivar("explore", "list", "--limit", "1").out
    assert "Last aggregated at" in said


def test_the_next_page_is_a_command_that_can_be_pasted(
    refreshed: Workspace, cultivar: Command
) -> None:
    import shlex

    for kind, rows in (("list", "items"), ("counts", "folders")):
        whole = answered(cultivar, kind)[rows]
        command = ["explore", kind, "--limit", "7", "--match", "--since", "2020-01-01"]
        seen: list[Any] = []
        while command:
            said = cultivar(*command).out
            seen += answered(cultivar, *command[1:])[rows]
            _, found, following = said.partition("Next: cultivar ")
            command = shlex.split(following) if found else []
            if command:
                assert "--match" in command
                assert "--since 2020-01-01T00:00:00" in following
        assert seen == whole


def test_types_are_named_in_words_with_what_filters_them(
    refreshed: Workspace, cultivar: Command
) -> None:
    from cultivar.content.formats import EXTENSIONS, type_in_words

    assert "Types: plain text (text/plain)" in cultivar("explore", "groups").out
    for media_type in {each for _, each in EXTENSIONS.values()} - {"application/mbox"}:
        if media_type != "application/zip":
            assert "vnd" not in type_in_words(media_type)
    assert type_in_words("application/x-odd") == "application/x-odd"


def test_a_file_is_overwritten_only_when_that_is_meant(
    refreshed: Workspace, cultivar: Command, tmp_path: Path
) -> None:
    target = tmp_path / "kept.csv"
    target.write_text("mine")
    commands = (("explore", "list", "--csv"), ("audit", "export", "--to"))
    for command in commands:
        target.write_text("mine")
        assert cultivar(*command, str(target), "--json").error == "not-confirmed"
        assert target.read_text() == "mine"
        assert cultivar(*command, str(target), "--yes").code == 0
        assert target.read_text(encoding="utf-8-sig") != "mine"


def test_an_item_is_accepted_by_all_that_is_shown_of_it(
    refreshed: Workspace, cultivar: Command
) -> None:
    one = answered(cultivar, "list", "--limit", "1")["items"][0]
    place = f"{one['location']}/{one['path']}"
    ways = (one["item_id"], one["item_id"][:6], one["path"], place)
    for way in (*ways, f"item:{one['item_id']}"):
        assert answered(cultivar, "open", way)["item"]["item_id"] == one["item_id"], way
        assert cultivar("audit", "item", way, "--json").json["item"]["item_id"] == one["item_id"]
        assert cultivar("explain", "contracts", "--item", way, "--json").code == 0
        label = cultivar("policy", "label", way, "--kind", "retention", "--set", "Held", "--json")
        assert label.code == 0, label.out
    assert cultivar("explore", "open", one["item_id"][:5], "--json").error == "unknown-item"


def test_a_name_that_several_items_have_lists_them(refreshed: Workspace, cultivar: Command) -> None:
    from tests.operations.organisation import CONTRACT, Document, Organisation, written

    found = [Document(f"{folder}/same.txt", written(CONTRACT, 7)) for folder in ("a", "b")]
    Organisation(refreshed).add("twice", found)
    answer = cultivar("explore", "open", "same.txt", "--json")
    assert answer.error == "ambiguous-item"
    for folder in ("a", "b"):
        assert f"twice/{folder}/same.txt" in answer.json["error"]["message"]
        assert cultivar("explore", "open", f"{folder}/same.txt").code == 0
    assert cultivar("explore", "open", "\\E.*", "--json").error == "unknown-item"


def test_every_filter_of_the_command_reaches_the_list(
    refreshed: Workspace, cultivar: Command
) -> None:
    one = answered(cultivar, "list", "--limit", "1")["items"][0]
    day = one["modified_at"][:10]
    filters = (
        ("--classifier", "contracts"), ("--match",), ("--workload", one["workload"]),
        ("--location", one["location"]), ("--folder", one["folder"]), ("--name", one["name"]),
        ("--type", "txt"), ("--not-labelled",), ("--score-from", "0.0"), ("--score-to", "1.0"),
        ("--since", day), ("--until", "2100-01-01"),
    )  # fmt: skip
    whole = [word for part in filters for word in part]
    kept = answered(cultivar, "list", *whole)["items"]
    assert [each["item_id"] for each in kept] == [one["item_id"]]
    assert answered(cultivar, "counts", *whole)["predictions"] == 1
    others = (
        ("--close-match",), ("--workload", "teams"), ("--location", "tests"),
        ("--folder", "no/such"), ("--name", "no such"), ("--type", "pdf"),
        ("--labelled",), ("--score-from", "100%"), ("--score-to", "0"), ("--since", "2100-01-01"),
        ("--until", "2000-01-01"),
    )  # fmt: skip
    for part in others:
        named = () if part[0] == "--name" else ("--name", one["name"])
        assert answered(cultivar, "list", *named, *part)["items"] == [], part
    for option in ("classifier", "label", "location", "workload", "type"):
        answer = cultivar("explore", "list", f"--{option}", "x", "--json")
        assert answer.error == f"unknown-{option}"
    for share in ("110%", "-1", "nan"):
        assert cultivar("explore", "list", "--score-from", share).code == 2


def test_orders_of_the_command_are_those_of_the_explorer() -> None:
    from cultivar.store.explorer.filters import ORDERS

    assert tuple(ORDERS) == explorer.ORDERS


def test_folders_are_counted_for_people_and_scripts(
    refreshed: Workspace, cultivar: Command
) -> None:
    found = answered(cultivar, "counts")
    assert found["predictions"] == len(listed(refreshed))
    assert sum(each["predictions"] for each in found["folders"]) == found["predictions"]
    said = cultivar("explore", "counts").out
    assert f"In all {found['predictions']:,}" in said
    one, many = (ClassifierEntry("id", "Name", None, *each) for each in ((1, 1), (1_200, 0)))
    assert _matches(one) == "1 match, 1 close match"
    assert _matches(many) == "1,200 matches, 0 close matches"
    first = answered(cultivar, "counts", "--limit", "1")
    rest = answered(cultivar, "counts", "--after", first["after"]) if first["after"] else None
    assert first["folders"] + (rest["folders"] if rest else []) == found["folders"]


def test_groups_name_each_published_classifier(refreshed: Workspace, cultivar: Command) -> None:
    found = answered(cultivar, "groups")
    assert [each["id"] for each in found["groups"][0]["entries"]] == ["contracts"]
    said = cultivar("explore", "groups").out
    assert said.startswith("Trainable classifiers\n  Contracts: 30 matches")


def test_the_csv_is_written_whole_or_not_at_all(
    refreshed: Workspace, cultivar: Command, tmp_path: Path
) -> None:
    target = tmp_path / "all.csv"
    told = answered(cultivar, "list", "--csv", str(target))
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert told["rows"] == len(rows) == len(listed(refreshed))
    few = tmp_path / "few.csv"
    assert answered(cultivar, "list", "--limit", "3", "--csv", str(few))["rows"] == 3
    assert cultivar("role", "revoke", "alex", "content explorer list viewer").code == 0
    refused = tmp_path / "refused.csv"
    again = cultivar("explore", "list", "--csv", str(refused), "--json")
    assert again.error == "wrong-role"
    assert {path.name for path in tmp_path.glob("*.csv")} == {"all.csv", "few.csv"}
    assert cultivar("role", "grant", "alex", "content explorer list viewer").code == 0
    nowhere = cultivar("explore", "list", "--csv", str(tmp_path / "gone" / "all.csv"), "--json")
    assert nowhere.error == "cannot-write"


@pytest.mark.requirement("RT-18")
def test_an_item_is_opened_by_a_content_viewer_alone_and_it_is_on_record(
    refreshed: Workspace, cultivar: Command
) -> None:
    path = listed(refreshed)[0]
    item = answered(cultivar, "open", path)["item"]
    assert item["text"]
    assert item["text"][:40] in cultivar("explore", "open", item["item_id"][:12]).out
    assert cultivar("role", "revoke", "alex", "content explorer content viewer").code == 0
    assert cultivar("explore", "open", path, "--json").error == "wrong-role"
    with refreshed.registry.reading() as session:
        rows = session.query(AuditRow).filter_by(action="content opened").all()
    assert [row.subject for row in rows] == [f"item:{item['item_id']}"] * 2


def test_control_characters_of_a_document_do_not_reach_the_terminal(
    refreshed: Workspace, cultivar: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from cultivar.operations.content import items as opening

    content = opening._content
    monkeypatch.setattr(
        opening, "_content", lambda *given: replace(content(*given), text="\x1b[31mred\x07")
    )
    said = cultivar("explore", "open", listed(refreshed)[0]).out
    assert "\x1b" not in said
    assert "\x07" not in said
