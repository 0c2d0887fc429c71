"""Temporary folders that outlive no process: what a killed one leaves, a later one removes.

They may hold what people wrote, so no other account can enter them. Knows nothing of their files.
"""

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from cultivar.core.closing import Closing

_LOCK = ".lock"
# Between a folder's making and its locking, and for folders of releases that locked none.
_GRACE_SECONDS = 60
_UNLOCKED_SECONDS = 86_400
_SWEPT: set[tuple[str, str]] = set()


class Scratch(Closing):
    """A folder of this process, in ``parent`` or else where temporary files are; ``close`` ends it.

    Raises:
        OSError: it cannot be made.
    """

    def __init__(self, prefix: str, parent: Path | None = None) -> None:
        sweep(prefix, parent)
        self.path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        # Held while the process lives: a folder whose file can be locked is nobody's.
        self._lock = (self.path / _LOCK).open("xb")
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def close(self) -> None:
        """Remove the folder with all that it holds; closing twice is harmless."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def sweep(prefix: str, parent: Path | None = None) -> None:
    """Remove the folders of that prefix whose processes are gone; once for each place."""
    folder = parent or Path(tempfile.gettempdir())
    if (str(folder), prefix) in _SWEPT:
        return
    _SWEPT.add((str(folder), prefix))
    for left in folder.glob(f"{prefix}*"):
        with suppress(OSError):
            _remove_if_abandoned(left)


def _remove_if_abandoned(folder: Path) -> None:
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.getuid():
        return
    age = time.time() - found.st_mtime
    lock = folder / _LOCK
    if not lock.exists():
        if age > _UNLOCKED_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
        return
    if age < _GRACE_SECONDS:
        return
    with lock.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
