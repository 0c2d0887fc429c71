"""One file that is handed over as bytes, read as a crawl reads it; nothing of it touches a disk.

What its items mean is the caller's.
"""

from datetime import UTC, datetime

from cultivar.content.documents.parsing import Parsed
from cultivar.content.entries import Entry
from cultivar.content.limits import Limits
from cultivar.content.locations import Location
from cultivar.content.reading import Task
from cultivar.content.workers import Workers

_NOWHERE = Location("given", "memory://given")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def read_bytes(name: str, data: bytes, limits: Limits) -> list[Parsed]:
    """Return the items of a file; where nothing of it can be read, one that says why."""
    task = Task(Entry(name, name, len(data), "", _NEVER), data)
    with Workers(_NOWHERE, limits, 1) as workers:
        return [item for _, items in workers.answers([task]) for item in items]
