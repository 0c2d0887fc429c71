"""Half-open connections, unread answers and floods keep nobody out of a real server."""

import re
import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from cultivar.operations.tenant.keys import create_key
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.settings import read_settings
from cultivar.store.workspace import open_workspace
from tests.web.serving import Served, environment, serving

HALF = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-More: "
AT_ONCE = 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that gives headers a second, and an address twenty connections of forty."""
    home = tmp_path_factory.mktemp("connections") / "home"
    with open_workspace(read_settings(environment(home))) as workspace:
        bootstrap(workspace, "alex")
        key = create_key(workspace, "alex", "for a test")[1]
    bounds = {
        "CULTIVAR_WEB_HEADER_SECONDS": "2",
        "CULTIVAR_WEB_CONNECTIONS": str(2 * AT_ONCE),
        "CULTIVAR_WEB_CONNECTIONS_A_CLIENT": str(AT_ONCE),
    }
    with serving(home, key, **bounds) as found:
        yield found


def connected(server: Served, source: str = "127.0.0.1") -> socket.socket:
    parts = urlsplit(server.url)
    address = (str(parts.hostname), int(parts.port or 0))
    return socket.create_connection(address, timeout=10, source_address=(source, 0))


def answer_of(connection: socket.socket) -> bytes:
    """Return all that comes until the server closes; empty where it cuts the connection off."""
    found = b""
    try:
        while part := connection.recv(65_536):
            found += part
    except ConnectionResetError:
        return found
    return found


def is_open(connection: socket.socket) -> bool:
    readable, _, _ = select.select([connection], [], [], 0)
    return not readable


def test_headers_that_do_not_end_are_answered_however_they_drip(server: Served) -> None:
    with connected(server) as silent, connected(server) as dripping:
        began = time.monotonic()
        dripping.sendall(HALF)
        while is_open(dripping) and time.monotonic() - began < 8:
            dripping.sendall(b"x")
            time.sleep(0.2)
        assert time.monotonic() - began < 6
        assert answer_of(dripping).startswith(b"HTTP/1.1 408 ")
        assert answer_of(silent).startswith(b"HTTP/1.1 408 ")


def test_a_body_that_nobody_waits_for_holds_no_connection(server: Served) -> None:
    with connected(server) as connection:
        connection.sendall(
            b"POST /api/v1/classify HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
        )
        began = time.monotonic()
        refused = connection.recv(65_536)
        assert refused.startswith(b"HTTP/1.1 401 ")
        try:
            while time.monotonic() - began < 8:
                connection.sendall(b"x")
                time.sleep(0.2)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert time.monotonic() - began < 6


def test_a_flood_of_half_open_connections_keeps_nobody_out(server: Served) -> None:
    with ExitStack() as stack:
        flood = []
        for source in ("127.0.0.1", "127.0.0.2", "127.0.0.3"):
            for _ in range(2 * AT_ONCE):
                flood.append(stack.enter_context(connected(server, source)))
                flood[-1].sendall(HALF)
        began = time.monotonic()
        answer = httpx.get(f"{server.url}/healthz", timeout=10)
        me = httpx.get(
            f"{server.url}/api/v1/me", headers={"Authorization": f"Bearer {server.key}"}, timeout=10
        )
        assert (answer.status_code, me.status_code) == (200, 200)
        assert time.monotonic() - began < 2
        assert sum(map(is_open, flood)) <= 2 * AT_ONCE
    assert _descriptors(server) < 4 * AT_ONCE


def _descriptors(server: Served) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


def test_requests_that_follow_one_another_are_answered_in_order(server: Served) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    with connected(server) as connection:
        connection.sendall(request * 3)
        found = answer_of(connection)
    # the last answer is that to the request that never came
    assert len(re.findall(rb"HTTP/1.1 200 ", found)) == 3
