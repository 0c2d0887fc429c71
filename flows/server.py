"""Find, start and stop the one Prefect server of a home; the domain never depends on it.

This module starts before Prefect is imported, so it must not import it: the settings of Prefect
are environment variables, and they count only when they are set first.

A server belongs to the process that started it. It holds the read end of a pipe whose write end
dies with its owner, so that a killed command leaves no server behind.
"""

import fcntl
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cultivar.core.errors import Conflict, NotReady, StoreUnavailable
from cultivar.settings import Settings
from cultivar.store.homes import private_folder, private_log
from flows import children
from flows.deployments import deployed
from flows.prefect_settings import (
    HOST,
    connect,
    flush,
    prefect_home,
    restore,
    server_environment,
    server_log,
)

PORTS_TRIED = 50
READY_SECONDS = 90.0
STOP_SECONDS = 10.0

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Server:
    """A Prefect server that answers. ``process`` is set where this process started it."""

    url: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def api_url(self) -> str:
        """The address that Prefect's client wants."""
        return f"{self.url}/api"


def find(home: Path) -> Server | None:
    """Return the home's running server, or None.

    A stale note of a killed server is ignored, and so is a server whose owner is gone: it is about
    to end.
    """
    try:
        note = json.loads(_note(home).read_text(encoding="utf-8"))
        server, owner = Server(str(note["url"])), int(note["owner"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not _is_alive(owner):
        return None
    return server if _is_healthy(server) and _belongs_to(server, home) else None


def start(settings: Settings) -> Server:
    """Start a server as a child process and return it once it answers.

    The port is the setting's, or the next free one.

    Raises:
        Conflict: no port was free.
        NotReady: the server ended, or did not answer in time; the sentence names its log.
        StoreUnavailable: the home cannot be written.
    """
    with _listening(settings.prefect_port) as listener:
        port = listener.getsockname()[1]
        with _writing(settings.home):
            process = _spawn(settings, listener)
    server = Server(f"http://{HOST}:{port}", process)
    try:
        _wait_until_healthy(server, server_log(settings.home))
        with _writing(settings.home):
            _write_note(settings.home, server)
    except BaseException:
        _end(process)
        raise
    return server


def retire(home: Path, server: Server) -> None:
    """Let no other process find a server that this one is about to stop."""
    if server.process is not None:
        _note(home).unlink(missing_ok=True)


def stop(server: Server) -> None:
    """Stop a server that this process started; any other is left alone."""
    if server.process is not None:
        _end(server.process)


@contextmanager
def running(settings: Settings, tell: Tell | None = None) -> Iterator[Server]:
    """Hold a server for the block: the one that runs, or a new one that ends with the block.

    This process's Prefect settings point to it. ``PREFECT_API_URL``, where somebody set it, names
    a server that is looked after elsewhere and wins.
    """
    with _one_at_a_time(settings.home):
        server = named_by_environment() or find(settings.home)
        if server is None:
            if tell is not None:
                tell("Starting a Prefect server; `cultivar up` keeps one running.")
            server = start(settings)
    before = dict(os.environ)
    connect(settings.home, server.api_url)
    try:
        yield server
    finally:
        retire(settings.home, server)
        flush()
        restore(before)
        stop(server)


def named_by_environment() -> Server | None:
    """Return the server that ``PREFECT_API_URL`` names, or None.

    Raises:
        NotReady: code ``prefect-unreachable``; no server answers there.
    """
    stated = os.environ.get("PREFECT_API_URL")
    if not stated:
        return None
    server = Server(stated.rstrip("/").removesuffix("/api"))
    if not _is_healthy(server):
        raise NotReady(
            "prefect-unreachable",
            f"PREFECT_API_URL names {stated}, and no Prefect server answers there. "
            "Start it, or unset the variable to let Cultivar start one.",
            {"url": stated},
        )
    return server


def serves(server: Server) -> bool:
    """Tell whether deployments are served there."""
    found = _get(f"{server.api_url}/deployments/name/{deployed('sweep').full_name}")
    return isinstance(found, Mapping) and not found.get("paused")


def _spawn(settings: Settings, listener: socket.socket) -> subprocess.Popen[bytes]:
    port = listener.getsockname()[1]
    environment = children.SAFE_PATH | server_environment(settings.home, port)
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PREFECT_API_URL", "PREFECT_PROFILE")
    }
    with private_log(server_log(settings.home).name, settings.home) as output:
        return subprocess.Popen(  # noqa: S603 - its own module and a number
            children.module("flows.server_process", str(listener.fileno())),
            cwd=children.folder(settings.home),
            umask=0o077,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=inherited | environment,
            pass_fds=[listener.fileno()],
            # Ctrl-C goes to this process alone, which then ends its children in order
            start_new_session=True,
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_healthy(server: Server, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if _is_healthy(server):
            return
        if server.process is not None and server.process.poll() is not None:
            raise NotReady(
                "prefect-ended",
                f"The Prefect server ended with code {server.process.returncode} while starting. "
                f"Its output is in {log}.",
            )
        time.sleep(0.1)
    raise NotReady(
        "prefect-slow",
        f"The Prefect server did not answer within {READY_SECONDS:.0f} seconds. "
        f"Its output is in {log}.",
    )


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_healthy(server: Server) -> bool:
    return _get(f"{server.api_url}/health") is True


def _belongs_to(server: Server, home: Path) -> bool:
    """Tell a server of this home from another that took the port since; log-in hides the answer."""
    answer = _get(f"{server.api_url}/admin/settings")
    if not isinstance(answer, Mapping):
        return True
    return Path(str(answer.get("home"))) == prefect_home(home)


def _get(url: str) -> Any:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310
            return json.load(answer)
    except (OSError, ValueError):
        return None


def _listening(wanted: int) -> socket.socket:
    """Return a socket on the wanted port or the next free one, to be handed to the server.

    A port that is only found to be free may be another's by the time the server is up.
    """
    for port in range(wanted, wanted + PORTS_TRIED):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
            listener.listen(128)
        except OSError:
            listener.close()
            continue
        return listener
    raise Conflict(
        "no-free-port",
        f"No port from {wanted} to {wanted + PORTS_TRIED - 1} is free for the Prefect server. "
        "Free one, or choose another with CULTIVAR_PREFECT_PORT.",
        {"port": wanted},
    )


def _note(home: Path) -> Path:
    return prefect_home(home) / "server.json"


def _write_note(home: Path, server: Server) -> None:
    aside = _note(home).with_suffix(f".{os.getpid()}")
    note = {"url": server.url, "owner": os.getpid()}
    aside.write_text(json.dumps(note), encoding="utf-8")
    aside.replace(_note(home))


@contextmanager
def _one_at_a_time(home: Path) -> Iterator[None]:
    """Let two commands that start together share one server."""
    with _writing(home):
        private_folder(prefect_home(home), home)
        lock = (prefect_home(home) / "server.lock").open("ab")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _writing(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(
            "home-not-writable",
            f"The home {home} cannot be written: {error.strerror}. "
            "Free space or choose another with CULTIVAR_HOME.",
        ) from error
