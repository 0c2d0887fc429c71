"""One holder a subject, dead holders replaced, and two processes at once."""

import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import sleep

import pytest
from sqlalchemy import select

from cultivar.core.errors import Conflict, InvalidInput
from cultivar.operations import runs
from cultivar.operations.outbox import overdue
from cultivar.operations.publishing.publishing import publish
from cultivar.operations.runs import claim, last_run
from cultivar.settings import Settings, read_settings
from cultivar.store.tables import OutboxRow, PublicationRow, RunRow
from cultivar.store.workspace import Workspace, open_workspace
from tests.operations.organisation import ADMINISTRATOR, Organisation

ROOT = Path(__file__).parents[2]
SUBJECT = "contracts"


def row(workspace: Workspace) -> RunRow:
    with workspace.registry.reading() as session:
        return session.scalars(select(RunRow).order_by(RunRow.started_at.desc())).all()[0]


def test_two_trainings_at_once_cannot_both_run(workspace: Workspace) -> None:
    with claim(workspace, "training", SUBJECT):
        with pytest.raises(Conflict) as refused, claim(workspace, "training", SUBJECT):
            pass
        assert refused.value.code == "already-running"
        assert "Training of contracts is running already since" in refused.value.sentence
        with claim(workspace, "training", "invoices"):
            pass
    with claim(workspace, "training", SUBJECT):
        pass


def test_who_labels_while_labels_are_given_hears_that_nothing_needs_to_be_done(
    workspace: Workspace,
) -> None:
    held = claim(workspace, "labelling", "tenant:labelling")
    with (
        held,
        pytest.raises(Conflict) as refused,
        claim(workspace, "labelling", "tenant:labelling"),
    ):
        pass
    assert refused.value.code == "already-running"
    assert "Nothing needs to be done" in refused.value.sentence
    assert "`cultivar status` shows how far it is." in refused.value.sentence


def test_the_outcome_and_the_progress_are_kept(workspace: Workspace) -> None:
    with claim(workspace, "training", SUBJECT, "flow-run-1") as run:
        run.progress(3, 10)
        run.progress(7)
        with workspace.registry.reading() as session:
            found = last_run(session, SUBJECT, workspace.clock())
        assert found is not None
        assert (found.done, found.total, found.ended_at) == (7, 10, None)
    assert (row(workspace).outcome, row(workspace).flow_run_id) == ("completed", "flow-run-1")


def test_a_failure_is_kept_by_its_sentence_and_a_defect_by_its_kind_alone(
    workspace: Workspace,
) -> None:
    with pytest.raises(InvalidInput), claim(workspace, "training", SUBJECT):
        raise InvalidInput("too-few-seeds", "49 seeds were found.")
    assert (row(workspace).outcome, row(workspace).reason) == ("failed", "49 seeds were found.")
    with pytest.raises(ValueError, match="secret"), claim(workspace, "training", SUBJECT):
        raise ValueError("secret words of a document")
    assert row(workspace).reason == "ValueError"


def test_a_silent_holder_of_another_machine_is_replaced_after_two_minutes(
    workspace: Workspace,
) -> None:
    at = workspace.clock()
    with workspace.registry.transaction() as session:
        session.add(
            RunRow(
                id="old", stage="training", subject=SUBJECT, holder="elsewhere/1:2:3",
                started_at=at, alive_at=at,
            )
        )  # fmt: skip
    soon = replace(workspace, clock=partial(at.__add__, timedelta(seconds=119)))
    with pytest.raises(Conflict), claim(soon, "training", SUBJECT):
        pass
    later = replace(workspace, clock=partial(at.__add__, timedelta(seconds=121)))
    with claim(later, "training", SUBJECT), workspace.registry.reading() as session:
        assert session.get_one(RunRow, "old").outcome == "abandoned"


def test_a_sign_of_life_from_a_clock_that_was_ahead_holds_nothing(workspace: Workspace) -> None:
    later = workspace.clock() + timedelta(days=3)
    with workspace.registry.transaction() as session:
        session.add(
            RunRow(
                id="0" * 32, stage="training", subject=SUBJECT, holder="container/1:2:3",
                started_at=later, alive_at=later,
            )
        )  # fmt: skip
    with claim(workspace, "training", SUBJECT):
        pass
    with workspace.registry.reading() as session:
        assert session.get_one(RunRow, "0" * 32).outcome == "abandoned"


def test_a_holder_gives_signs_of_life(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "HEARTBEAT", timedelta(seconds=0.05))
    with claim(workspace, "training", SUBJECT) as run:
        began = row(workspace).alive_at
        for _ in range(100):
            if row(workspace).alive_at > began:
                break
            sleep(0.05)
        assert row(workspace).alive_at > began
        assert row(workspace).id == run.id


def test_a_process_id_that_was_given_to_another_process_is_not_the_holder(
    workspace: Workspace,
) -> None:
    at = workspace.clock()
    holder = f"{runs._host()}/{os.getpid()}:1:abc"
    with workspace.registry.transaction() as session:
        session.add(
            RunRow(
                id="old", stage="training", subject=SUBJECT, holder=holder,
                started_at=at, alive_at=at,
            )
        )  # fmt: skip
    with claim(workspace, "training", SUBJECT):
        pass


