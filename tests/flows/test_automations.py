"""Automations in a real Prefect server: the 30th verdict retrains, and the dead are called dead."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from cultivar.operations.outbox import GRACE, RETRAINING_DUE, due
from cultivar.operations.retrainings import retraining_status
from cultivar.settings import Settings
from cultivar.store.workspace import open_workspace
from flows import nudging, prefect_http
from flows.deployments import zombie_automation
from flows.prefect_login import login_of
from tests.flows.upping import up
from tests.operations.mail import CLASSIFIER, give, in_use, listed
from tests.operations.organisation import ADMINISTRATOR, Organisation
from tests.orchestration import Orchestrator

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


def _retrainings(organisation: Organisation) -> list[dict[str, Any]]:
    status = retraining_status(organisation.workspace, ADMINISTRATOR, CLASSIFIER)
    return list(status["retrainings"])


def _is_finished(organisation: Organisation) -> bool:
    made = _retrainings(organisation)
    return bool(made) and made[0]["outcome"] == "finished"


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


def _post(url: str, path: str, body: Any, login: str | None) -> Any:
    return prefect_http.post(url, path, body, login, 30)


def _started_by(url: str, settings: Settings, run_name: str) -> list[str]:
    """Return what started the flow runs of a name: the automation its deployment, a sweep a part.

    Nothing else starts that deployment.
    """
    wanted = {"flow_runs": {"name": {"any_": [run_name]}}, "limit": 50}
    runs = _post(f"{url}/api", "/flow_runs/filter", wanted, login_of(settings.home))
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
        assert _retrainings(used)[0]["started_at"] - began < GRACE
        assert "sweep" not in _started_by(url, settings, f"retrain: {CLASSIFIER}")
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
        assert set(_started_by(url, settings, f"retrain: {CLASSIFIER}")) == {"sweep"}
    assert [each["number"] for each in _retrainings(used)] == [1]
    assert due(used.workspace, RETRAINING_DUE) == []


def test_a_run_whose_process_died_is_marked_as_crashed(orchestrator: Orchestrator) -> None:
    """A run that says it works and gives no sign of life, as a killed one; the limit is shorter."""
    url, login = orchestrator.api_url, orchestrator.login
    made = zombie_automation(timedelta(seconds=10))
    made.name = "zombies, at once"
    _post(url, "/automations/", made.model_dump(mode="json", exclude_unset=True), login)
    flow = _post(url, "/flows/", {"name": "killed"}, login)
    run = _post(url, "/flow_runs/", {"flow_id": flow["id"], "state": {"type": "RUNNING"}}, login)
    _post(url, "/events", [_heartbeat(run["id"])], login)

    def is_crashed() -> bool:
        answer = prefect_http.get(f"{url}/flow_runs/{run['id']}", login, 30)
        return bool(answer["state"]["type"] == "CRASHED")

    assert not is_crashed()
    assert _until(is_crashed, 90)


def _heartbeat(run_id: str) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": "prefect.flow-run.heartbeat",
        "resource": {"prefect.resource.id": f"prefect.flow-run.{run_id}"},
    }
