"""The note by which commands find the Prefect server of a home, and know that its owner lives.

The owner holds a lock on its note for as long as it lives; a process id could be another's by then.
"""

import fcntl
import json
import os
from pathlib import Path
from typing import IO

from processes.prefect_server.settings import prefect_home


def read(home: Path) -> str | None:
    """Return the address of the server whose owner lives, or None."""
    try:
        with _note(home).open("rb") as note:
            if not _is_held(note):
                return None
            return str(json.load(note)["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(home: Path, url: str) -> IO[bytes]:
    """Note a server and return what the owner keeps open for as long as the server is its own.

    Raises:
        OSError: the home cannot be written.
    """
    aside = _note(home).with_suffix(f".{os.getpid()}")
    note = aside.open("wb+")
    fcntl.flock(note, fcntl.LOCK_EX)
    note.write(json.dumps({"url": url, "owner": os.getpid()}).encode())
    note.flush()
    aside.replace(_note(home))
    return note


def remove(home: Path, url: str) -> None:
    """Let nobody find the server at an address any more; a note of another server stays."""
    if read(home) == url:
        _note(home).unlink(missing_ok=True)


def _is_held(note: IO[bytes]) -> bool:
    try:
        fcntl.flock(note, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _note(home: Path) -> Path:
    return prefect_home(home) / "server.json"
