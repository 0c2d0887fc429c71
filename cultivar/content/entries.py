"""What a store says of its files before anything is opened: one entry for each."""

import re
from dataclasses import dataclass
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
    """Every entry, sorted by path. Only a ``complete`` listing may prove that a file is gone."""

    entries: list[Entry]
    complete: bool


def safe_text(text: str) -> str:
    """Return ``text`` as valid Unicode: a byte that is not UTF-8 becomes U+FFFD and its hex."""
    return _SURROGATE.sub(lambda found: f"\ufffd{ord(found[0]) & 0xFF:02x}", text)
