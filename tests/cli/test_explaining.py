"""Explanations from the command line: of a text, a document, and a crawled item."""

import json
import re
from pathlib import Path

import pytest

from cultivar.store.workspace import Workspace
from tests.cli.conftest import Command


def test_a_text_is_explained_by_its_words(cultivar: Command, reviewable: Workspace) -> None:
    answer = cultivar(
        "explain", "contracts", "--text", "liability clause and lunch parking", "--json"
    )
    found = answer.json["explanation"]
    weights = {each["word"]: each["weight"] for each in found["words"]}
    assert weights["liability"] > 0 > weights["lunch"]
    assert 0 <= found["score"] <= 1


def test_the_table_names_a_word_once_and_sums_up_function_words(
    cultivar: Command, reviewable: Workspace
) -> None:
    text = "Supplier supplier agreement of the supplier"
    shown = cultivar("explain", "contracts", "--text", text, "--top", "1").out
    assert len(re.findall("supplier", shown, re.IGNORECASE)) == 1
    assert re.search(r"[Ss]upplier\W+3\W", shown)
    assert re.search(r"1 other word: [+-]\d\.\d+; common English words: [+-]\d\.\d+", shown)
    exact = cultivar("explain", "contracts", "--text", text, "--json").json["explanation"]["words"]
    assert [each["word"].lower() for each in exact].count("supplier") == 3
    assert {"of", "the"} <= {each["word"] for each in exact}


def test_the_weights_of_all_words_and_the_bias_make_up_the_score(
    cultivar: Command, reviewable: Workspace
) -> None:
    def found(text: str) -> tuple[float, float]:
        answer = cultivar("explain", "contracts", "--text", text, "--top", "1000", "--json")
        data = answer.json["explanation"]
        return data["bias"] + sum(each["weight"] for each in data["words"]), data["score"]

    decisions = sorted(found(text) for text in ("lunch", "liability clause", "party lunch the"))
    assert [score for _, score in decisions] == sorted(score for _, score in decisions)


def test_a_document_is_read_as_a_crawl_reads_it(
    cultivar: Command, reviewable: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "letter.html"
    file.write_text("<html><body><p>liability clause</p></body></html>", encoding="utf-8")
    found = cultivar("explain", "contracts", "--file", str(file), "--json").json["explanation"]
    assert {"liability", "clause"} <= {each["word"] for each in found["words"]}
    assert "html" not in {each["word"] for each in found["words"]}


def test_a_document_that_cannot_be_read_says_why(
    cultivar: Command, reviewable: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "broken.docx"
    file.write_bytes(b"PK\x03\x04 no docx")
    answer = cultivar("explain", "contracts", "--file", str(file), "--json")
    assert (answer.code, answer.error) == (1, "not-readable")


def test_blank_texts_and_binary_files_are_refused(
    cultivar: Command, reviewable: Workspace, tmp_path: Path
) -> None:
    assert cultivar("explain", "contracts", "--text", " \u200b", "--json").error == "not-readable"
    binary = tmp_path / "program.txt"
    binary.write_bytes(b"\x7fELF\0\1\2\0\0\0 contract")
    assert cultivar("explain", "contracts", "--file", binary, "--json").error == "not-readable"
    binary.write_bytes("Vertrag über Lieferung".encode("utf-16"))
    assert cultivar("explain", "contracts", "--file", binary).code == 0


def test_a_crawled_item_is_found_by_path_and_by_id(
    cultivar: Command, reviewable: Workspace
) -> None:
    item = cultivar("review", "contracts", "--list", "--json").json["items"][0]
    named = cultivar("explain", "contracts", "--item", item["name"], "--json").json
    # a name may fit several items
    [path] = re.findall(rf"{item['item_id']} \((tests/[^)]*)\)", named["error"]["message"])
    by_path = cultivar("explain", "contracts", "--item", path, "--json").json
    given = cultivar("explain", "contracts", item["name"], "--json").json
    assert given == named
    by_id = cultivar("explain", "contracts", "--item", item["item_id"][:10], "--json").json
    assert by_path == by_id
    assert json.dumps(by_id["explanation"]["score"]) != "0"


def test_a_path_from_the_current_folder_names_the_crawled_item(
    cultivar: Command, reviewable: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "letters"
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "a.txt").write_text("The supplier is liable for the delivery.", "utf-8")
    (tmp_path / "other.txt").write_text("Never crawled.", "utf-8")
    assert cultivar("location", "add", "near", str(folder), "--crawl").code == 0
    monkeypatch.chdir(folder / "in")
    for path in ("a.txt", "./a.txt", "../in/a.txt", str(folder / "in" / "a.txt")):
        assert cultivar("explain", "contracts", path).code == 0
        opened = cultivar("explore", "open", path, "--json").json["item"]
        assert (opened["location"], opened["path"]) == ("near", "in/a.txt")
    unread = cultivar("explain", "contracts", "../../other.txt", "--json")
    assert unread.error == "unknown-item"
    assert "--file ../../other.txt" in unread.json["error"]["message"]
    for source in ("near/in/a.txt", "a.txt"):
        refused = cultivar("add-test", "contracts", source, "--json")
        assert refused.error == "no-such-folder"
        assert "is a file, not a folder" in refused.json["error"]["message"]


@pytest.mark.parametrize("arguments", [(), ("--text", "a", "--item", "b"), ("b", "--item", "b")])
def test_exactly_one_thing_is_explained(
    cultivar: Command, reviewable: Workspace, arguments: tuple[str, ...]
) -> None:
    assert cultivar("explain", "contracts", *arguments, "--json").error == "usage"


def test_content_opens_only_to_who_may_open_it(
    cultivar: Command, reviewable: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = cultivar("review", "contracts", "--list", "--json").json["items"][0]["name"]
    cultivar("role", "grant", "sam", "security administrator")
    monkeypatch.setenv("CULTIVAR_USER", "sam")
    assert cultivar("explain", "contracts", "--item", item, "--json").error == "wrong-role"


def test_an_unknown_item_is_refused(cultivar: Command, reviewable: Workspace) -> None:
    assert cultivar("explain", "contracts", "--item", "nowhere", "--json").error == "unknown-item"


def test_status_explaining_and_opening_do_not_wait_for_pandas(labelled: Workspace) -> None:
    """Arrow imports it whenever values are turned into arrays, which takes a second."""
    import subprocess
    import sys

    from tests.operations.policing import matches

    path = next(iter(matches(labelled)))
    code = (
        "import sys; from cli.base.program import run; "
        f"codes = [run(['explain', 'contracts', '--item', {path!r}]), "
        f"run(['explore', 'open', {path!r}]), run(['audit', 'item', {path!r}]), run(['status'])]; "
        "print(codes, 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[0, 0, 0, 0] False"
