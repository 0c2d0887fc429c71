"""Creating a classifier from the command line, up to the moment at which flows take over."""

from pathlib import Path

import pytest

from cultivar.operations.classifiers.classifiers import list_classifiers
from cultivar.store.tables import ArtifactRow, AuditRow, LocationRow
from cultivar.store.workspace import Workspace
from tests.cli.conftest import Command
from tests.cli.terminals import Terminal
from tests.operations.organisation import CONTRACT, Organisation, documents
from tests.orchestration import Orchestrator


def _names(workspace: Workspace) -> list[str]:
    return [each.name for each in list_classifiers(workspace, "alex")]


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
    asked = ("create", "Leases and more", "--seeds", "contracts-seeds", "--json")
    answer = cultivar(*asked)
    assert (answer.code, answer.error) == (1, "not-confirmed")
    command = "`cultivar create 'Leases and more' --seeds contracts-seeds --json --yes`"
    assert command in answer.json["error"]["message"]
    assert _names(reviewable) == ["Contracts"]


@pytest.mark.slow
@pytest.mark.requirement("TC-36")
def test_at_a_terminal_the_plan_is_shown_and_agreement_asked_for(reviewable: Workspace) -> None:
    with Terminal("create", "Leases", "--seeds", "contracts-seeds") as terminal:
        terminal.wait_for("Seeds: 60 of 60 items of contracts-seeds")
        terminal.wait_for(r"Create the classifier Leases\? \[Y/n\]")
        terminal.press("n\n")
        terminal.wait_for("Nothing was changed")
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


@pytest.mark.slow
@pytest.mark.requirement("TC-35")
def test_a_path_becomes_a_location_once_somebody_agreed_and_the_same_command_goes_on(
    process: Command, cultivar: Command, orchestrator: Orchestrator, reviewable: Workspace,
    tmp_path: Path,
) -> None:  # fmt: skip
    """Created, but no server answers, so nothing is trained: the same command goes on."""
    folder = tmp_path / "letters"
    folder.mkdir()
    for number, each in enumerate(documents(CONTRACT, 60, "letters", 70_000)):
        (folder / f"{number}.txt").write_text(each.text, encoding="utf-8")
    asked = ("create", "Leases", "--seeds", str(folder), "--yes", "--json")
    assert process(*asked, PREFECT_API_URL="http://127.0.0.1:9/api").code == 1
    listed = cultivar("location", "list", "--json").json["locations"]
    assert {each["purpose"] for each in listed if each["name"] == "letters"} == {"seed"}
    taken = cultivar("create", "Leases", "--seeds", "contracts-seeds", "--json")
    assert taken.error == "name-taken"
    assert "`cultivar train leases` goes on with it" in taken.json["error"]["message"]
    done = process(*asked, PREFECT_API_URL=orchestrator.api_url)
    assert done.code == 0, done
    assert done.json["classifier"]["status"] == "Need test items"
    assert cultivar(*asked).error == "name-taken"


def _everything(workspace: Workspace) -> tuple[int, ...]:
    """Count what is stored: locations, artifacts, rows of the audit log."""
    with workspace.registry.reading() as session:
        return tuple(session.query(each).count() for each in (LocationRow, ArtifactRow, AuditRow))


def test_a_plan_and_a_refused_creation_change_nothing(
    cultivar: Command, reviewable: Workspace, tmp_path: Path
) -> None:
    folder, before = str(_letters(tmp_path)), _everything(reviewable)
    asked = ("create", "Leases", "--seeds", folder)
    plan = cultivar(*asked, "--plan", "--json").json
    assert plan["plan"]["found"] == 3
    assert plan["next"] == f"cultivar create Leases --seeds {folder}"
    refused = cultivar(*asked, "--yes", "--json")
    assert refused.error == "too-few-seeds"
    assert "cultivar crawl" not in refused.json["error"]["message"], "there is no location"
    assert "crawl it again" not in " ".join(plan["plan"]["warnings"])
    assert _everything(reviewable) == before


@pytest.mark.parametrize(
    "asked",
    [
        ("create", "Leases", "--seeds"),
        ("add-test", "contracts"),
        ("opt-in", "--content"),
        ("location", "add", "far"),
    ],
)
def test_a_folder_that_is_not_there_is_named_as_a_folder(
    cultivar: Command, reviewable: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    asked: tuple[str, ...],
) -> None:  # fmt: skip
    before = _everything(reviewable)
    for path in (str(tmp_path / "nowhere"), "./nowhere"):
        answer = cultivar(*asked, path, "--json")
        assert (answer.code, answer.error) == (1, "no-such-folder")
        assert f"There is no folder {path}." in answer.json["error"]["message"]
    (tmp_path / "file.txt").write_text("One letter.", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for path in (str(tmp_path / "file.txt"), "file.txt"):
        answer = cultivar(*asked, path, "--json")
        assert "is a file, not a folder" in answer.json["error"]["message"]
    assert _everything(reviewable) == before


def test_an_unknown_source_is_refused(cultivar: Command, reviewable: Workspace) -> None:
    answer = cultivar("create", "Leases", "--seeds", "nowhere/at/all", "--plan", "--json")
    assert (answer.code, answer.error) == (1, "unknown-location")
    assert "There is no folder nowhere/at/all." in answer.json["error"]["message"]


@pytest.mark.requirement("TC-04", "TC-20")
def test_test_items_before_there_is_a_model_are_refused_at_once(
    cultivar: Command, reviewable: Workspace
) -> None:
    Organisation(reviewable).create("Leases")
    answer = cultivar("add-test", "leases", "tests", "--json")
    assert (answer.code, answer.error) == (1, "wrong-status")
