"""Flows called from Python, as the README shows: they work, call nobody, and leave nothing."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cultivar.settings import read_settings
from processes.prefect_server import server
from tests.processes.upping import unused_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")

# What leaves this machine, or asks for a name, is written down and refused.
WATCHED = """
import os, socket
def watch(name):
    plain = getattr(socket.socket, name)
    def watched(self, address, *rest):
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            with open(os.environ["OUTSIDE"], "a") as file: file.write(f"{address}\\n")
            raise OSError("no network")
        return plain(self, address, *rest)
    setattr(socket.socket, name, watched)
for name in ("connect", "connect_ex"): watch(name)
plain = socket.getaddrinfo
def named(host, *rest, **more):
    if host not in ("127.0.0.1", "::1", "localhost", None, ""):
        with open(os.environ["OUTSIDE"], "a") as file: file.write(f"{host}\\n")
        raise socket.gaierror("no network")
    return plain(host, *rest, **more)
socket.getaddrinfo = named
"""


def test_the_snippet_of_the_readme_works_calls_nobody_and_leaves_no_process(
    tmp_path: Path,
) -> None:
    snippet = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[0]
    assert "flows.training import training" in snippet
    # every Python of the test, the server's too, reads this file before anything else
    (tmp_path / "sitecustomize.py").write_text(WATCHED)
    outside = tmp_path / "outside"
    environment = {name: value for name, value in os.environ.items() if "PREFECT" not in name}
    environment.pop("DO_NOT_TRACK", None)
    done = subprocess.run(
        [sys.executable, "-P", "-c", snippet],
        env=environment
        | {
            "PYTHONPATH": str(tmp_path),
            "OUTSIDE": str(outside),
            "CULTIVAR_PREFECT_PORT": str(unused_port()),
            # nobody listens there, so that whatever is sent to a proxy fails
            "HTTP_PROXY": "http://127.0.0.1:9",
            "http_proxy": "http://127.0.0.1:9",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    # the home is empty, and that is all that is wrong
    said, told = done.stderr.rstrip().splitlines()[-2:]
    assert said.endswith("There is no classifier named 'supplier-contracts'. There is none yet.")
    assert told.startswith("It is told in the log of the flow run ")
    assert not outside.exists(), outside.read_text()
    home = read_settings().home
    assert (home / "prefect" / "prefect.db").exists(), "a server was started"
    assert server.find(home) is None
    assert _processes_of(home) == []


def _processes_of(home: Path) -> list[str]:
    """Return the commands of processes whose environment names a home."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"PREFECT_HOME={home}".encode() in environment.read_bytes():
                found.append(environment.with_name("cmdline").read_text())
        except OSError:
            continue
    return found
