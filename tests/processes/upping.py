"""`cultivar up` as a process of its own, for tests that look at it from outside."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cultivar.settings import Settings
from processes.deployments import DEPLOYED
from processes.prefect_server.settings import HOST
from tests.places import unprivileged

COMMAND = str(Path(sys.executable).parent / "cultivar")


@contextmanager
def up(
    settings: Settings, folder: Path | None = None
) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Run `cultivar up` until the block ends; yields the process and the server's address.

    It is typed in ``folder``, whose permissions count also where root runs the tests.
    """
    environment = {name: value for name, value in os.environ.items() if "PREFECT" not in name}
    process = subprocess.Popen(
        unprivileged([COMMAND, "up"]) if folder else [COMMAND, "up"],
        cwd=folder,
        env=environment
        | {
            "CULTIVAR_HOME": str(settings.home),
            "CULTIVAR_USER": "alex",
            "CULTIVAR_PREFECT_PORT": str(unused_port()),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    ready = process.stdout.readline()
    assert ready.startswith(f"Ready: {len(DEPLOYED)} flows"), ready + process.stdout.read()
    try:
        yield process, ready.split()[-1]
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()


def unused_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
