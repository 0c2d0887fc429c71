"""Makes the files that cannot be read: empty ones, locked ones and damaged ones.

They are examples for the crawler and belong to no seed or test set.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib.resources import files
from random import Random

from data.sample.document import Document
from data.sample.items import Item, Shelf, item_bytes
from data.sample.writers import WRITERS
from data.sample.writers.locked import write_locked_zip
from data.sample.writers.pdf import write_locked_pdf

PASSWORD = "heron"  # noqa: S105 - it locks sample files, and the tests open them with it

Maker = Callable[[Item], bytes]


def _blank(document: Document) -> Document:
    return replace(document, title="", blocks=())


def _cut(item: Item, share: float) -> bytes:
    content = item_bytes(item)
    return content[: int(len(content) * share)]


def _locked_word(_: Item) -> bytes:
    """A Word document under its password, made once: the format asks for random salts."""
    return (files("data.sample.material") / "locked.docx").read_bytes()


_EMPTY: tuple[tuple[str, Maker], ...] = (
    ("txt", lambda _: b""),
    ("docx", lambda item: WRITERS["docx"](_blank(item.document))),
    ("md", lambda _: b" \n\n\t\n"),
    ("html", lambda _: b"<!DOCTYPE html><html><head></head><body></body></html>\n"),
    ("pdf", lambda item: WRITERS["pdf"](_blank(item.document))),
    ("odt", lambda item: WRITERS["odt"](_blank(item.document))),
    ("rtf", lambda item: WRITERS["rtf"](_blank(item.document))),
    ("md", lambda _: b""),
)
_ENCRYPTED: tuple[tuple[str, Maker], ...] = (
    ("pdf", lambda item: write_locked_pdf(item.document, PASSWORD)),
    ("zip", lambda item: write_locked_zip("notes.txt", _text(item), PASSWORD.encode())),
    ("docx", _locked_word),
)
_CORRUPT: tuple[tuple[str, Maker], ...] = (
    ("docx", lambda item: _cut(item, 0.4)),
    ("pdf", lambda item: _cut(item, 0.1)),
    ("odt", lambda item: _cut(item, 0.7)),
    ("xlsx", lambda _: b"PK\x03\x04" + bytes(range(256)) * 8),
    ("pptx", lambda item: _cut(item, 0.5)),
    ("docx", lambda item: bytes(byte ^ 0x5A for byte in _text(item))),
)
_KINDS = (("empty", _EMPTY), ("encrypted", _ENCRYPTED), ("corrupt", _CORRUPT))


def _text(item: Item) -> bytes:
    return item.document.text.encode()


def broken_items(body: Sequence[Item], random: Random, count: int, shelf: Shelf) -> Iterator[Item]:
    """Some items of each fault, in the folders of good files."""
    good = [item for item in body if item.entry.format in ("docx", "pdf", "odt")]
    for fault, makers in _KINDS:
        for number in range(count):
            extension, make = makers[number % len(makers)]
            item = random.choice(good)
            item = replace(item, entry=replace(item.entry, format=extension))
            stem = item.entry.path.rpartition(".")[0]
            entry = replace(
                item.entry,
                path=shelf.free(f"{stem}-{fault[:2]}{number}.{extension}"),
                broken=fault,
                created_source="modified",
            )
            yield Item(entry, item.document, make(item))
