"""Labels as extended attributes of local files: ``user.cultivar.label.<kind>``.

It changes neither a file's content nor its time of modification, so that no crawl reads it again.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from cultivar.content.documents.unreadable import Unreadable
from cultivar.content.within import descriptor_within
from cultivar.operations.policies.writers.places import (
    CannotWrite,
    Place,
    RetryLater,
    require_whole,
)

NAME = "user.cultivar.label"
_ABSENT = {errno.ENODATA}
_GONE = {errno.ENOENT, errno.ENOTDIR}
_UNSUPPORTED = {errno.ENOTSUP, errno.EOPNOTSUPP, errno.E2BIG, errno.ERANGE}


class Attributes:
    """The writer ``attributes``."""

    blind = False

    def form(self, label: str) -> str:
        """Return the label as it is."""
        return label

    def look(self, place: Place) -> str | None:
        """Return the attribute's value."""
        with _told(), _file(place) as file:
            try:
                return os.getxattr(file, _name(place)).decode("utf-8", "replace")
            except OSError as error:
                if error.errno in _ABSENT:
                    return None
                raise

    def put(self, place: Place, label: str, key: str) -> None:
        """Set the attribute."""
        with _told(), _file(place) as file:
            os.setxattr(file, _name(place), label.encode())

    def take(self, place: Place, label: str, key: str) -> None:
        """Remove the attribute."""
        with _told(), _file(place) as file:
            try:
                os.removexattr(file, _name(place))
            except OSError as error:
                if error.errno not in _ABSENT:
                    raise


def _name(place: Place) -> str:
    return f"{NAME}.{place.tag}"


@contextmanager
def _file(place: Place) -> Iterator[int]:
    """Yield a descriptor of the file.

    A link may have been put there since the crawl; nothing outside the location is written to.
    """
    require_whole(place)
    parts = urlsplit(place.url)
    if parts.scheme not in ("", "file", "local"):
        raise CannotWrite("the location is not a local folder")
    if not hasattr(os, "setxattr"):
        raise CannotWrite("this system has no extended attributes")
    root = os.path.realpath(unquote(parts.path) if parts.scheme else place.url)
    try:
        with descriptor_within(root, os.path.join(root, place.path)) as file:  # noqa: PTH118
            yield file
    except Unreadable as trouble:
        raise CannotWrite(f"the file is not in its location: {trouble.reason}") from trouble


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _GONE:
            raise CannotWrite("the file is gone") from error
        if error.errno in _UNSUPPORTED:
            raise CannotWrite("the file system keeps no such attribute") from error
        raise RetryLater(os.strerror(error.errno or 0)) from error
