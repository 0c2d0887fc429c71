"""Locations from the command line: added, crawled, listed, and named in every way."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from cli.base.sources import free_name, looks_like_a_place
from cultivar import operations
from cultivar.operations.content.locations import KnownLocation, not_readable
from cultivar.settings import read_settings
from cultivar.store.tables import GateResultRow
from cultivar.store.workspace import Workspace, open_workspace
from tests.cli.conftest import Command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two readable files and a broken one."""
    made = tmp_path / "documents"
    (made / "letters").mkdir(parents=True)
    (made / "letters" / "one.txt").write_text("A letter about the harvest.", encoding="utf-8")
    (made / "two.txt").write_text("Minutes of the meeting about parking.", encoding="utf-8")
    (made / "broken.docx").write_bytes(b"PK\x03\x04 this is no docx")
    return made


def test_the_first_person_sets_the_registry_up(cultivar: Command, folder: Path) -> None:
    answer = cultivar("location", "add", "docs", str(folder))
    assert answer.code == 0
    assert "alex administers it" in answer.err
    assert "Next: cultivar crawl docs" in answer.out
    roles = cultivar("role", "list", "--json").json["roles"]
    assert "global administrator" in roles


def test_a_crawl_counts_items_and_lists_what_cannot_be_read(
    cultivar: Command, folder: Path
) -> None:
    cultivar("location", "add", "docs", str(folder))
    counts = cultivar("crawl", "docs", "--json").json["crawled"]["docs"]
    assert counts["items"] == 3
    assert counts["by_status"]["ok"] == 2
    assert sum(counts["by_status"].values()) == 3
    gates = _gate_results()
    again = cultivar("crawl", "--json").json["crawled"]["docs"]
    assert (again["unchanged"], again["added"]) == (3, 0)
    assert _gate_results() == gates  # evaluating again takes seconds
    listed = cultivar("location", "list", "--json").json["locations"]
    assert listed[0]["counts"]["items"] == 3


def _gate_results() -> int:
    with open_workspace(read_settings()) as workspace, workspace.registry.reading() as session:
        return len(session.scalars(select(GateResultRow)).all())


def test_opt_in_says_how_many_items_could_not_be_read(cultivar: Command, folder: Path) -> None:
    cultivar("location", "add", "docs", str(folder), "--crawl")
    with open_workspace(read_settings()) as workspace:
        assert not_readable(workspace) == {"docs": 1}


def test_an_opt_in_without_a_location_is_refused_before_a_server_starts(
    cultivar: Command, tmp_path: Path
) -> None:
    answer = cultivar("opt-in", "--json")
    assert (answer.code, answer.error) == (1, "no-location")
    assert "Starting a Prefect server" not in answer.err
    assert not (read_settings().home / "logs").exists()


def test_unreadable_items_are_shown_with_their_reasons(cultivar: Command, folder: Path) -> None:
    cultivar("location", "add", "docs", str(folder), "--crawl")
    [row] = cultivar("location", "show", "docs", "--json").json["unreadable"]
    assert (row["path"], row["status"]) == ("broken.docx", "corrupt")
    assert row["reason"]
    assert "broken.docx" in cultivar("location", "show", "docs").out


