"""Connections of the web server: each state of one has a longest time, and their number a bound.

uvicorn bounds neither the time to a request's headers nor what is open at once. No route is known
here. Where all places are taken, the connection that has waited longest for a request gives way, so
that a flood of half-open ones keeps nobody out who has something to ask.
"""

import asyncio
import resource
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from cultivar.settings import Settings

# Connections that the loop takes at one go, before any of them is counted.
TAKEN_AT_ONCE = 128
# What else holds descriptors: databases, models, pipes to processes.
_OTHER_DESCRIPTORS = 128
_LEAST = 32
_WANTED_DESCRIPTORS = 8_192
# A request arrives and is answered in twice the limit of each; its answer is read in as long again.
_STAGES = 3


@dataclass(frozen=True, slots=True)
class Bounds:
    """Connections at once, in all and of one address; seconds to headers, and to a request's end.

    ``headers`` counts from the connection's opening, or from the end of the answer before.
    """

    in_all: int
    of_a_client: int
    headers: float
    request: float


def bounds_of(settings: Settings) -> Bounds:
    """Return what the settings allow, and no more connections than this process may hold open."""
    return Bounds(
        min(settings.web_connections, max(_LEAST, _descriptors())),
        settings.web_connections_a_client,
        float(settings.web_header_seconds),
        float(_STAGES * settings.web_seconds),
    )


def _descriptors() -> int:
    """Return how many connections this process may hold, its limit raised as far as it may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    endless = resource.RLIM_INFINITY
    wanted = _WANTED_DESCRIPTORS if hard == endless else min(hard, _WANTED_DESCRIPTORS)
    if soft != endless and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    held = max(wanted, 0 if soft == endless else soft)
    return held - TAKEN_AT_ONCE - _OTHER_DESCRIPTORS


@dataclass(slots=True)
class Open:
    """The connections that are open, those without a request in the order in which they wait."""

    bounds: Bounds
    _clients: dict["Connection", str] = field(default_factory=dict)
    _waiting: dict["Connection", None] = field(default_factory=dict)
    _count: Counter[str] = field(default_factory=Counter)

    def admit(self, new: "Connection", client: str) -> bool:
        """Count a connection; False where there is no place, and none that waits gives its own."""
        if self._count[client] >= self.bounds.of_a_client and not self._one_gives_way(client):
            return False
        if len(self._clients) >= self.bounds.in_all and not self._one_gives_way(None):
            return False
        self._clients[new] = client
        self._count[client] += 1
        self._waiting[new] = None
        return True

    def works(self, connection: "Connection") -> None:
        """Note that a connection has a request: it does not give way until that is answered."""
        self._waiting.pop(connection, None)

    def waits(self, connection: "Connection") -> None:
        """Note that a connection is between requests."""
        if connection in self._clients:
            self._waiting.setdefault(connection)

    def forget(self, connection: "Connection") -> None:
        """Give a connection's place back; doing it twice is harmless."""
        self._waiting.pop(connection, None)
        client = self._clients.pop(connection, None)
        if client is not None:
            self._count[client] -= 1
            if not self._count[client]:
                del self._count[client]

    def _one_gives_way(self, client: str | None) -> bool:
        wanted = (each for each in self._waiting if client in (None, self._clients[each]))
        longest = next(wanted, None)
        if longest is None:
            return False
        self.forget(longest)
        longest.transport.abort()
        return True


class BoundedConfig(uvicorn.Config):
    """A server's configuration, whose connections are bounded."""

    def __init__(self, app: Any, bounds: Bounds, **options: Any) -> None:
        super().__init__(app, http=Connection, backlog=TAKEN_AT_ONCE, **options)
        self.open = Open(bounds)


class Connection(H11Protocol):
    """A connection whose headers, and whose request as a whole, have a longest time."""

    def __init__(self, config: BoundedConfig, **state: Any) -> None:
        super().__init__(config, **state)
        self._open = config.open
        self._timer: asyncio.TimerHandle | None = None
        self._is_at_work = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection where there is a place for it."""
        super().connection_made(transport)
        if not self._open.admit(self, self.client[0] if self.client else ""):
            self._refuse(b"503 Service Unavailable")
            return
        self._within(self._open.bounds.headers)

    def data_received(self, data: bytes) -> None:
        """Read on; bytes alone win no time, only a request whose headers are whole does."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Wait for the next request, unless that is here already."""
        self._is_at_work = False
        super().on_response_complete()
        if not self.transport.is_closing():
            self._open.waits(self)
            self._within(self._open.bounds.headers)
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        self._open.forget(self)
        self._stop()
        super().connection_lost(exc)

    def _look(self) -> None:
        if self._is_at_work or self.cycle is None or self.cycle.response_complete:
            return
        self._is_at_work = True
        self._open.works(self)
        self._within(self._open.bounds.request)

    def _within(self, seconds: float) -> None:
        self._stop()
        self._timer = self.loop.call_later(seconds, self._expired)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expired(self) -> None:
        is_unread = self.transport.get_write_buffer_size() > 0
        if self._is_at_work or is_unread or self.transport.is_closing():
            self.transport.abort()
        else:
            self._refuse(b"408 Request Timeout")

    def _refuse(self, status: bytes) -> None:
        head = b"HTTP/1.1 " + status + b"\r\nconnection: close\r\ncontent-length: 0\r\n"
        self.transport.write(head + b"retry-after: 1\r\n\r\n")
        self.transport.close()
