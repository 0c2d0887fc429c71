"""What a person types or reads to use the Prefect server of a home: page, log-in, variables.

The log-in itself is never printed; the lines name the file that holds it.
"""

import os
import shlex
import shutil
import sys
from pathlib import Path

from cultivar.core.errors import NotReady
from cultivar.settings import Settings
from processes.prefect_server import server
from processes.prefect_server.login import login_file
from processes.prefect_server.settings import SILENT, keep_loopback_direct

PATIENCE = 30.0


def welcome(found: server.Server, settings: Settings) -> list[str]:
    """Return what `cultivar up` says of its server's use; of a server of others nothing."""
    if found.is_named:
        return []
    return [
        "Its page asks for a log-in: paste the line that is in "
        f"{shlex.quote(str(login_file(settings.home)))}",
        "For `prefect` commands, type this in the other terminal first:",
        f'  eval "$({_home(settings)}{_program()} up --env)"',
        f"It sets PREFECT_API_URL={found.api_url}, the log-in, and that Prefect calls nobody.",
    ]


def environment(settings: Settings) -> dict[str, str]:
    """Return the shell lines, by variable, that let Prefect's commands use the home's server.

    Raises:
        NotReady: code ``prefect-not-running``.
    """
    found = server.find(settings.home, PATIENCE)
    if found is None:
        raise NotReady(
            "prefect-not-running",
            f"No Prefect server of {settings.home} runs. Start one with `cultivar up` and leave it "
            "running, then type this again in another terminal.",
        )
    quoted = {name: shlex.quote(value) for name, value in _plain(found).items()}
    # the shell reads the log-in, so that it stands in no scroll-back
    quoted["PREFECT_API_AUTH_STRING"] = f'"$(cat {_path(login_file(settings.home))})"'
    return quoted


def _plain(found: server.Server) -> dict[str, str]:
    proxied = dict(os.environ)
    keep_loopback_direct(proxied)
    direct = {name: value for name, value in proxied.items() if name.lower() == "no_proxy"}
    return {"PREFECT_API_URL": found.api_url, **SILENT, **direct}


def _home(settings: Settings) -> str:
    """Return the words that choose the same home in another terminal, where it is not the usual."""
    return f"CULTIVAR_HOME={_path(settings.home)} " if os.environ.get("CULTIVAR_HOME") else ""


def _program() -> str:
    """Return how to call this program where the shell does not find it by its name."""
    installed = Path(sys.executable).with_name("cultivar")
    is_found = shutil.which("cultivar") is not None or not installed.exists()
    return "cultivar" if is_found else _path(installed)


def _path(path: Path) -> str:
    return shlex.quote(str(path))
