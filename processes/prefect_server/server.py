"""Find, start and stop the one Prefect server of a home; the domain never depends on it.

This module starts before Prefect is imported, so it must not import it: the settings of Prefect
are environment variables, and they count only when they are set first.

A server belongs to the process that started it. It holds the read end of a pipe whose write end
dies with its owner, so that a killed command leaves no server behind. A server that dies is started
again by its owner; of an owner that ends, a command still at work takes the server's place over.
"""

import logging
import os
import time
import urllib.error
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cultivar.core.errors import NotReady
from cultivar.settings import Settings
from cultivar.store.failures import full_disk
from processes.prefect_server import http as prefect_http
from processes.prefect_server import note as server_note
from processes.prefect_server.heir import inheriting
from processes.prefect_server.holding import Server, begin, listening, one_at_a_time, retire, stop
from processes.prefect_server.login import login_of
from processes.prefect_server.settings import (
    HOST,
    connect,
    flush,
    prefect_home,
    restore,
    server_log,
)

__all__ = [
    "Server",
    "find",
    "named_by_environment",
    "retire",
    "running",
    "serves",
    "start",
    "stop",
]
PORTS_TRIED = 50
READY_SECONDS = 180.0
REFUSED = (401, 403)

Tell = Callable[[str], None]


def find(home: Path, patience: float = 0.0) -> Server | None:
    """Return the home's running server, or None.

    One that is being started again is waited for, for ``patience`` seconds. What the note says
    counts only while its owner lives, who holds the port: nobody else is ever told the log-in.
    """
    deadline = time.monotonic() + patience
    while (url := server_note.read(home)) is not None:
        server = Server(url, login_of(home))
        try:
            return server if _belongs_to(server, home) else None
        except (OSError, ValueError):
            if time.monotonic() >= deadline:
                return None
            time.sleep(0.2)
    return None


def start(settings: Settings) -> Server:
    """Start a server as a child process and return it once it answers.

    The port is the setting's, or the next free one.

    Raises:
        Conflict: no port was free.
        NotReady: the server ended, or did not answer in time; the sentence names its log.
        StoreUnavailable: the home cannot be written.
    """
    listener = listening(settings.prefect_port, PORTS_TRIED)
    server = Server(f"http://{HOST}:{listener.getsockname()[1]}")
    begin(settings.home, server, listener)
    assert server.child is not None  # noqa: S101 - begun
    try:
        _wait_until_healthy(server, server_log(settings.home))
    except BaseException:
        retire(settings.home, server)
        stop(server)
        raise
    server.child.has_answered = True
    return server


@contextmanager
def running(settings: Settings, tell: Tell | None = None) -> Iterator[Server]:
    """Hold a server for the block: the one that runs, or a new one that ends with the block.

    This process's Prefect settings point to it. ``PREFECT_API_URL``, where somebody set it, names
    a server that is looked after elsewhere and wins.
    """
    with one_at_a_time(settings.home):
        server = named_by_environment() or find(settings.home, READY_SECONDS)
        if server is None:
            if tell is not None:
                tell("Starting a Prefect server; `cultivar up` keeps one running.")
            server = start(settings)
    before, complains = dict(os.environ), logging.raiseExceptions
    connect(settings.home, server.api_url, server.login)
    # log lines that no server takes any more are not a matter for the terminal
    logging.raiseExceptions = False
    try:
        with inheriting(settings.home, server):
            yield server
    finally:
        retire(settings.home, server)
        flush()
        logging.raiseExceptions = complains
        restore(before)
        stop(server)


def named_by_environment() -> Server | None:
    """Return the server that ``PREFECT_API_URL`` names, or None.

    Its log-in is the ``PREFECT_API_AUTH_STRING`` of whoever named it, never the home's.

    Raises:
        NotReady: code ``prefect-unreachable``: no server answers there; ``prefect-login``: it does
            not accept the log-in.
    """
    stated = os.environ.get("PREFECT_API_URL")
    if not stated:
        return None
    login = os.environ.get("PREFECT_API_AUTH_STRING")
    server = Server(stated.rstrip("/").removesuffix("/api"), login, is_named=True)
    if not _is_healthy(server):
        raise NotReady(
            "prefect-unreachable",
            f"PREFECT_API_URL names {stated}, and no Prefect server answers there. "
            "Start it, or unset the variable to let Cultivar start one.",
            {"url": stated},
        )
    if _refuses(server):
        raise NotReady(
            "prefect-login",
            f"PREFECT_API_URL names {stated}, and that Prefect server does not accept the log-in: "
            f"PREFECT_API_AUTH_STRING is {'not the right one' if login else 'not set'}. For the "
            'server of `cultivar up`, `eval "$(cultivar up --env)"` sets both; or unset them.',
            {"url": stated},
        )
    return server


def serves(server: Server, deployment: str) -> bool:
    """Tell whether a deployment, as ``flow/name``, is served there."""
    try:
        found = prefect_http.get(f"{server.api_url}/deployments/name/{deployment}", server.login)
    except (OSError, ValueError):
        return False
    return isinstance(found, Mapping) and not found.get("paused")


def _wait_until_healthy(server: Server, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if _is_healthy(server):
            return
        if server.is_lost and server.process is not None:
            raise full_disk(log.parent) or NotReady(
                "prefect-ended",
                f"The Prefect server ended with code {server.process.returncode} while starting. "
                f"Its output is in {log}.",
            )
        time.sleep(0.1)
    raise full_disk(log.parent) or NotReady(
        "prefect-slow",
        f"The Prefect server did not answer within {READY_SECONDS:.0f} seconds. "
        f"Its output is in {log}.",
    )


def _is_healthy(server: Server) -> bool:
    try:
        return prefect_http.get(f"{server.api_url}/health") is True
    except (OSError, ValueError):
        return False


def _refuses(server: Server) -> bool:
    try:
        prefect_http.get(f"{server.api_url}/admin/version", server.login, 10)
    except urllib.error.HTTPError as error:
        return error.code in REFUSED
    except (OSError, ValueError):
        return False
    return False


def _belongs_to(server: Server, home: Path) -> bool:
    """Tell a server of this home from another at its address.

    Raises:
        OSError: it does not answer.
    """
    try:
        answer = prefect_http.get(f"{server.api_url}/admin/settings", server.login)
    except urllib.error.HTTPError as error:
        if error.code in REFUSED:
            return False
        raise
    return isinstance(answer, Mapping) and Path(str(answer.get("home"))) == prefect_home(home)
