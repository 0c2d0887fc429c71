"""Named files of a location, read in the order in which they are asked for.

It opens nothing that the location's own listing does not hold; what a file means is the caller's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cultivar.content.documents.parsing import Parsed
from cultivar.content.entries import Entry
from cultivar.content.limits import Limits
from cultivar.content.locations import Location, is_read_here, list_location
from cultivar.content.reading import Task
from cultivar.content.workers import Workers
from cultivar.core.texts.reading_status import OK, PARTIAL


@dataclass(frozen=True, slots=True)
class Named:
    """What counts of a file's text, or why there is none, as ``status`` and ``reason`` say."""

    name: str
    text: str | None
    status: str
    reason: str | None


def read_named(location: Location, names: Sequence[str], limits: Limits) -> Iterator[Named]:
    """Yield each named file with its text, in order; a name may come once.

    A container's items (a mailbox, an archive) are one text, one below the other.

    Raises:
        NotFound: the location's root does not exist.
        StoreUnavailable: the store cannot be opened or listed.
    """
    entries = {entry.path: entry for entry in list_location(location).entries}
    readable = [entries[name] for name in names if _trouble(entries.get(name)) is None]
    tasks = (_task(location, entry) for entry in readable)
    with Workers(location, limits, len(readable)) as workers:
        answers = workers.answers(tasks)
        for name in names:
            trouble = _trouble(entries.get(name))
            yield trouble or _joined(name, next(answers)[1], limits)


def _trouble(entry: Entry | None) -> Named | None:
    if entry is None:
        return Named("", None, "not found", "the container holds no such file")
    if entry.problem is not None:
        return Named("", None, "failed", entry.problem)
    return None


def _task(location: Location, entry: Entry) -> Task:
    file_system, _ = location.store
    if not is_read_here(file_system):
        return Task(entry)
    with file_system.open(entry.address, "rb") as stream:
        return Task(entry, stream.read())


def _joined(name: str, items: list[Parsed], limits: Limits) -> Named:
    texts = [item.own_text or item.text for item in items if item.text]
    if texts:
        joined = "\n\n".join(filter(None, texts))[: limits.max_characters + 1]
        lacking = next((item for item in items if item.status != OK), None)
        if lacking is None:
            return Named(name, joined, OK, None)
        return Named(name, joined, PARTIAL, lacking.reason)
    first = items[0]
    return Named(name, None, first.status, first.reason)
