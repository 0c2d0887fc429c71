"""One runner of flows for a home: who serves the flows holds a lock for as long as they do.

A second runner would register the same deployments, and pause them where it ends.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cultivar.core.errors import Conflict
from cultivar.store.homes import private_folder
from processes.prefect_server.holding import writing
from processes.prefect_server.settings import prefect_home

Named = Callable[[str], None]


@contextmanager
def only_runner(home: Path) -> Iterator[Named]:
    """Let no other process serve the flows of a home while the block works.

    Yields what notes the address at which the flows are served.

    Raises:
        Conflict: code ``already-running``; the sentence names the address of the other one.
        StoreUnavailable: the home cannot be written.
    """
    with writing(home):
        private_folder(prefect_home(home), home)
        note = (prefect_home(home) / "runner.lock").open("a+", encoding="utf-8")
    with note:
        try:
            fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note.seek(0)
            raise _refused(home, note.read().strip()) from None
        note.truncate(0)

        def named(url: str) -> None:
            note.write(url)
            note.flush()

        yield named


def _refused(home: Path, url: str) -> Conflict:
    where = f"are served at {url} already" if url else "are being served by another process already"
    return Conflict(
        "already-running",
        f"The flows of {home} {where}, so nothing was started or changed. End the `cultivar up` "
        "that serves them before another one begins.",
        {"url": url or None},
    )
