"""Through which door a process, or a part of one, acts; and whose process the system says it is.

Both are facts for the record: no permission follows from them.
"""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum


class Channel(StrEnum):
    """A door. The words stand in the audit log of every home, so none may change."""

    CLI = "cli"
    REST = "rest"
    FLOW = "flow"
    SCHEDULE = "schedule"
    CONSOLE = "console"
    PYTHON = "python"


_CHANNEL: ContextVar[Channel] = ContextVar("channel", default=Channel.PYTHON)


@contextmanager
def acting_through(channel: Channel) -> Iterator[None]:
    """Act through a door for the length of the block."""
    before = _CHANNEL.set(channel)
    try:
        yield
    finally:
        _CHANNEL.reset(before)


def present_channel() -> Channel:
    """Return the door through which is acted here; ``python`` where nobody said."""
    return _CHANNEL.get()


def system_account() -> str:
    """Return the account that the process runs as: what no variable of the environment changes."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user-{number}"
