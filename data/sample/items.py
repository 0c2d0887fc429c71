"""Gives each composed document its place in the organisation and writes it there.

It decides on paths and times; texts and bytes come from elsewhere.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from random import Random

from data.sample.compose import Composed
from data.sample.document import Document
from data.sample.manifest import Entry
from data.sample.writers import WRITERS
from data.sample.writers.mail import write_mbox

_MBOX_SHARE = 0.4
# Formats whose readers find the created time inside; the rest of the files carry it as their
# modified time.
_DATED = frozenset({"docx", "odt", "pdf", "pptx", "rtf", "xlsx"})


@dataclass(frozen=True, slots=True)
class Item:
    """An item to be written: its manifest entry, and a document or the bytes of a file."""

    entry: Entry
    document: Document
    content: bytes | None = None


class Shelf:
    """Hands out paths, each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def free(self, path: str) -> str:
        """The path itself, or with a number before the extension where it is taken."""
        stem, dot, extension = path.rpartition(".")
        number, candidate = 1, path
        while candidate in self._taken:
            number += 1
            candidate = f"{stem}-{number}{dot}{extension}"
        self._taken.add(candidate)
        return candidate


def set_item(composed: Composed, folder: str, shelf: Shelf) -> Item:
    """An item of a seed or test set: one file in that set's folder."""
    path = shelf.free(f"{folder}/{composed.name}.{composed.format}")
    return Item(_entry(composed, path, "sharepoint"), composed.document)


def body_item(composed: Composed, shelf: Shelf) -> Item:
    """An item of the main body: a file of a site or drive, a message or part of a mailbox."""
    if composed.format != "eml":
        path = shelf.free(f"{composed.folder}/{composed.name}.{composed.format}")
        return Item(_entry(composed, path, _workload(path)), composed.document)
    box = f"mail/{composed.mailbox}"
    if Random(composed.document.key).random() < _MBOX_SHARE:
        path = f"{box}/archive-{composed.document.created.year}.mbox"
        return Item(replace(_entry(composed, path, "exchange"), format="mbox"), composed.document)
    path = shelf.free(f"{box}/{composed.document.created:%Y-%m}/{composed.name}.eml")
    return Item(_entry(composed, path, "exchange"), composed.document)


def _workload(path: str) -> str:
    return "onedrive" if path.startswith("onedrive/") else "sharepoint"


def _entry(composed: Composed, path: str, workload: str) -> Entry:
    document = composed.document
    return Entry(
        path=path,
        kind=composed.kind,
        form=composed.form.name,
        format=composed.format,
        workload=workload,
        borderline=composed.form.near or (composed.kind if composed.form.edge else ""),
        language=document.language,
        created=f"{document.created:%Y-%m-%dT%H:%M:%SZ}",
        created_source=_source(composed.format),
        title=document.title,
    )


def _source(extension: str) -> str:
    if extension == "eml":
        return "message"
    return "metadata" if extension in _DATED else "modified"


def item_bytes(item: Item) -> bytes:
    """Content of an item's file (of a mailbox, its one message)."""
    if item.content is not None:
        return item.content
    return WRITERS["eml" if item.entry.format == "mbox" else item.entry.format](item.document)


def write_items(target: Path, items: Iterable[Item]) -> Iterator[Entry]:
    """Write all files below the target; yields the entries in the order of their paths."""
    ordered = sorted(items, key=lambda item: (item.entry.path, item.document.created))
    for path, group in groupby(ordered, key=lambda item: item.entry.path):
        found = list(group)
        if found[0].entry.format == "mbox":
            _write(target / path, write_mbox(item.document for item in found), found[-1])
            for member, item in enumerate(found):
                yield replace(item.entry, member=str(member))
        else:
            _write(target / path, item_bytes(found[0]), found[0])
            yield found[0].entry


def _write(path: Path, content: bytes, item: Item) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    stamp = _modified(item).timestamp()
    os.utime(path, (stamp, stamp))


def _modified(item: Item) -> datetime:
    if item.entry.created_source == "modified":
        return datetime.fromisoformat(item.entry.created).astimezone(UTC)
    return item.document.modified