class Other:
    """Another process with the same home; it says `ready`, waits for a line, and acts."""

    def __init__(self, settings: Settings, act: str) -> None:
        script = _SCRIPT.format(act=act)
        environment = {
            **os.environ,
            "CULTIVAR_HOME": str(settings.home),
            "CULTIVAR_REGISTRY_URL": settings.registry_url,
            "CULTIVAR_ARTIFACTS_URL": settings.artifacts_url,
            "CULTIVAR_USER": ADMINISTRATOR,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env=environment, cwd=ROOT,
        )  # fmt: skip
        assert self.line() == "ready"

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


_SCRIPT = """
import json, sys
from cultivar.core.errors import CultivarError
from cultivar.operations.outbox import overdue
from cultivar.operations.publishing.publishing import publish
from cultivar.operations.runs import claim
from cultivar.store.workspace import open_workspace

def act(workspace):
    {act}

with open_workspace() as workspace:
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        print(json.dumps(act(workspace)), flush=True)
    except CultivarError as error:
        print(json.dumps(error.code), flush=True)
"""
_PUBLISH = "return publish(workspace, 'alex', 'contracts').number"
_HOLD = """
    with claim(workspace, "training", "contracts"):
        print("holding", flush=True)
        sys.stdin.readline()
    return "done"
"""


def together(settings: Settings, act: str) -> list[object]:
    """Let two processes act at the same moment and return what each says."""
    others = [Other(settings, act), Other(settings, act)]
    for each in others:
        each.go()
    said = [json.loads(each.line()) for each in others]
    for each in others:
        each.end()
    return said


@pytest.mark.slow
def test_of_two_publishes_at_once_one_wins_and_the_other_is_told(
    stable: Organisation,
) -> None:
    said = together(stable.workspace.settings, _PUBLISH)
    assert sorted(map(str, said)) in (["1", "already-published"], ["1", "changed-meanwhile"])
    with stable.workspace.registry.reading() as session:
        assert session.query(PublicationRow).count() == 1


def killed_holder_is_replaced(workspace: Workspace) -> None:
    other = Other(workspace.settings, _HOLD)
    other.go()
    assert other.line() == "holding"
    with pytest.raises(Conflict) as refused, claim(workspace, "training", SUBJECT):
        pass
    assert refused.value.code == "already-running"
    other.end()
    with claim(workspace, "training", SUBJECT):
        assert row(workspace).outcome is None
    with workspace.registry.reading() as session:
        ended = session.scalars(select(RunRow.outcome).order_by(RunRow.started_at)).all()
    assert ended == ["abandoned", "completed"]


@pytest.mark.slow
def test_a_killed_holder_is_replaced_at_once(workspace: Workspace) -> None:
    killed_holder_is_replaced(workspace)


@pytest.mark.slow
def test_a_killed_holder_is_replaced_at_once_on_postgresql(
    postgres_url: str, tmp_path: Path
) -> None:
    settings = read_settings(
        {"CULTIVAR_HOME": str(tmp_path), "CULTIVAR_REGISTRY_URL": postgres_url}
    )
    with open_workspace(settings) as workspace:
        killed_holder_is_replaced(workspace)


@pytest.mark.slow
def test_of_two_publishes_at_once_on_postgresql_one_wins(postgres_url: str, tmp_path: Path) -> None:
    settings = read_settings(
        {"CULTIVAR_HOME": str(tmp_path), "CULTIVAR_REGISTRY_URL": postgres_url}
    )
    with open_workspace(settings) as workspace:
        made = Organisation(workspace)
        made.come_to_review()
        made.agree()
        said = together(settings, _PUBLISH)
        assert sorted(map(str, said)) in (["1", "already-published"], ["1", "changed-meanwhile"])
        with pytest.raises(Conflict):
            publish(workspace, ADMINISTRATOR, "contracts")


def test_a_patient_claim_waits_for_the_holder(workspace: Workspace) -> None:
    ended: list[str] = []

    def hold(held: threading.Event) -> None:
        with claim(workspace, "review_gate", "contracts"):
            held.set()
            sleep(1.0)
        ended.append("first")

    held = threading.Event()
    holder = threading.Thread(target=hold, args=(held,))
    holder.start()
    assert held.wait(10)
    with claim(workspace, "review_gate", "contracts", patience=timedelta(seconds=60)):
        ended.append("second")
    holder.join()
    assert ended == ["first", "second"]


def test_what_is_due_is_neglected_only_after_a_minute_and_while_nobody_is_at_it(
    settings: Settings,
) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    with open_workspace(settings, clock=lambda: now[0]) as workspace:
        with workspace.registry.transaction() as session:
            session.add(
                OutboxRow(kind="batch complete", subject="contracts", payload={}, created_at=now[0])
            )
        assert overdue(workspace) == []
        now[0] += timedelta(seconds=61)
        with claim(workspace, "review_gate", "contracts"):
            assert overdue(workspace) == []
        assert [each.subject for each in overdue(workspace)] == ["contracts"]
