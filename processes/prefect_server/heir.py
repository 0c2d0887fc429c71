"""A command at work takes the place of a Prefect server whose owner ended before it.

The address, the log-in and the database stay, so that runs in flight go on.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cultivar.core.errors import Conflict, StoreUnavailable
from processes.prefect_server import note as server_note
from processes.prefect_server.holding import Server, begin, listening, one_at_a_time

EVERY = 0.2
SECONDS = 45.0
"""How long an owner may take to end; after that the address is somebody else's."""


@contextmanager
def inheriting(home: Path, server: Server) -> Iterator[None]:
    """Take the place of another command's server, should that command end before the block does."""
    if server.is_named or server.child is not None:
        yield
        return
    done = threading.Event()
    heir = threading.Thread(target=_wait_to_inherit, args=(home, server, done), daemon=True)
    heir.start()
    try:
        yield
    finally:
        done.set()
        heir.join()


def _wait_to_inherit(home: Path, server: Server, done: threading.Event) -> None:
    gone_since: float | None = None
    while not done.wait(EVERY):
        if server_note.read(home) == server.url:
            gone_since = None
            continue
        gone_since = gone_since or time.monotonic()
        if _inherit(home, server):
            return
        if time.monotonic() - gone_since > SECONDS:
            server.has_no_heir = True
            return


def _inherit(home: Path, server: Server) -> bool:
    """Start a server at the address of one that ended; False while that address is taken."""
    port = int(server.url.rpartition(":")[2])
    try:
        with one_at_a_time(home):
            begin(home, server, listening(port, 1))
    except (Conflict, StoreUnavailable):
        return False
    return True
