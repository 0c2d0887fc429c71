"""Turns what databases and file systems report into errors that a person can act on.

It never hides a defect: what is not a full, read-only, busy or absent store passes through.
"""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from cultivar.core.errors import CultivarError, Damaged, StoreUnavailable

FULL = "store-full"
READ_ONLY = "store-read-only"
UNREACHABLE = "store-unreachable"
BUSY = "store-busy"

_SPACE_AT_LEAST = 256 << 10
_SENTENCES = {
    FULL: "{what} is full. Nothing of this step was kept; free some space and run it again.",
    READ_ONLY: "{what} cannot be written to. Nothing of this step was kept; "
    "make it writable for this account and run it again.",
    UNREACHABLE: "{what} cannot be reached ({reason}). Check that it exists and runs, and that "
    "the settings name it rightly.",
    BUSY: "{what} was kept busy by another writer for too long. Nothing of this step was kept; "
    "run it again.",
}

# https://www.sqlite.org/rescode.html, primary codes
_SQLITE = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_PERM: READ_ONLY,
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_CANTOPEN: UNREACHABLE,
    sqlite3.SQLITE_IOERR: UNREACHABLE,
}
# extended codes that say more than their primary one: no space for what all connections share
_SQLITE_FULL = {sqlite3.SQLITE_IOERR_SHMSIZE}
_SQLITE_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES = {
    "53100": FULL,
    "25006": READ_ONLY,
    "42501": READ_ONLY,
    "55P03": BUSY,
    "40P01": BUSY,
    "40001": BUSY,
}
_POSTGRES_UNREACHABLE = ("08", "28", "3D", "53", "57P", "58")

_FILES = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EFBIG: FULL,
    errno.EROFS: READ_ONLY,
    errno.EACCES: READ_ONLY,
    errno.EPERM: READ_ONLY,
}

# Object stores raise their client's own families; naming them here avoids importing them.
_TRANSPORTS = ("botocore", "aiobotocore", "aiohttp", "gcsfs", "adlfs")


def unavailable(code: str, what: str, reason: str = "") -> StoreUnavailable:
    """Return the error of a stable code, with its sentence about ``what``."""
    return StoreUnavailable(code, _SENTENCES[code].format(what=what, reason=reason))


def full_disk(folder: Path) -> StoreUnavailable | None:
    """Return the error of a folder whose disk is full, None where it has space.

    It tells why another program that writes there, such as a database's server, came to nothing.
    """
    with suppress(OSError):
        found = os.statvfs(folder)
        if found.f_bavail * found.f_frsize < _SPACE_AT_LEAST:
            return unavailable(FULL, f"The disk that holds {folder}")
    return None


@contextmanager
def registry_failures(what: str) -> Iterator[None]:
    """Raise StoreUnavailable or Damaged where the database itself failed.

    Broken constraints stay SQLAlchemy's IntegrityError, as only the caller knows what they mean.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        found = _registry_error(error, what)
        if found is None:
            raise
        raise found from error


@contextmanager
def file_failures(what: str, *, may_be_absent: bool = False) -> Iterator[None]:
    """Raise StoreUnavailable where the file system failed.

    Where a file ``may_be_absent``, FileNotFoundError passes through.
    """
    try:
        yield
    except CultivarError:
        raise
    except OSError as error:
        if may_be_absent and isinstance(error, FileNotFoundError):
            raise
        raise _file_error(error, what) from error
    except Exception as error:
        if not type(error).__module__.startswith(_TRANSPORTS):
            raise
        raise unavailable(UNREACHABLE, what, type(error).__name__) from error


def _file_error(error: OSError, what: str) -> StoreUnavailable:
    if isinstance(error, PermissionError):
        return unavailable(READ_ONLY, what)
    code = _FILES.get(error.errno or 0, UNREACHABLE)
    return unavailable(code, what, error.strerror or type(error).__name__)


def _registry_error(error: DBAPIError | sqlite3.Error, what: str) -> CultivarError | None:
    original = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(original, sqlite3.Error):
        return _sqlite_error(original, what)
    return _postgres_error(original, what)


def _postgres_error(original: BaseException | None, what: str) -> CultivarError | None:
    state = getattr(original, "sqlstate", None)
    if state in _POSTGRES:
        return unavailable(_POSTGRES[state], what)
    lost = type(original).__name__ == "OperationalError"
    if (state or "").startswith(_POSTGRES_UNREACHABLE) or (state is None and lost):
        return unavailable(UNREACHABLE, what, _first_line(original))
    return None


def _sqlite_error(original: sqlite3.Error, what: str) -> CultivarError | None:
    primary = getattr(original, "sqlite_errorcode", 0) & 0xFF
    if primary in _SQLITE_DAMAGED:
        return Damaged(
            "registry-damaged",
            f"{what} is not a readable SQLite file ({_first_line(original)}). "
            "Restore it from a copy, or point the setting `registry_url` elsewhere.",
        )
    is_full = getattr(original, "sqlite_errorcode", 0) in _SQLITE_FULL
    code = FULL if is_full else _SQLITE.get(primary)
    return unavailable(code, what, _first_line(original)) if code else None


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().partition("\n")[0][:200]
