"""What is asked before something that stands is changed, and what a script is told instead."""

import shlex
import sys

import click
import pytest

from cli.base.confirmation import agrees
from cultivar.operations.classifiers.details import classifier_details
from cultivar.operations.policies.policy_changes import applications
from cultivar.store.tables import UndoRow
from cultivar.store.workspace import Workspace
from tests.cli.conftest import Command
from tests.cli.terminals import Terminal
from tests.cli.test_policies import CREATE, matched
from tests.operations.organisation import Organisation
from tests.orchestration import Orchestrator


def refused(cultivar: Command, *asked: str) -> None:
    """Insist that nobody is asked here, and that the command to repeat is named."""
    answer = cultivar(*asked, "--json")
    assert (answer.code, answer.error) == (1, "not-confirmed")
    repeated = shlex.join(["cultivar", *asked, "--json", "--yes"])
    assert f"`{repeated}`" in answer.json["error"]["message"]
    piped = cultivar(*asked, typed="y\n")
    assert piped.code == 1, "what is piped in is no answer"
    assert piped.err.startswith("not-confirmed: ")


def test_a_question_wider_than_the_terminal_breaks_between_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def confirm(text: str, **_: object) -> bool:
        asked.append(text)
        return True

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(click, "confirm", confirm)
    question = "Version 1 of the policy keep-sports will label nothing. Take back 486 labels?"
    assert agrees(question)
    lines = [*capsys.readouterr().out.splitlines(), *asked]
    assert len(lines) == 2
    assert " ".join(lines) == question
    assert all(len(line) <= 60 - len(" [y/N]: ") for line in lines[-1:])


def test_without_a_terminal_nothing_is_published_without_yes(
    cultivar: Command, reviewable: Workspace
) -> None:
    Organisation(reviewable).agree()
    refused(cultivar, "publish", "contracts")
    assert classifier_details(reviewable, "alex", "contracts").publications == ()


def test_a_publication_that_is_refused_starts_no_server(
    cultivar: Command, labelled: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a server that does not answer, a command that looked for one would say so instead."""
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert cultivar("publish", "contracts", "--yes", "--json").error == "already-published"
    Organisation(labelled).create("Leases")
    early = cultivar("publish", "leases", "--yes", "--json")
    assert early.error == "wrong-status"
    said = early.json["error"]["message"]
    assert 'leases has the status "In progress".' in said
    assert "Next: `cultivar train leases`." in said


def test_without_a_terminal_no_label_is_put_or_taken_back_without_yes(
    cultivar: Command, labelled: Workspace
) -> None:
    cultivar("role", "grant", "alex", "record management")
    assert cultivar(*CREATE).code == 0
    refused(cultivar, "policy", "apply")
    refused(cultivar, "policy", "undo", "keep-contracts", "--reason", "Too broad, they say")
    assert applications(labelled, "alex") == []
    with labelled.registry.reading() as session:
        assert session.query(UndoRow).count() == 0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_at_a_terminal_labels_are_shown_asked_for_and_taken_back(
    cultivar: Command, labelled: Workspace, orchestrator: Orchestrator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("PREFECT_API_URL", orchestrator.api_url)
    cultivar("role", "grant", "alex", "record management")
    cultivar(*CREATE)
    paths = matched(labelled)
    count = len(paths)
    with Terminal("policy", "apply") as terminal:
        terminal.wait_for("gets Contract", 120)
        terminal.wait_for(
            rf"{count - 10} more; all of them: `cultivar policy apply intranet --prev"
        )
        terminal.wait_for("Expected wrong labels by contracts-")
        terminal.wait_for(rf"Add {count} labels\? \[y/N\]")
        terminal.press("n\n")
        terminal.wait_for("Nothing was changed")
        assert terminal.process.wait(60) == 1
    assert applications(labelled, "alex") == []
    done = cultivar("policy", "apply", "--yes")
    assert f"{count} labels were given, 0 taken back, 0 changed." in done.out
    assert "`cultivar policy undo keep-contracts`" in done.out
    assert "Next: cultivar explore groups" in done.out
    cultivar("policy", "update", "keep-contracts", "--label", "Other", *CREATE[9:])
    with Terminal("policy", "apply") as terminal:
        terminal.wait_for("Contract becomes Other", 120)
        terminal.wait_for(rf"Change {count} labels\? \[y/N\]")
        terminal.press("y\n")
        terminal.wait_for("applied", 120)
        assert terminal.process.wait(60) == 0
    with Terminal("policy", "undo", "keep-contracts") as terminal:
        terminal.wait_for(rf"Take back {count} labels")
        terminal.press("y\n")
        terminal.wait_for("Next: .*cultivar policy update keep-contracts", 120)
        assert terminal.process.wait(60) == 0
    # what was undone is no dead end: the next version may say the same
    shown = cultivar("policy", "apply", "--preview").out
    assert "Version 2 of Keep contracts was undone and labels nothing." in shown
    made = cultivar("policy", "update", "keep-contracts", "--json").json["policy"]
    assert (made["version"], made["undone"]) == (3, False)
    again = cultivar("policy", "update", "keep-contracts", "--json")
    assert again.error == "nothing-changed"


@pytest.mark.slow
def test_ctrl_c_at_a_question_is_answered_on_a_line_of_its_own(
    cultivar: Command, labelled: Workspace
) -> None:
    cultivar("role", "grant", "alex", "record management")
    assert cultivar(*CREATE).code == 0
    with Terminal("policy", "undo", "keep-contracts", "--reason", "Too broad") as terminal:
        terminal.wait_for(r"\[y/N\]: ")
        # the question shows a moment before its answer is read: a key in between waits for the next
        terminal.settle()
        terminal.press("\x03")
        terminal.wait_for(r"\n[^\n]{0,20}interrupted:")
        assert terminal.process.wait(60) == 130
