"""`cultivar serve`: the web application under uvicorn, until Ctrl-C or SIGTERM.

It holds the process; routes and rules are elsewhere.
"""

import asyncio
import ipaddress
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from cultivar.core.errors import Conflict, InvalidInput
from cultivar.operations import outbox
from cultivar.operations.projects.dead_jobs import settle
from cultivar.store.workspace import Workspace
from cultivar.web.application import create_app
from processes import children
from processes.connections import BoundedConfig, bounds_of
from processes.runner import runs_for

GRACE_SECONDS = 10
WAITING = 512
Tell = Callable[[str], None]


class _Server(uvicorn.Server):
    """A server that says when it is ready, and ends well when it is told to."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End on a signal without dying of it afterwards, as it was obeyed."""
        told = (signal.SIGINT, signal.SIGTERM)
        before = {each: signal.signal(each, self.handle_exit) for each in told}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def serve(workspace: Workspace, host: str, port: int, ready: Tell) -> None:
    """Serve until a signal; ``ready`` is told the address once requests are taken.

    Raises:
        Conflict: code ``port-taken``.
        InvalidInput: code ``bad-host``.
        NotReady: PREFECT_API_URL names a server that does not answer.
    """
    with listening(host, port) as listener, children.working_there(workspace.settings.home):
        runs = runs_for(workspace.settings)
        try:
            settle(workspace)
            if runs.is_here and outbox.overdue(workspace):
                runs("sweep", {})
            config = BoundedConfig(
                create_app(workspace, runs),
                bounds_of(workspace.settings),
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
            address = _address(listener)
            server = _Server(config, lambda: ready(address))
            asyncio.run(server.serve([listener]))
        finally:
            runs.stop()


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Listen for the block; port 0 takes a free one.

    Raises:
        Conflict: code ``port-taken``.
        InvalidInput: code ``bad-host``.
    """
    listener = _socket(host, port)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(WAITING)
        yield listener
    except OSError as error:
        raise Conflict(
            "port-taken",
            f"{host}:{port} cannot be listened on: {error.strerror}. Choose another with --port "
            "or CULTIVAR_WEB_PORT; 0 takes a free one.",
            {"host": host, "port": port},
        ) from error
    finally:
        listener.close()


def _socket(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    except OSError as error:
        raise InvalidInput("bad-host", f"{host!r} is not an address of this machine.") from error
    # without the protocol asyncio leaves Nagle's algorithm on, and the body of each answer waits
    # for the client to acknowledge its head: 40 ms
    return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
