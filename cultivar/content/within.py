"""Files of a local folder, opened so that no link leads out of it, whoever changes what meanwhile.

Whoever may write into a location must not read, or mark, the rest of the machine through it. What
was a file when it was listed may be a link by now, so the path is resolved when the file is opened,
and then walked folder by folder without following anything: what is swapped in between is refused.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from cultivar.content.documents.unreadable import Unreadable

LEADS_OUT = "it is a link that leads out of the location"
NO_FILE = "it is not a regular file"
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW


def is_within(root: str, path: str) -> bool:
    """Tell whether a path is, or lies below, a root; both are free of links."""
    return path == root or path.startswith(f"{root.rstrip('/')}/")


@contextmanager
def descriptor_within(root: str, address: str) -> Iterator[int]:
    """Yield a descriptor, to read, of a regular file below a root that is free of links.

    Links inside the location may lead to it.

    Raises:
        Unreadable: it lies outside of the root, or is no regular file.
        OSError: it cannot be opened; also where a link was put on the way meanwhile.
    """
    resolved = os.path.realpath(address)
    if not is_within(root, resolved):
        raise Unreadable("failed", LEADS_OUT)
    descriptor = _walked(root, resolved)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Unreadable("failed", NO_FILE)
        yield descriptor
    finally:
        os.close(descriptor)


def open_within(root: str, address: str) -> BinaryIO:
    """Open a file to read; see ``descriptor_within``."""
    with descriptor_within(root, address) as descriptor:
        return os.fdopen(os.dup(descriptor), "rb")


def _walked(root: str, resolved: str) -> int:
    # a pipe without a writer must not be waited for
    if resolved == root:
        return os.open(root, _FLAGS | os.O_NONBLOCK)
    *folders, name = os.path.relpath(resolved, root).split(os.sep)  # noqa: PTH206 - names of folders
    at = os.open(root, _FLAGS | os.O_DIRECTORY)
    try:
        for folder in folders:
            below = os.open(folder, _FLAGS | os.O_DIRECTORY, dir_fd=at)
            os.close(at)
            at = below
        return os.open(name, _FLAGS | os.O_NONBLOCK, dir_fd=at)
    finally:
        os.close(at)
