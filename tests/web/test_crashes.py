"""Servers and workers killed during training: no job runs for ever, no half-written model is left.

CRASH_MOMENTS sets how many random moments are tried; a few unless stated.
"""

import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from cultivar import Client
from cultivar.core.errors import CultivarError
from cultivar.settings import read_settings
from tests.processes.upping import up
from tests.web.serving import PER_CLASS, Served, environment, labels, serving, settle

MOMENTS = int(os.environ.get("CRASH_MOMENTS", "3"))
SINGLE = "CustomSingleLabelClassification"
TRAIN = "/language/authoring/analyze-text/projects/P/:train?api-version=2023-04-01"
FINAL = {"succeeded", "failed", "canceled"}
SETTLED_WITHIN = 30.0
# a runner looks for due runs every few seconds, and has others to run
SETTLED_BY_WORKERS_WITHIN = 180.0
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600 + 90 * MOMENTS)]


def begin(client: Client, label: str) -> str:
    """Begin a training and return the path of its job."""
    answer = client._sent("POST", TRAIN, {"modelLabel": label})
    address: str = answer.headers["operation-location"]
    return f"/language{address.partition('/language')[2]}"


def state(client: Client, path: str) -> dict[str, Any]:
    found: dict[str, Any] = client._call("GET", path)
    return found


def wait_until(client: Client, path: str, statuses: set[str], seconds: float) -> dict[str, Any]:
    until = time.monotonic() + seconds
    while True:
        found = state(client, path)
        if found["status"] in statuses:
            return found
        assert time.monotonic() < until, f"the job is {found['status']} for {seconds:.0f} seconds"
        time.sleep(0.05)


def whole_models(client: Client) -> None:
    """Each model that is listed is evaluated, can be deployed, and answers."""
    path = TRAIN.replace(":train", "models")
    for model in client._call("GET", path)["value"]:
        label = model["label"]
        client.evaluation("P", label)
        client.deploy("P", "check", label)
        [classes] = client.predict("P", "check", ["apple harvest orchard cider"])
        assert len(classes) == 1


@pytest.fixture
def home(tmp_path: Path) -> tuple[Path, str]:
    """A tenant whose project P has tagged documents, and a key."""
    home = tmp_path / "home"
    key = settle(home, tmp_path / "documents")
    with serving(home, key) as server, Client(server.url, key) as client:
        client.import_labels("P", labels(SINGLE, dict.fromkeys(("contract", "harvest"), PER_CLASS)))
        server.stop()
    return home, key


def strike(server: Served, client: Client, path: str, moment: int) -> None:
    """Kill the server: at once, or some time after the training began."""
    if moment:
        wait_until(client, path, {"running", *FINAL}, 120)
        time.sleep(random.Random(moment).uniform(0, 0.8))
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()


def test_a_job_of_a_killed_server_ends_and_another_can_begin(home: tuple[Path, str]) -> None:
    folder, key = home
    told = []
    for moment in range(MOMENTS):
        with serving(folder, key) as server, Client(server.url, key) as client:
            path = begin(client, "M")
            strike(server, client, path, moment)
        with serving(folder, key) as server, Client(server.url, key) as client:
            found = wait_until(client, path, FINAL, SETTLED_WITHIN)
            told.append(found["status"])
            if found["status"] == "failed":
                code = found["errors"][0]["innererror"]["code"]
                assert code in {"worker-ended", "server-ended"}
                assert found["result"]["trainingStatus"]["status"] in {"failed", "succeeded"}
            whole_models(client)
            if moment == MOMENTS - 1:
                client.train("P", "M")
                whole_models(client)
            assert server.stop() == 0
    assert "failed" in told


def flow_runs_below(pid: int) -> list[int]:
    """Return the processes in which the runner below a process runs flows."""
    parents, commands = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                commands[int(entry.name)] = (entry / "cmdline").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat[1])

    def is_below(child: int) -> bool:
        while child in parents:
            child = parents[child]
            if child == pid:
                return True
        return False

    return [
        each
        for each, command in commands.items()
        if is_below(each) and ("prefect.flow_engine" in command or "prefect.engine" in command)
    ]


def strike_worker(pid: int, client: Client, path: str, moment: int) -> None:
    """Kill the flow run: before it begins the job, or some time after training began."""
    if moment:
        wait_until(client, path, {"running", *FINAL}, 120)
        time.sleep(random.Random(moment).uniform(0, 2.0))
        for each in flow_runs_below(pid):
            os.kill(each, signal.SIGKILL)
        return
    # runs that a schedule planned are killed too: which of them has the job cannot be told
    until = time.monotonic() + 120
    while state(client, path)["status"] not in FINAL:
        assert time.monotonic() < until, "no worker took the job up, or its end was not noticed"
        for each in flow_runs_below(pid):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        time.sleep(0.05)


def test_where_workers_run_the_api_answers_the_same_and_a_killed_one_fails_its_job(
    home: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, key = home
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    with (
        up(read_settings(environment(folder))) as (process, _),
        serving(folder, key) as server,
        Client(server.url, key) as client,
    ):
        done = client.train("P", "M", seconds=300)
        assert done["result"]["modelLabel"] == "M"
        assert not any(
            "processes.prefect_server.process" in name for name in server_children(server)
        )
        told = []
        for moment in range(MOMENTS):
            path = begin(client, "N")
            strike_worker(process.pid, client, path, moment)
            found = wait_until(client, path, FINAL, SETTLED_BY_WORKERS_WITHIN)
            told.append(found["status"])
            if found["status"] == "failed":
                assert found["errors"][0]["innererror"]["code"] == "worker-ended"
            whole_models(client)
        assert "failed" in told
        client.train("P", "N", seconds=300)
        whole_models(client)
        with pytest.raises(CultivarError):
            client.train("nothing", "M")


def server_children(server: Served) -> list[str]:
    """Return the command lines of what the server started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
                if parent == str(server.process.pid):
                    found.append((entry / "cmdline").read_text())
            except OSError:
                continue
    return found
