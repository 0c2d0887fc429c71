"""Automations in a real Prefect server: the 30th verdict retrains, and the dead are called dead."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from prefect.events.related import tags_as_related_resources

from cultivar.operations.outbox import GRACE, RETRAINING_DUE, due
from cultivar.operations.retraining.retrainings import retraining_status
from cultivar.operations.retraining.summaries import RetrainingSummary
from cultivar.settings import Settings
from cultivar.store.workspace import open_workspace
from processes import events as nudging
from processes.automations import RETRAININGS, ZOMBIES, zombie_automation
from processes.deployments import TAG, deployed
from tests.operations.mail import CLASSIFIER, give, in_use, listed
from tests.operations.organisation import ADMINISTRATOR, Organisation
from tests.orchestration import Orchestrator
from tests.processes.asking import Api
from tests.processes.upping import up

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def used(settings: Settings) -> Iterator[Organisation]:
    """An organisation whose classifier is published and in use over mail; no server runs."""
    with open_workspace(settings) as workspace:
        made = Organisation(workspace)
        made.come_to_review()
        made.agree()
        yield in_use(made)


@pytest.fixture
def own_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what the tests before said of their server reach neither `up` nor a nudge."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


def _retrainings(organisation: Organisation) -> tuple[RetrainingSummary, ...]:
    status = retraining_status(organisation.workspace, ADMINISTRATOR, CLASSIFIER)
    return status.retrainings


def _is_finished(organisation: Organisation) -> bool:
    made = _retrainings(organisation)
    return bool(made) and made[0].outcome == "finished"


def _is_taken_up(organisation: Organisation) -> bool:
    assert nudging.nudge(organisation.workspace.settings, CLASSIFIER, ADMINISTRATOR)
    return _until(lambda: bool(_retrainings(organisation)), 20)


def _until(holds: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.5)
    return False


def _started_by(url: str, settings: Settings) -> list[str]:
    """Return what started the runs that retrain: the automation its deployment, a sweep a part.

    Nothing else starts that deployment.
    """
    wanted = {"flow_runs": {"name": {"any_": [f"retrain: {CLASSIFIER}"]}}, "limit": 50}
    runs = Api(f"{url}/api", settings.home).ask("POST", "/flow_runs/filter", wanted)
    return ["automation" if each["deployment_id"] else "sweep" for each in runs]


@pytest.mark.usefixtures("own_server")
@pytest.mark.requirement("RT-08", "RT-24")
def test_the_30th_verdict_retrains_by_the_automation_at_once(
    used: Organisation, settings: Settings
) -> None:
    with up(settings) as (_, url):
        assert not _retrainings(used)
        give(used, listed(used)[:30])
        began = datetime.now(UTC)
        # a server hears of an automation a moment after it was made, so one event may be missed
        assert any(_is_taken_up(used) for _ in range(3))
        assert _until(lambda: _is_finished(used), 240)
        # before the sweep, which leaves what is new to whoever made it due
        assert _retrainings(used)[0].started_at - began < GRACE
        assert "sweep" not in _started_by(url, settings)
        assert due(used.workspace, RETRAINING_DUE) == []


@pytest.mark.usefixtures("own_server")
@pytest.mark.requirement("RT-08", "RT-24")
def test_verdicts_given_while_no_server_runs_retrain_once_one_does(
    used: Organisation, settings: Settings
) -> None:
    give(used, listed(used)[:30])
    assert not nudging.nudge(settings, CLASSIFIER, ADMINISTRATOR)
    assert not _retrainings(used)
    with up(settings) as (_, url):
        assert _until(lambda: _is_finished(used), 240)
        assert set(_started_by(url, settings)) == {"sweep"}
    assert [each.number for each in _retrainings(used)] == [1]
    assert due(used.workspace, RETRAINING_DUE) == []


def test_a_run_whose_process_died_is_marked_as_crashed_and_runs_of_others_are_left_alone(
    orchestrator: Orchestrator,
) -> None:
    """Runs that say they work and give no sign of life, as killed ones; the limit is shorter.

    A run that has ended keeps its state.
    """
    api = Api(orchestrator.api_url, orchestrator.home)
    made = zombie_automation(timedelta(seconds=10))
    made.name = "zombies, at once"
    api.ask("POST", "/automations/", made.model_dump(mode="json", exclude_unset=True))
    over = _silent_run(api, [TAG])
    api.ask("POST", f"/flow_runs/{over}/set_state", {"state": {"type": "COMPLETED"}})
    # its last sign of life comes late, or a server that starts again lost the event of its end
    api.ask("POST", "/events", [_heartbeat(over, [TAG])])
    foreign, ours = _silent_run(api, []), _silent_run(api, [TAG, "classifier:contracts"])
    assert _state(api, ours) == "RUNNING"
    assert _until(lambda: _state(api, ours) == "CRASHED", 90)
    time.sleep(5)
    assert (_state(api, foreign), _state(api, over)) == ("RUNNING", "COMPLETED")


def _silent_run(api: Api, tags: list[str]) -> str:
    flow = api.ask("POST", "/flows/", {"name": "killed"})
    wanted = {"flow_id": flow["id"], "state": {"type": "RUNNING"}, "tags": tags}
    run = str(api.ask("POST", "/flow_runs/", wanted)["id"])
    api.ask("POST", "/events", [_heartbeat(run, tags)])
    return run


def _state(api: Api, run: str) -> str:
    return str(api.ask("GET", f"/flow_runs/{run}")["state"]["type"])


def _heartbeat(run_id: str, tags: list[str]) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": "prefect.flow-run.heartbeat",
        "resource": {"prefect.resource.id": f"prefect.flow-run.{run_id}"},
        "related": [each.model_dump() for each in tags_as_related_resources(tags)],
    }


def _deploy_all(url: str, folder: Path) -> None:
    for command in (
        ("work-pool", "create", "cultivar", "--type", "process", "--overwrite"),
        ("--no-prompt", "deploy", "--all"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "prefect", *command],
            cwd=ROOT,
            env=os.environ | {"PREFECT_API_URL": url, "PREFECT_HOME": str(folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.requirement("RT-08")
def test_deployed_for_workers_the_event_of_the_30th_verdict_starts_a_retraining(
    orchestrator: Orchestrator,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    api = Api(orchestrator.api_url, orchestrator.home)
    monkeypatch.setenv("PREFECT_API_URL", api.url)
    _deploy_all(api.url, tmp_path)
    rules = {each["name"]: each for each in api.ask("POST", "/automations/filter", {})}
    assert {RETRAININGS, ZOMBIES} <= set(rules)
    assert all(rules[name]["description"] and rules[name]["enabled"] for name in rules)

    # no worker takes runs yet, so nobody is told that a retraining starts
    assert not nudging.is_heard(settings)
    api.ask("POST", "/work_pools/cultivar/get_scheduled_flow_runs", {})
    assert _until(lambda: nudging.is_heard(settings), 60)

    def retrainings() -> list[dict[str, Any]]:
        wanted = {"deployments": {"name": {"any_": [deployed("retrain").name]}}}
        return list(api.ask("POST", "/flow_runs/filter", wanted))

    def is_started() -> bool:
        assert nudging.nudge(settings, CLASSIFIER, ADMINISTRATOR)
        return _until(lambda: bool(retrainings()), 20)

    # a server hears of an automation a moment after it was made, so one event may be missed
    assert any(is_started() for _ in range(3))
    assert retrainings()[0]["parameters"] == {
        "classifier": CLASSIFIER,
        "actor": ADMINISTRATOR,
        "only_if_due": True,
    }

    api.ask("PATCH", f"/automations/{rules[RETRAININGS]['id']}", {"enabled": False})
    assert not nudging.is_heard(settings)