def test_items_are_seen_only_by_who_may_see_them(
    cultivar: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cultivar("location", "add", "docs", str(folder), "--crawl")
    monkeypatch.setenv("CULTIVAR_USER", "sam")
    assert cultivar("location", "show", "docs", "--json").error == "wrong-role"


def test_a_location_of_nothing_readable_keeps_its_gate_shut(
    cultivar: Command, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    cultivar("location", "add", "docs", str(empty))
    answer = cultivar("crawl", "docs", "--json")
    assert (answer.code, answer.error) == (1, "no-items")
    said = answer.json["error"]["message"]
    assert said.endswith(
        "It is the location docs. Where it was added by mistake: `cultivar location remove docs`, "
        "then repeat the command."
    )
    assert "could not be checked" not in said


def test_the_others_are_crawled_where_a_location_is_lost_and_it_is_said_until_it_is_back(
    cultivar: Command, folder: Path, tmp_path: Path
) -> None:
    lost, aside = tmp_path / "a-drive", tmp_path / "elsewhere"
    lost.mkdir()
    (lost / "note.txt").write_text("A note about the orchard.", encoding="utf-8")
    cultivar("location", "add", "a-drive", str(lost), "--crawl")
    cultivar("location", "add", "docs", str(folder))
    lost.rename(aside)
    answer = cultivar("crawl", "--json")
    assert (answer.code, answer.error) == (1, "not-all-crawled")
    assert answer.json["crawled"]["docs"]["items"] == 3
    assert answer.json["failed"]["a-drive"]["code"] == "location-not-found"
    told = cultivar("crawl")
    assert (told.code, "docs: 3 items in 3 files (" in told.out) == (1, True)
    assert "1 of 2 locations is crawled. a-drive, location-not-found: The folder " in told.err
    assert f"It should be at {lost}." in told.err
    for command in (("location", "list"), ("status",)):
        assert "The last crawl of a-drive failed on " in cultivar(*command).out
    # the record of the run, which Prefect's side shows too, holds no path
    [first, second] = cultivar("location", "list", "--json").json["locations"]
    assert str(lost) not in first["failed"]["reason"]
    assert second["failed"] is None
    aside.rename(lost)
    assert cultivar("crawl").code == 0
    assert "failed on" not in cultivar("location", "list").out


def test_a_defect_in_one_location_does_not_keep_the_others_waiting(
    cultivar: Command, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl_known = operations.content.crawl_known

    def broken(workspace: Workspace, known: KnownLocation, *rest: Any, **more: Any) -> Any:
        if known.name == "a-odd":
            raise ValueError("CANARY-19ab of a document")
        return crawl_known(workspace, known, *rest, **more)

    monkeypatch.setattr(operations.content, "crawl_known", broken)
    (tmp_path / "odd").mkdir()
    cultivar("location", "add", "a-odd", str(tmp_path / "odd"))
    cultivar("location", "add", "docs", str(folder))
    answer = cultivar("crawl", "--json")
    assert (answer.code, answer.error) == (1, "not-all-crawled")
    assert answer.json["crawled"]["docs"]["items"] == 3
    assert answer.json["failed"]["a-odd"]["code"] == "defect"
    assert "ValueError" in answer.json["failed"]["a-odd"]["message"]
    assert "CANARY-19ab" not in answer.out + answer.err


def test_an_interrupted_crawl_says_what_is_kept_and_how_it_goes_on(
    cultivar: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    cultivar("location", "add", "docs", str(folder))
    monkeypatch.setattr(operations.content, "crawl_known", interrupted)
    answer = cultivar("crawl", "docs")
    assert answer.code == 130
    assert "docs holds no items yet; its crawl begins again with `cultivar crawl docs`." in (
        answer.err
    )
    listed = " ".join(cultivar("location", "list").out.split())
    assert "it was interrupted by a person" in listed
    assert "KeyboardInterrupt" not in listed


def test_what_is_refused_sets_no_home_up(cultivar: Command, tmp_path: Path) -> None:
    for refused in (
        ("location", "add", "docs", str(tmp_path / "nowhere")),
        ("location", "add", "my/docs", str(tmp_path)),
        ("opt-in", "--content", str(tmp_path / "nowhere")),
    ):
        answer = cultivar(*refused)
        assert answer.code == 1
        assert "Set up in" not in answer.err
        assert cultivar("crawl", "--json").error == "not-set-up"


def test_a_crawl_that_lost_most_files_says_the_command_that_believes_it(
    cultivar: Command, folder: Path
) -> None:
    for number in range(60):
        (folder / f"{number}.txt").write_text(f"Letter {number} on corn.", encoding="utf-8")
    cultivar("location", "add", "docs", str(folder), "--crawl")
    for number in range(60):
        (folder / f"{number}.txt").unlink()
    refused = cultivar("crawl", "docs")
    assert refused.code == 1
    assert "`cultivar crawl docs --allow-mass-deletion`" in refused.err
    assert cultivar("crawl", "docs", "--allow-mass-deletion").code == 0


def test_adding_can_crawl_at_once(cultivar: Command, folder: Path) -> None:
    answer = cultivar("location", "add", "docs", str(folder), "--crawl", "--json")
    assert answer.json["crawl"]["items"] == 3


def test_a_folder_that_is_not_there_is_refused(cultivar: Command, tmp_path: Path) -> None:
    answer = cultivar("location", "add", "docs", str(tmp_path / "nowhere"), "--json")
    assert (answer.code, answer.error) == (1, "no-such-folder")


def test_a_misspelt_location_is_refused_with_the_right_one(cultivar: Command, folder: Path) -> None:
    cultivar("location", "add", "documents", str(folder))
    answer = cultivar("crawl", "documets", "--json")
    assert (answer.code, answer.error) == (1, "unknown-location")
    assert "documents" in answer.json["error"]["message"]


def test_crawling_without_a_location_says_how_to_add_one(
    cultivar: Command, reviewable: object
) -> None:
    assert cultivar("crawl", "nowhere", "--json").error == "unknown-location"


@pytest.mark.parametrize(
    ("url", "taken", "name"),
    [
        ("/home/alex/contracts", set(), "contracts"),
        ("/home/alex/contracts", {"contracts"}, "alex-contracts"),
        ("s3://bucket/path/to/my letters", set(), "my-letters"),
        ("s3://bucket", set(), "bucket"),
        ("/a", {"a"}, "a-2"),
    ],
)
def test_a_path_gets_a_short_free_name(url: str, taken: set[str], name: str) -> None:
    assert free_name(url, taken) == name


def test_a_mistyped_name_is_no_place(tmp_path: Path) -> None:
    assert looks_like_a_place(str(tmp_path))
    assert looks_like_a_place("s3://bucket/letters")
    assert not looks_like_a_place("sitse/Quality/letters")


def test_a_location_is_removed_and_its_name_may_be_given_again(
    cultivar: Command, folder: Path
) -> None:
    cultivar("location", "add", "docs", str(folder), "--crawl")
    (folder.parent / "nothing").mkdir()
    cultivar("location", "add", "twice", str(folder.parent / "nothing"))
    assert cultivar("crawl", "twice").code == 1
    assert "The last crawl of twice failed" in cultivar("status").out
    answer = cultivar("location", "remove", "twice")
    assert (answer.code, answer.out.splitlines()[-1]) == (0, "Next: cultivar location list")
    assert cultivar("location", "remove", "twice", "--json").error == "unknown-location"
    assert "twice" not in cultivar("status").out
    listed = cultivar("location", "list", "--json").json["locations"]
    assert [each["name"] for each in listed] == ["docs"]
    opened = cultivar("explore", "open", "docs/two.txt")
    assert opened.code == 0
    cultivar("role", "grant", "alex", "record management")
    held = ("policy", "label", "docs/two.txt", "--kind", "retention", "--set", "Hold")
    assert cultivar(*held).code == 0
    asked = cultivar("location", "remove", "docs", "--json")
    assert asked.error == "not-confirmed"
    assert cultivar("location", "remove", "docs", "--yes").code == 0
    assert cultivar("location", "list", "--json").json["locations"] == []
    assert cultivar("explore", "open", "docs/two.txt", "--json").error == "unknown-item"
    assert cultivar("crawl", "docs", "--json").error == "unknown-location"
    assert (folder / "two.txt").is_file()
    again = cultivar("location", "add", "docs", str(folder), "--crawl", "--json").json
    assert again["crawl"]["items"] == 3
    assert cultivar("explore", "open", "docs/two.txt").code == 0


def test_a_location_is_renamed_and_keeps_what_was_given_to_its_items(
    cultivar: Command, folder: Path
) -> None:
    cultivar("location", "add", "docs", str(folder), "--crawl")
    cultivar("role", "grant", "alex", "record management")
    held = ("policy", "label", "docs/two.txt", "--kind", "retention", "--set", "Hold")
    assert cultivar(*held).code == 0
    asked = cultivar("location", "rename", "docs", "papers", "--json")
    assert asked.error == "not-confirmed"
    renamed = cultivar("location", "rename", "docs", "papers", "--yes")
    assert "docs is named papers now." in renamed.out
    assert cultivar("crawl", "papers", "--json").json["crawled"]["papers"]["unchanged"] == 3
    opened = cultivar("explore", "open", "papers/two.txt", "--json").json
    assert opened["item"]["location"] == "papers"
    told = cultivar("crawl", "docs", "--json")
    assert told.error == "unknown-location"
    assert "it is named papers now" in told.json["error"]["message"]


def test_what_a_crawl_found_is_counted_in_words(cultivar: Command, tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    for name in ("one.txt", "two.txt"):
        (tmp_path / "documents" / name).write_text("Minutes of a meeting.", encoding="utf-8")
    cultivar("location", "add", "docs", str(tmp_path / "documents"))
    said = cultivar("crawl", "docs").out
    assert "docs: 2 items in 2 files (2 ok); 2 added, 0 changed, 0 deleted, 1 duplicate, " in said


def test_a_location_that_is_not_there_is_refused_before_a_server_is_started(
    cultivar: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a server that does not answer, a command that looked for one would say so instead."""
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert cultivar("label", "--json").error == "not-set-up"
    cultivar("location", "add", "docs", str(folder))
    for asked in (("label",), ("policy", "apply")):
        answer = cultivar(*asked, "dogs", "--json")
        assert answer.error == "unknown-location"
        assert "Did you mean docs?" in answer.json["error"]["message"]


def test_seeds_and_test_items_are_not_classified_or_labelled_by_name(
    cultivar: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    cultivar("location", "add", "docs", str(folder))
    cultivar("location", "add", "samples", str(folder), "--purpose", "seed")
    for asked in (("label",), ("policy", "apply", "--yes")):
        answer = cultivar(*asked, "samples", "--json")
        assert answer.error == "not-content"
        said = answer.json["error"]["message"]
        assert "The location samples holds seed items" in said
        assert "Locations of content: docs." in said


def test_what_a_crawl_does_not_find_again_is_named_until_it_returns(
    cultivar: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    for name in ("one.txt", "two.txt"):
        (folder / name).write_text(f"Minutes of a meeting, {name}.", encoding="utf-8")
    cultivar("location", "add", "docs", str(folder))
    cultivar("crawl")
    cultivar("role", "grant", "alex", "record management")
    assert cultivar("policy", "label", "one.txt", "--kind", "retention", "--set", "Hold").code == 0
    (folder / "one.txt").rename(folder / "renamed.txt")
    assert "1 item moved, " in cultivar("crawl").out
    (folder / "renamed.txt").rename(tmp_path / "aside.txt")
    said = cultivar("crawl", "--json").json
    [left] = said["not_found_again"]
    assert (left["path"], left["location"]) == ("renamed.txt", "docs")
    assert left["resting"] == ["retention label Hold given by alex"]
    assert said["crawled"]["docs"]["not_found_again"] == 1
    assert "1 item of docs with labels or verdicts of people cannot be found" in (
        cultivar("status").out.replace("\n", " ")
    )
    assert "renamed.txt" in cultivar("location", "show", "docs").out
    (tmp_path / "aside.txt").rename(folder / "back.txt")
    (folder / "odd.bin").write_bytes(b"no text")
    cultivar("crawl")
    retried = cultivar("crawl", "--retry").out
    assert "0 changed, 1 read again though unchanged, 0 deleted" in retried
    assert cultivar("location", "show", "docs", "--json").json["not_found_again"] == []
    assert "cannot be found" not in cultivar("status").out
