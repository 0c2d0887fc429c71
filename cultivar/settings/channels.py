"""Through which door a process, or a part of one, acts: for the record, as no right follows."""

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
