"""One Prefect server held by this process: its socket, its process, its note, its end.

Who needs a server, and where it is found, is `processes.prefect_server.server`'s.
"""

import fcntl
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from typing import IO

from cultivar.core.errors import Conflict, StoreUnavailable
from cultivar.store.homes import private_folder
from processes.prefect_server import note as server_note
from processes.prefect_server.child import Child
from processes.prefect_server.login import login_to_serve
from processes.prefect_server.settings import HOST, prefect_home, server_environment


@dataclass(slots=True, eq=False)
class Server:
    """A Prefect server that answers. ``child`` is set where it is this process's own.

    ``is_named`` says that ``PREFECT_API_URL`` named it, so that it is looked after elsewhere.
    """

    url: str
    login: str | None = field(default=None, repr=False)
    is_named: bool = False
    child: Child | None = None
    note: IO[bytes] | None = None
    has_no_heir: bool = False

    @property
    def api_url(self) -> str:
        """The address that Prefect's client wants."""
        return f"{self.url}/api"

    @property
    def process(self) -> "Popen[bytes] | None":
        """The process of the server, where it is this process's own."""
        return self.child.process if self.child else None

    @property
    def is_lost(self) -> bool:
        """Whether the server is gone and nobody starts it again."""
        return self.child.is_lost if self.child else self.has_no_heir


def begin(home: Path, server: Server, listener: socket.socket) -> None:
    """Start the process of a server, its log-in made before, and note it for other commands.

    Raises:
        StoreUnavailable: the home cannot be written.
    """
    port = listener.getsockname()[1]
    try:
        with writing(home):
            private_folder(prefect_home(home), home)
            server.login = login_to_serve(home)
            server.child = Child(server_environment(home, port, server.login), listener, home)
            if server_note.read(home) is None:
                server.note = server_note.write(home, server.url)
    except BaseException:
        stop(server)
        server.child = server.note = None
        listener.close()
        raise


def retire(home: Path, server: Server) -> None:
    """Let no other process find a server that this one is about to stop."""
    if server.note is not None:
        server_note.remove(home, server.url)


def stop(server: Server) -> None:
    """Stop a server that this process started; any other is left alone."""
    if server.child is not None:
        server.child.end()
    if server.note is not None:
        server.note.close()


def listening(wanted: int, tries: int) -> socket.socket:
    """Return a socket on the wanted port or the next free one, to be handed to the server.

    A port that is only found to be free may be another's by the time the server is up.

    Raises:
        Conflict: code ``no-free-port``.
    """
    for port in range(wanted, wanted + tries):
        # without the protocol asyncio leaves Nagle's algorithm on, and the body of each answer
        # waits for the client to acknowledge its head: 40 ms
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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
        f"No port from {wanted} to {wanted + tries - 1} is free for the Prefect server. "
        "Free one, or choose another with CULTIVAR_PREFECT_PORT.",
        {"port": wanted},
    )


@contextmanager
def one_at_a_time(home: Path) -> Iterator[None]:
    """Let two commands that start together share one server."""
    with writing(home):
        private_folder(prefect_home(home), home)
        lock = (prefect_home(home) / "server.lock").open("ab")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def writing(home: Path) -> Iterator[None]:
    """Turn what the system says of a home that cannot be written into a refusal."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(
            "home-not-writable",
            f"The home {home} cannot be written: {error.strerror}. "
            "Free space or choose another with CULTIVAR_HOME.",
        ) from error
