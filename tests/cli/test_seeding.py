"""Creating a classifier from the command line, up to the moment at which flows take over."""

from pathlib import Path

import pytest

from cultivar.operations.classifiers import list_classifiers
from cultivar.store.workspace import Workspace
from tests.cli.conftest import Command
from tests.cli.terminals import Terminal
from tests.operations.organisation import CONTRACT, Organisation, documents


def _names(workspace: Workspace) -> list[str]:
    return [each["name"] for each in list_classifiers(workspace, "alex")]


@pytest.mark.requirement("TC-36")
def test_a_plan_shows_what_would_be_created_and_creates_nothing(
    cultivar: Command, reviewable: Workspace
) -> None:
    answer = cultivar(
        "create", "Leases", "--seeds", "contracts-seeds/Documents/seeds", "--plan", "--json"
    )
    plan = answer.json["plan"]
    assert (plan["classifier_id"], plan["found"], plan["used"]) == ("leases", 60, 60)
    assert _names(reviewable) == ["Contracts"]


@pytest.mark.requirement("TC-36")
def test_without_agreement_nothing_is_created(cultivar: Command, reviewable: Workspace) -> None:
    answer = cultivar("create", "Leases", "--seeds", "contracts-seeds", "--json")
    assert (answer.code, answer.error) == (1, "not-confirmed")
    assert _names(reviewable) == ["Contracts"]


@pytest.mark.slow
@pytest.mark.requirement("TC-36")
def test_at_a_terminal_the_plan_is_shown_and_agreement_asked_for(reviewable: Workspace) -> None:
    with Terminal("create", "Leases", "--seeds", "contracts-seeds") as terminal:
        terminal.wait_for("Seeds: 60 of 60 items of contracts-seeds")
        terminal.wait_for(r"Create it\? \[Y/n\]")
        terminal.press("n\n")
        terminal.wait_for("Nothing was created")
        assert terminal.process.wait(30) == 1
    assert _names(reviewable) == ["Contracts"]


@pytest.mark.requirement("TC-16")
def test_49_seeds_are_refused_with_the_number_and_nothing_is_created(
    cultivar: Command, reviewable: Workspace
) -> None:
    Organisation(reviewable).add("few", documents(CONTRACT, 49, "seeds"), "seed")
    answer = cultivar("create", "Leases", "--seeds", "few", "--yes", "--json")
    assert (answer.code, answer.error) == (1, "too-few-seeds")
    assert "49 of 49" in answer.json["error"]["message"]
    assert _names(reviewable) == ["Contracts"]


@pytest.mark.requirement("TC-17", "TC-18")
def test_520_seeds_are_planned_as_500_and_20_skipped(
    cultivar: Command, reviewable: Workspace
) -> None:
    Organisation(reviewable).add("many", documents(CONTRACT, 520, "seeds"), "seed")
    plan = cultivar("create", "Leases", "--seeds", "many", "--plan", "--json").json["plan"]
    assert (plan["found"], plan["used"]) == (520, 500)
    assert plan["skipped"] == {"not among the 500 most recently created": 20}


@pytest.mark.requirement("TC-03")
def test_a_classifier_without_seeds_is_misuse(cultivar: Command, reviewable: Workspace) -> None:
    answer = cultivar("create", "Leases", "--json")
    assert (answer.code, answer.error) == (2, "usage")
    assert "--seeds" in answer.json["error"]["message"]


@pytest.mark.requirement("TC-34")
def test_an_empty_name_is_refused(cultivar: Command, reviewable: Workspace) -> None:
    answer = cultivar("create", "  ", "--seeds", "contracts-seeds", "--plan", "--json")
    assert (answer.code, answer.error) == (1, "empty-name")


def test_a_name_that_is_taken_is_refused(cultivar: Command, reviewable: Workspace) -> None:
    answer = cultivar("create", "contracts", "--seeds", "contracts-seeds", "--plan", "--json")
    assert (answer.code, answer.error) == (1, "name-taken")


@pytest.mark.requirement("TC-07")
def test_creating_before_the_opt_in_is_refused(cultivar: Command, tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "one.txt").write_text("A letter about the harvest.", encoding="utf-8")
    cultivar("location", "add", "seeds", str(seeds), "--crawl")
    answer = cultivar("create", "Leases", "--seeds", "seeds", "--plan", "--json")
    assert (answer.code, answer.error) == (1, "not-opted-in")


@pytest.mark.requirement("TC-08")
def test_a_person_without_the_role_may_not_create(
    cultivar: Command, reviewable: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CULTIVAR_USER", "sam")
    answer = cultivar("create", "Leases", "--seeds", "contracts-seeds", "--plan", "--json")
    assert (answer.code, answer.error) == (1, "wrong-role")


def _letters(tmp_path: Path) -> Path:
    folder = tmp_path / "letters"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(f"A letter, number {number}.", encoding="utf-8")
    return folder


@pytest.mark.requirement("TC-30", "TC-35")
def test_a_location_that_was_not_crawled_is_refused_until_somebody_agrees(
    cultivar: Command, reviewable: Workspace, tmp_path: Path
) -> None:
    folder = str(_letters(tmp_path))
    cultivar("location", "add", "post", folder, "--purpose", "seed")
    refused = cultivar("create", "Leases", "--seeds", "post", "--plan", "--json")
    assert (refused.code, refused.error) == (1, "not-crawled")
    assert "cultivar crawl post" in refused.json["error"]["message"]
    answer = cultivar("create", "Leases", "--seeds", "post", "--plan", "--yes", "--json")
    assert answer.json["plan"]["found"] == 3


@pytest.mark.requirement("TC-35")
def test_a_path_becomes_a_location_and_is_crawled_on_the_spot(
    cultivar: Command, reviewable: Workspace, tmp_path: Path
) -> None:
    folder = str(_letters(tmp_path))
    answer = cultivar("create", "Leases", "--seeds", folder, "--plan", "--json")
    assert answer.json["plan"]["found"] == 3
    listed = cultivar("location", "list", "--json").json["locations"]
    assert {each["purpose"] for each in listed if each["name"] == "letters"} == {"seed"}


def test_an_unknown_source_is_refused(cultivar: Command, reviewable: Workspace) -> None:
    answer = cultivar("create", "Leases", "--seeds", "nowhere/at/all", "--plan", "--json")
    assert (answer.code, answer.error) == (1, "unknown-location")


@pytest.mark.requirement("TC-04", "TC-20")
def test_test_items_before_there_is_a_model_are_refused_at_once(
    cultivar: Command, reviewable: Workspace
) -> None:
    Organisation(reviewable).create("Leases")
    answer = cultivar("add-test", "leases", "tests", "--json")
    assert (answer.code, answer.error) == (1, "wrong-status")
