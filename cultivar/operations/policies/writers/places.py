"""Where a label goes, what a writer can do there, and the two ways in which that may not work.

It names things; it opens nothing.
"""

from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Place:
    """One label of one item in the content's own store.

    ``path`` is the file's inside the location at ``url``; ``whole`` tells that the item is that
    file and not a part of it, such as a message of a mailbox. ``drive`` is its Microsoft Graph
    drive, where one is named.
    """

    item_id: str
    location: str
    url: str = field(repr=False)
    path: str
    whole: bool
    kind: str
    slot: str
    drive: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the form in which the registry keeps it, which ``Place(**…)`` reads back."""
        return asdict(self)

    @property
    def tag(self) -> str:
        """A short name of what the label is: its kind, and for a flag its policy."""
        return ".".join(part for part in (self.kind.split()[0], self.slot) if part)


class Writer(Protocol):
    """Puts labels into one kind of store. Each verb may be repeated without further effect.

    A ``blind`` writer cannot look; its receiver tells repetitions by the key.
    """

    blind: bool

    def form(self, label: str) -> str:
        """Return the label as this store holds it."""

    def look(self, place: Place) -> str | None:
        """Return what stands there; None where nothing does."""

    def put(self, place: Place, label: str, key: str) -> None:
        """Let the label stand there; what others put beside it stays."""

    def take(self, place: Place, label: str, key: str) -> None:
        """Let nothing stand there; what others put beside it stays."""


class RetryLater(Exception):
    """It did not work this time; ``after`` is how long the store asks to be left alone."""

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


class CannotWrite(Exception):
    """It cannot work: there is nothing to write to (``skipped``), or it is refused (``failed``)."""

    def __init__(self, reason: str, state: str = "skipped") -> None:
        super().__init__(reason)
        self.reason = reason
        self.state = state


def require_whole(place: Place) -> None:
    """Do nothing when the item is a file of its own.

    Raises:
        Never: it is part of another file.
    """
    if not place.whole:
        raise CannotWrite("the item is a part of another file")
