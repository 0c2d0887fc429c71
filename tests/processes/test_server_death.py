"""The Prefect server dies in the middle of a flow: the work goes on, or ends in a sentence."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from cultivar.core.errors import StoreUnavailable
from cultivar.settings import Settings, read_settings
from flows.base.stage import stage
from processes.prefect_server import http as prefect_http
from processes.prefect_server import server
from tasks import Told, step
from tests.processes.upping import unused_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

OWNER = """
import sys, time
from cultivar.settings import read_settings
from processes.prefect_server import server
with server.running(read_settings()) as found:
    print(found.process.pid, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home of its own with a port of its own, and no server named by the environment."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.delenv("PREFECT_API_AUTH_STRING", raising=False)
    monkeypatch.setenv("CULTIVAR_PREFECT_PORT", str(unused_port()))
    return read_settings()


def test_a_flow_survives_its_server_and_the_owner_of_its_server(
    settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-P", "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert owner.stdout is not None
    server_pid = int(owner.stdout.readline())
    with server.running(settings) as found:
        assert found.process is None, "it is the owner's"
        steps = _flow(lambda: os.kill(server_pid, signal.SIGKILL), lambda: _kill(owner))
        assert steps() == 3
        assert found.process is not None, "this process took the place of the owner"
        assert server.find(settings.home, 60) is not None
        assert _completed(found) == 1

        began = time.monotonic()
        with pytest.raises(StoreUnavailable, match="run it again") as refused:
            _flow(lambda: server.stop(found))()
        assert time.monotonic() - began < 60
        assert refused.value.code == "prefect-lost"
    owner.stdout.close()
    assert server.find(settings.home) is None
    assert capfd.readouterr().err == ""


def _flow(*deaths: Callable[[], object]) -> Callable[[], int]:
    """Return a flow of small tasks, with a death between any two; it returns how many were done."""

    @stage("deaths")
    def deadly() -> Told[int]:
        done = step(_one, "before")()
        for number, death in enumerate(deaths):
            death()
            done += step(_one, f"after {number}")()
        return Told(done, "done")

    return deadly


def _one() -> Told[int]:
    return Told(1, "one")


def _completed(found: server.Server) -> int:
    """Return how many runs of the flow the server knows as completed.

    Tasks are told in events, of which a server that is killed at once may lose some.
    """
    wanted = {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
    return len(prefect_http.post(found.api_url, "/flow_runs/filter", wanted, found.login, 60))


def _kill(owner: "subprocess.Popen[bytes]") -> None:
    owner.kill()
    owner.wait()
