"""Locations from the command line: added, crawled, listed, and named in every way."""

from pathlib import Path

import pytest

from flows.cli.places import free_name, looks_like_a_place
from tests.cli.conftest import Command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two readable files and a broken one."""
    made = tmp_path / "documents"
    (made / "letters").mkdir(parents=True)
    (made / "letters" / "one.txt").write_text("A letter about the harvest.", encoding="utf-8")
    (made / "two.txt").write_text("Minutes of the meeting about parking.", encoding="utf-8")
    (made / "broken.docx").write_bytes(b"this is no docx")
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
    again = cultivar("crawl", "--json").json["crawled"]["docs"]
    assert (again["unchanged"], again["added"]) == (3, 0)
    listed = cultivar("location", "list", "--json").json["locations"]
    assert listed[0]["counts"]["items"] == 3


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


def test_only_a_location_of_which_no_crawl_is_kept_can_be_removed(
    cultivar: Command, folder: Path
) -> None:
    cultivar("location", "add", "docs", str(folder), "--crawl")
    cultivar("location", "add", "twice", str(folder))
    answer = cultivar("location", "remove", "twice")
    assert (answer.code, answer.out.splitlines()[-1]) == (0, "Next: cultivar location list")
    assert cultivar("location", "remove", "twice", "--json").error == "unknown-location"
    assert cultivar("location", "remove", "docs", "--json").error == "location-in-use"
    listed = cultivar("location", "list", "--json").json["locations"]
    assert [each["name"] for each in listed] == ["docs"]
    assert (folder / "two.txt").is_file()


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
