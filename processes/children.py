"""How every process that Cultivar starts is started: its modules and files are not the caller's.

Python puts the working directory first among the places of modules when it starts a module, and so
does Prefect when it loads a flow: a folder `flows` there would be taken for Cultivar's. Prefect
also reads `.env` and `prefect.toml` there, and fails where they may not be looked for.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cultivar.settings import Settings, is_local
from cultivar.store.homes import private_folder
from processes.prefect_server.settings import prefect_home

SAFE_PATH = {"PYTHONSAFEPATH": "1"}
_PLACES = ("registry_url", "artifacts_url", "transformer", "corpora")


def module(name: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of Cultivar, wherever it is started."""
    return [sys.executable, "-P", "-m", name, *arguments]


def environment(settings: Settings) -> dict[str, str]:
    """Return what a child and whatever it starts must find in the environment.

    Paths that were stated relative to this process's directory are absolute there.
    """
    stated = {key: getattr(settings, key) for key in _PLACES}
    places = {f"CULTIVAR_{key.upper()}": str(each) for key, each in stated.items() if each}
    local = {variable: place for variable, place in places.items() if is_local(place)}
    return SAFE_PATH | local | {"CULTIVAR_HOME": str(settings.home)}


def folder(home: Path) -> Path:
    """Return the working directory of children, which holds no modules; it is made if missing."""
    return private_folder(prefect_home(home), home)


@contextmanager
def working_there(home: Path) -> Iterator[None]:
    """Let this process work in the folder of its children for the block, as it imports Prefect."""
    try:
        before = Path.cwd()
    except FileNotFoundError:
        before = None
    os.chdir(folder(home))
    try:
        yield
    finally:
        if before is not None:
            with suppress(OSError):  # it may not be entered, or is gone
                os.chdir(before)
