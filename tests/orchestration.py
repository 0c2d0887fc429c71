"""One real Prefect server for the whole test session, shared by all workers of pytest-xdist.

Started only when a test asks for it.
"""

import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cultivar.settings import Settings, read_settings
from flows import server


@dataclass(frozen=True, slots=True)
class Orchestrator:
    """A running Prefect server and the home in which its database and log are."""

    home: Path
    api_url: str


def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orchestrator]:
    """Run the session's server; whoever started it stops it when the last worker is done."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    home = shared / "orchestrator"
    home.mkdir(exist_ok=True)
    with (home / "in-use").open("ab") as in_use:
        fcntl.flock(in_use, fcntl.LOCK_SH)
        with server.running(settings_of(home)) as running:
            yield Orchestrator(home, running.api_url)
            fcntl.flock(in_use, fcntl.LOCK_UN)
            if running.process is not None:
                fcntl.flock(in_use, fcntl.LOCK_EX)


def settings_of(home: Path) -> Settings:
    """Return the settings of a home, whatever the environment says."""
    return read_settings(
        {
            "CULTIVAR_HOME": str(home),
            "CULTIVAR_USER": "alex",
            "CULTIVAR_PREFECT_PORT": "4410",
        }
    )
