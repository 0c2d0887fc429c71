"""Makes the duplicates that every organisation has: copies, and copies with small changes.

Originals are items of the main body; seed and test sets stay free of copies.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

from data.sample.document import Block, Document
from data.sample.items import Item, Shelf, item_bytes
from data.sample.words import file_name
from data.sample.writers import WRITERS

_FOLDERS = (
    "sites/archive/{year}/copies",
    "sites/shared/to-sort",
    "onedrive/{who}/desktop",
    "onedrive/{who}/downloads",
)
_NOTES = (
    "Copy for the file.",
    "Printed for the meeting.",
    "Version 2, spelling corrected.",
    "Received by post and scanned.",
    "Final.",
    "Please keep until the audit is over.",
)
_MINIMUM = 90  # words: below it one more sentence is no small change


def exact_copies(body: Sequence[Item], random: Random, count: int, shelf: Shelf) -> Iterator[Item]:
    """Files with the same bytes in another folder."""
    files = [item for item in body if item.entry.format not in ("eml", "mbox")]
    for original in random.sample(files, min(count, len(files))):
        path = shelf.free(_elsewhere(original, random))
        entry = replace(
            original.entry,
            path=path,
            workload="onedrive" if path.startswith("onedrive/") else "sharepoint",
            duplicate="exact",
            duplicate_of=original.entry.path,
        )
        yield Item(entry, original.document, item_bytes(original))


def near_copies(body: Sequence[Item], random: Random, count: int, shelf: Shelf) -> Iterator[Item]:
    """Files with a line more than the original, some in another format."""
    files = [
        item
        for item in body
        if item.entry.format in ("docx", "odt", "pdf", "txt", "rtf", "html")
        and len(item.document.text.split()) >= _MINIMUM
    ]
    for original in random.sample(files, min(count, len(files))):
        document = _edited(original.document, random)
        extension = random.choice(_formats_for(original))
        path = shelf.free(_elsewhere(original, random).rpartition(".")[0] + f".{extension}")
        entry = replace(
            original.entry,
            path=path,
            format=extension,
            workload="onedrive" if path.startswith("onedrive/") else "sharepoint",
            duplicate="near",
            duplicate_of=original.entry.path,
            created=f"{document.created:%Y-%m-%dT%H:%M:%SZ}",
            created_source="modified" if extension in ("txt", "html") else "metadata",
        )
        yield Item(entry, document, WRITERS[extension](document))


def _formats_for(original: Item) -> Sequence[str]:
    """Formats in which a copy reads as the original does: headings and lists differ, prose not."""
    prose = all(block.kind in ("text", "gap") for block in original.document.blocks)
    if prose and original.entry.format != "docx":
        return ("pdf", "txt", "odt", "rtf")
    return (original.entry.format,)


def _elsewhere(original: Item, random: Random) -> str:
    who = file_name(original.document.author.name)
    folder = random.choice(_FOLDERS).format(year=original.document.created.year, who=who)
    return f"{folder}/{original.entry.path.rpartition('/')[2]}"


def _edited(document: Document, random: Random) -> Document:
    note = Block("text", random.choice(_NOTES))
    blocks = [note, *document.blocks] if random.random() < 0.5 else [*document.blocks, note]
    later = timedelta(days=random.randrange(1, 60))
    return replace(
        document,
        blocks=tuple(blocks),
        created=document.created + later,
        modified=document.modified + later,
    )
