"""What a store says of its files before anything is opened: one entry for each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One listed file. ``problem`` says why it cannot be opened, where that is known already.

    ``trouble`` is then the status of its item: ``failed`` may go away, ``unsupported`` will not.

    ``path`` is relative to the location, with ``/``, and valid Unicode; ``address`` is what the
    file system opens. ``change_key`` differs whenever the content may differ. ``store_id`` is the
    store's own id of the file, where it has one that survives a rename, or of its version.
    """

    path: str
    address: str
    size: int
    change_key: str
    modified_at: datetime
    created_at: datetime | None = None
    problem: str | None = None
    trouble: str = "unsupported"
    store_id: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Every entry, sorted by path.

    ``unlisted`` are the folders that could not be listed, each with a slash at its end, and empty
    for the location itself: what is gone below them is no proof that it is gone. ``reasons`` says
    why, by folder, where that is known.
    """

    entries: list[Entry]
    unlisted: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Tell whether every folder could be listed."""
        return not self.unlisted

    def hides(self, path: str) -> bool:
        """Tell whether a file may be there although it is not listed."""
        return path.startswith(self.unlisted)


def is_folder(path: str) -> bool:
    """Tell whether a path is that of a folder, which earlier releases kept as an item."""
    return not path or path.endswith("/")


def safe_text(text: str) -> str:
    """Return ``text`` as valid Unicode: a byte that is not UTF-8 becomes U+FFFD and its hex."""
    return _SURROGATE.sub(lambda found: f"\ufffd{ord(found[0]) & 0xFF:02x}", text)
