"""A whole life by commands alone, each a real process: from folders to labelled content."""

import csv
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from cultivar.store.workspace import Workspace
from tests.cli.conftest import Answer, Command
from tests.operations import organisation as operations
from tests.orchestration import Orchestrator
from tests.small import Organisation, grow

NAME = "supplier-contracts"


class Shell:
    """Runs commands against one server, and insists on success unless told otherwise."""

    def __init__(self, process: Command, orchestrator: Orchestrator) -> None:
        self._process = process
        self._server = orchestrator.api_url

    def __call__(self, *arguments: str, typed: str = "", code: int = 0) -> Any:
        answer: Answer = self._process(
            *arguments, "--json", typed=typed, PREFECT_API_URL=self._server
        )
        assert answer.code == code, answer
        assert "Traceback" not in answer.out + answer.err
        return answer.json


@pytest.fixture
def shell(process: Command, orchestrator: Orchestrator) -> Shell:
    return Shell(process, orchestrator)


@pytest.fixture
def organisation(tmp_path: Path) -> Organisation:
    return grow(tmp_path / "organisation")


def _labels(organisation: Organisation, file: Path, kept: slice = slice(None)) -> Path:
    tests = sorted(organisation.tests.rglob("*.txt"))[kept]
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["path", "relevant"])
        for test in tests:
            relative = test.relative_to(organisation.tests).as_posix()
            writer.writerow([relative, int(relative.startswith("positive"))])
    return file


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.requirement(
    "TC-03", "TC-04", "TC-07", "TC-36", "TC-38", "TC-39", "TC-46", "TC-49", "TC-54", "TC-55",
    "TC-56", "TC-57", "TC-58",
)  # fmt: skip
def test_commands_alone_lead_from_folders_to_labels(
    shell: Shell, organisation: Organisation, tmp_path: Path
) -> None:
    opted = shell("opt-in", "--content", str(organisation.content))
    assert opted["tenant"]["opt_in_status"] == "opted in"
    assert opted["tenant"]["baseline_documents"] == 160

    created = shell("create", "Supplier contracts", "--seeds", str(organisation.seeds), "--yes")[
        "classifier"
    ]
    assert (created["id"], created["status"]) == (NAME, "Need test items")
    assert shell("publish", NAME, code=1)["error"]["code"] == "wrong-status"

    tested = shell("add-test", NAME, str(organisation.tests), "--yes")
    assert tested["status"] == "Ready to review"
    assert (tested["test"]["used"], tested["test"]["declared"]) == (220, 220)
    assert shell("publish", NAME, code=1)["error"]["code"] == "too-few-reviews"

    some = _labels(organisation, tmp_path / "some.csv", slice(None, None, 20))
    partly = shell("review", NAME, "--verdicts", str(some))
    assert partly["review"]["accuracy"] is None
    every = _labels(organisation, tmp_path / "every.csv")
    reviewed = shell("review", NAME, "--verdicts", str(every))
    assert reviewed["review"]["status"] == "Ready to use"
    assert reviewed["review"]["decided"] >= 200
    assert reviewed["next"] == f"cultivar publish {NAME}"

    published = shell("publish", NAME, "--yes")["classifier"]
    assert published["published_version"] == published["candidate_version"]
    assert len(published["usable_conditions"]) == 3

    labelled = shell("label")["labellings"]
    assert [(each["location"], each["items"]) for each in labelled] == [("content", 160)]
    assert 30 <= labelled[0]["matches"] <= 50

    verified = shell("verify", NAME)
    assert verified["identical"] is True
    assert verified["version"] == published["published_version"]
    assert shell("publish", NAME, code=1)["error"]["code"] == "already-published"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_batch_by_keys_learns_and_goes_on(
    process: Command, orchestrator: Orchestrator, reviewable: object
) -> None:
    """Thirty keys, Enter to close and to go on, one key of the next batch."""
    typed = "y\n" * 30 + "\n" + "y\nq\n"
    answer = process("review", "contracts", typed=typed, PREFECT_API_URL=orchestrator.api_url)
    assert answer.code == 0, answer
    assert "Batch 2, item 1 of 30" in answer.out
    assert "Accuracy 100 %, at least 75 % (80 % is needed)" in answer.out
    answer = process("status", "contracts", "--json")
    assert answer.code == 0, answer
    status = answer.json["classifier"]
    assert (status["review"]["reviewed"], status["review"]["learning"]) == (31, False)
    assert len(status["versions"]) == 2


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.requirement("TC-22", "TC-25", "TC-41")
def test_test_items_that_prove_nothing_are_refused_each_with_its_own_sentence(
    shell: Shell, reviewable: Workspace
) -> None:
    made = operations.Organisation(reviewable)
    made.create("Leases")
    made.train("leases")
    lopsided = [
        *operations.documents(operations.CONTRACT, 100, "test/positive", 30_000),
        *operations.documents(operations.NOISE, 20, "test/negative", 30_000),
    ]
    made.add("lopsided", lopsided, "test")
    made.add("crowd", operations.documents(operations.NOISE, 10_001, "test", 40_000), "test")

    unbalanced = shell("add-test", "leases", "lopsided/test", code=1)["error"]
    assert unbalanced["code"] == "unbalanced-test-set"
    assert "16.7%" in unbalanced["message"]
    seeds = shell("add-test", "leases", "leases-seeds", code=1)["error"]
    assert seeds["code"] == "seed-test-overlap"
    assert "60 equal or nearly equal a seed" in seeds["message"]
    crowd = shell("add-test", "leases", "crowd", code=1)["error"]
    assert crowd["code"] == "too-many-test-items"
    assert "10,001" in crowd["message"]
    assert shell("status", "leases")["classifier"]["status"] == "Need test items"
    # the way on that the first refusal names leads on, whatever was refused since
    command = re.search(r"`cultivar (gate override leases test_set .*)`", unbalanced["message"])
    assert command
    typed = shlex.split(command[1].replace("REASON", "Few leases exist this year"))
    overridden = shell(*typed, "--yes")
    assert overridden["next"] == "cultivar add-test leases SOURCE"
    wrong = ["gate", "override", "leases", "test_set", "--reason", "Few leases exist this year"]
    for artifact in ("ffff", "xyz", ""):
        refused = shell(*wrong, "--artifact", artifact, "--yes", code=1)["error"]
        assert refused["code"] == "unknown-gate-result"
    tested = shell("add-test", "leases", "lopsided/test")
    assert (tested["status"], tested["test"]["used"]) == ("Ready to review", 120)
