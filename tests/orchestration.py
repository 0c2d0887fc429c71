"""One real Prefect server for the whole test session; each worker of pytest-xdist has its own.

Started only when a test asks for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cultivar.settings import Settings, read_settings
from processes.prefect_server import server


@dataclass(frozen=True, slots=True)
class Orchestrator:
    """A running Prefect server and the home in which its database and log are."""

    home: Path
    api_url: str
    login: str | None = field(repr=False)


def session_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orchestrator]:
    """Run the session's server, and stop it when its last test is done."""
    home = tmp_path_factory.mktemp("orchestrator")
    with server.running(settings_of(home)) as running:
        yield Orchestrator(home, running.api_url, running.login)


def settings_of(home: Path) -> Settings:
    """Return the settings of a home, whatever the environment says."""
    return read_settings(
        {
            "CULTIVAR_HOME": str(home),
            "CULTIVAR_USER": "alex",
            "CULTIVAR_PREFECT_PORT": "4410",
        }
    )
