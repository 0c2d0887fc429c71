"""Folders and logs of the home that the service's account alone may read.

The home itself may be a folder that somebody chose, so one that exists is not changed.
"""

import os
import shlex
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from cultivar.settings import secrets_in

_OTHERS = 0o077
_LOG_BYTES = 10_000_000


def private_folder(folder: Path, home: Path) -> Path:
    """Make a folder below the home, and close it to other accounts; a new home is closed too."""
    if not home.exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        home.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder != home and folder.stat().st_mode & _OTHERS:
        with suppress(PermissionError):  # of another account, which closes it or not
            folder.chmod(0o700)
    return folder


def private_log(name: str, home: Path) -> BinaryIO:
    """Open a log of the home for appending; no other account may read it.

    One that has grown long is put aside, in place of the one that was put aside before.
    """
    path = private_folder(home / "logs", home) / name
    with suppress(FileNotFoundError):
        if path.stat().st_size > _LOG_BYTES:
            path.replace(path.with_name(f"{name}.1"))
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with suppress(PermissionError):
        os.fchmod(log, 0o600)
    return os.fdopen(log, "ab")


def open_to_others(home: Path) -> str | None:
    """Return the mode of a home that other accounts may read, such as ``755``, or None."""
    mode = home.stat().st_mode
    return f"{mode & 0o777:o}" if mode & _OTHERS else None


def open_secrets(home: Path) -> str | None:
    """Return a sentence where ``config.toml`` holds a secret and its mode admits other accounts."""
    file = home / "config.toml"
    if not file.is_file() or not file.stat().st_mode & _OTHERS:
        return None
    secrets = secrets_in(file)
    if not secrets:
        return None
    return (
        f"{file} holds what nobody else may read ({', '.join(secrets)}), and its mode "
        f"{file.stat().st_mode & 0o777:o} admits other accounts. "
        f"`chmod 600 {shlex.quote(str(file))}` keeps them out."
    )
