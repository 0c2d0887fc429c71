"""`cultivar up` as a person runs it: a ready line, deployments that run, a clean stop."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cultivar.core.lifecycle import Status
from cultivar.operations.classifier_state import classifier_state
from cultivar.operations.classifiers.classifiers import create_classifier
from cultivar.operations.content.locations import location_named, resolve_source
from cultivar.settings import Settings
from cultivar.store.workspace import Workspace, open_workspace
from processes.deployments import DEPLOYED, deployed
from processes.prefect_server import http as prefect_http
from processes.prefect_server import server
from processes.prefect_server.login import login_of
from processes.prefect_server.settings import HOST
from tests.flows.conftest import ACTOR, NAME, Stages
from tests.processes.upping import COMMAND, up

pytestmark = pytest.mark.slow


def _deployment_run(settings: Settings, name: str, *parameters: str) -> str:
    """Start a deployed flow as a person does, in a shell of their own, and wait for its end."""
    shell = 'eval "$(python -P -m cli up --env)" && python -m prefect deployment run "$@"'
    flags = [part for each in parameters for part in ("--param", each)]
    answer = subprocess.run(
        ["sh", "-c", shell, "sh", name, "--watch", *flags],
        env={
            "CULTIVAR_HOME": str(settings.home),
            "HOME": str(settings.home.parent),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return answer.stdout + answer.stderr


def _message(url: str, settings: Settings, said: str) -> str:
    """Return the state message of the run that was just watched."""
    run_id = said.partition("UUID: ")[2].split()[0]
    run = prefect_http.get(f"{url}/api/flow_runs/{run_id}", login_of(settings.home))
    return str(run["state"]["message"])


def _server_of(process: "subprocess.Popen[str]") -> int:
    """Return the process of the Prefect server that `cultivar up` holds."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    named = {pid: Path(f"/proc/{pid}/cmdline").read_text() for pid in children}
    (found,) = [
        int(pid) for pid, command in named.items() if "processes.prefect_server.process" in command
    ]
    return found


def _until(holds: Callable[[], bool], seconds: float = 120) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.5)
    return False


def _is_trained(workspace: Workspace) -> bool:
    return classifier_state(workspace, NAME).status is Status.NEED_TEST_ITEMS


@pytest.mark.timeout(600)
def test_up_runs_deployments_takes_up_what_is_due_and_stops_cleanly(
    stages: Stages, settings: Settings
) -> None:
    shutil.copytree(stages.at("opted in"), settings.home)
    with open_workspace(settings) as workspace, up(settings) as (process, url):
        before = location_named(workspace, "seeds").crawled_at
        said = _deployment_run(settings, deployed("crawl").full_name, "location=seeds")
        assert "Completed" in said, said
        assert location_named(workspace, "seeds").crawled_at != before

        said = _deployment_run(settings, deployed("training").full_name, "classifier=nobody")
        assert "Failed" in said, said
        assert _message(url, settings, said).startswith("There is no classifier named 'nobody'.")

        # the server is started again on its port, and what is asked of it then runs
        os.kill(_server_of(process), signal.SIGKILL)
        said = _deployment_run(settings, deployed("crawl").full_name, "location=seeds")
        assert "Completed" in said, said
        assert url in said

        # nobody starts a flow here: creating leaves word in the registry, and that is taken up
        create_classifier(workspace, ACTOR, NAME, "", resolve_source(workspace, "seeds"))
        assert _until(lambda: _is_trained(workspace))

        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert process.stdout is not None
        told = process.stdout.read()
        assert told.count("the Prefect server ended by itself and is started again.") == 1
        assert told.endswith("Stopped.\n")
        assert server.find(settings.home) is None


@pytest.mark.timeout(300)
def test_a_second_up_is_refused_and_ctrl_c_stops_both_children(settings: Settings) -> None:
    with up(settings) as (process, url):
        second = subprocess.run(
            [COMMAND, "up", "--json"],
            env={"CULTIVAR_HOME": str(settings.home), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert second.returncode == 1
        error = json.loads(second.stdout)["error"]
        assert error["code"] == "already-running"
        assert f"at {url}" in error["message"]
        for each in DEPLOYED:
            named = f"{url}/api/deployments/name/{each.full_name}"
            assert not prefect_http.get(named, login_of(settings.home))["paused"]
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((HOST, int(url.rpartition(":")[2])), 5)


@pytest.mark.timeout(300)
def test_a_run_that_ended_is_not_shown_as_cancelled_where_up_stops_right_after(
    settings: Settings,
) -> None:
    with up(settings) as (process, url):
        api, login = f"{url}/api", login_of(settings.home)
        name = deployed("write_labels").full_name
        made = prefect_http.get(f"{api}/deployments/name/{name}", login)
        run = prefect_http.post(api, f"/deployments/{made['id']}/create_flow_run", {}, login)

        def came_to() -> str:
            return str(prefect_http.get(f"{api}/flow_runs/{run['id']}", login)["state"]["type"])

        assert _until(lambda: came_to() in ("COMPLETED", "FAILED"))
        process.send_signal(signal.SIGINT)
        process.wait(60)
    with closing(sqlite3.connect(settings.home / "prefect" / "prefect.db")) as database:
        found = database.execute("SELECT state_type FROM flow_run WHERE name LIKE 'write%'")
        assert {state for (state,) in found} <= {"COMPLETED", "FAILED", "SCHEDULED"}
