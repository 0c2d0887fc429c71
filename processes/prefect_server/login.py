"""The log-in of a home's Prefect server: a random string that only the home's account may read.

It must not import Prefect, and it never shows the string.
"""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from processes.prefect_server.settings import prefect_home

USER = "cultivar"
_OTHERS = 0o077


def login_file(home: Path) -> Path:
    """Return the file that holds the string, `user:password`."""
    return prefect_home(home) / "auth"


def login_of(home: Path) -> str | None:
    """Return the string, or None where no server was ever started."""
    try:
        return login_file(home).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def login_to_serve(home: Path) -> str:
    """Return the string for a new server; make one where there is none or others may read it.

    Raises:
        OSError: the home cannot be written or read.
    """
    path = login_file(home)
    with suppress(FileNotFoundError):
        if path.stat().st_mode & _OTHERS or not login_of(home):
            path.unlink()
    if not path.exists():
        _make(path)
    return login_of(home) or ""


def _make(path: Path) -> None:
    """Write a string aside, readable by its owner alone, and give it its name; the first wins."""
    handle, aside = tempfile.mkstemp(prefix=".auth-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"{USER}:{secrets.token_urlsafe(32)}\n")
        with suppress(FileExistsError):
            os.link(aside, path)
    finally:
        Path(aside).unlink()
