"""A small organisation by commands alone: 39 listed mails, two retrainings, each a real process."""

import csv
from pathlib import Path

import pytest

from cultivar.store.workspace import Workspace
from tests.cli.conftest import Command
from tests.cli.test_lifecycle import Shell
from tests.operations.mail import CLASSIFIER, in_small_use
from tests.operations.organisation import Organisation
from tests.orchestration import Orchestrator


def filled(file: Path, truth: dict[bool, str], first: int) -> Path:
    """Answer the first items of a list, by whether their folder says that they are contracts."""
    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    assert len(rows) == 39
    for row in rows[:first]:
        row["relevant"] = truth["/mixed/" not in row["path"]]
    with file.open("w", encoding="utf-8-sig", newline="") as text:
        writer = csv.DictWriter(text, rows[0], delimiter=";", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
    return file


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.requirement("RT-08", "RT-21", "RT-32")
def test_39_listed_mails_lead_to_a_second_retraining_by_lists_that_are_filled_in(
    process: Command, orchestrator: Orchestrator, reviewable: Workspace, tmp_path: Path
) -> None:
    shell = Shell(process, orchestrator)
    made = Organisation(reviewable)
    made.agree()
    in_small_use(made)
    file = tmp_path / "mails.csv"
    # at first the person takes the one word for the other
    for number, truth in enumerate(({True: "no", False: "yes"}, {True: "yes", False: "no"}), 1):
        shell("feedback", CLASSIFIER, "--csv", str(file))
        filled(file, truth, 32)
        sent = shell("feedback", CLASSIFIER, "--verdicts", str(file), "--skip-empty")["sent"]
        assert (sent["items"], sent["counting"], sent["due"]) == (32, 32, True)
        overview = shell("retrain", "start", CLASSIFIER)["overview"]
        assert overview["number"] == number
    again = shell("feedback", CLASSIFIER, "--verdicts", str(file), "--skip-empty")["sent"]
    assert (again["counted"], again["kept"]) == (
        0, "32 verdicts kept: 32 repeat what retraining 2 used already.",
    )  # fmt: skip
    made_so_far = shell("retrain", "status", CLASSIFIER)["retraining"]["retrainings"]
    assert [each["outcome"] for each in made_so_far] == ["finished", "finished"]
