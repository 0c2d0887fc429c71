"""One document's bytes to its text, title and date.

Runs in worker processes only, as the parsing library does; it neither opens files nor decides what
an archive or a mailbox holds.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from cultivar.content.documents.books import read_book
from cultivar.content.documents.characters.charsets import Decoded, decoded
from cultivar.content.documents.characters.escapes import (
    json_unescaped,
    rich_text_plain,
    xml_plain,
)
from cultivar.content.documents.drawings import drawing_of
from cultivar.content.documents.library import answered
from cultivar.content.documents.markup import declared_anew, markup_decoded, page_of, without_tags
from cultivar.content.documents.office.embedded_objects import file_in
from cultivar.content.documents.office.flat import packed
from cultivar.content.documents.office.headers_and_comments import Beside, beside_the_body
from cultivar.content.documents.office.packages import plainly_written, put_right
from cultivar.content.documents.office.pictures import without_placeholders
from cultivar.content.documents.office.sheets import dense, is_wide
from cultivar.content.documents.page_furniture import without_furniture
from cultivar.content.documents.pdf_objects import Noted, noted_in
from cultivar.content.documents.pieces import joined, pieces_of, unheld
from cultivar.content.documents.shortfalls import (
    ARCHIVES,
    CUT_SHEET,
    CUT_SHORT,
    XFA,
    is_pdf,
    pictures_left,
    scanned_pages,
    shortfalls,
    undecoded,
    without_values,
)
from cultivar.content.documents.unreadable import Unreadable, is_blank, refuse_what_is_no_text
from cultivar.content.formats import PDF, FileType, file_type_of


@dataclass(frozen=True, slots=True)
class Document:
    """What one document says. ``created`` is the date as the document writes it.

    ``own_text`` is the part that its author wrote where the rest is furniture, else None; ``lacks``
    says what the file holds and ``text`` does not.
    """

    text: str
    media_type: str
    title: str | None = None
    created: str | None = None
    own_text: str | None = None
    lacks: tuple[str, ...] = ()


ReadScans = Callable[[bytes, list[int]], Mapping[int, str]]
_SHEETS = re.compile(r"sheet|ms-excel")
_BOOK, _DRAWING = "application/epub+zip", "image/svg+xml"
_PLAIN = file_type_of("item.txt")
_BINARY = (b"%PDF", b"{\\rtf", b"PK", b"\xd0\xcf\x11\xe0")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_HTML_BEGINS = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|meta|table)\b", re.I | re.S
)


def read_document(
    data: bytes, file_type: FileType, read_scans: ReadScans | None = None
) -> Document:
    """Read one document (no archive, no mailbox) by its content and what its name promises.

    ``read_scans`` returns the texts of pages of a PDF that are pictures, by their number; without
    it they stay without text.

    Raises:
        Unreadable: with the status and the reason of the row that stands for it.
        MemoryError: the process's address space is exhausted.
    """
    if file_type.family == "text":
        return _plain(data, file_type)
    if file_type.media_type in _HTML or _is_html(data):
        return _page(data, file_type)
    if reader := _READERS.get(file_type.media_type):
        return reader(data, file_type)
    try:
        return _with_library(data, file_type, read_scans)
    except Unreadable as trouble:
        if trouble.status == "corrupt" and _is_plain(data):
            return _plain(data, _PLAIN)
        raise


def _plain(data: bytes, file_type: FileType) -> Document:
    found = decoded(data, None, guessed)
    refuse_noise(data, found)
    text = found.text.replace("\r\n", "\n").replace("\r", "\n")
    if file_type.media_type == "application/json":
        text = json_unescaped(text)
    return Document(text, file_type.media_type, lacks=undecoded(found.lost))


def refuse_noise(data: bytes, found: Decoded) -> None:
    """Refuse bytes whose decoding is no text.

    Raises:
        Unreadable: status ``corrupt``.
    """
    # A guess leaves out what is no character of any charset.
    refuse_what_is_no_text(data.decode("latin-1") if found.is_guess else found.text)


def _is_plain(data: bytes) -> bool:
    """Tell plain text under the name of an Office file, as programs export tables."""
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return bool(data) and not data.startswith(_BINARY) and (is_wide or not _CONTROL.search(data))


def _rich(data: bytes, file_type: FileType) -> Document:
    if data.lstrip()[:5] != b"{\\rtf" and not data.startswith(_BINARY):
        return _plain(data, _PLAIN)
    data, meant = rich_text_plain(data)
    read = _with_library(data, file_type)
    return replace(read, text=read.text.translate(meant)) if meant else read


def _is_html(data: bytes) -> bool:
    return data[:1_024].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1] == b"<" and bool(
        _HTML_BEGINS.match(data.removeprefix(b"\xef\xbb\xbf")[:4_096])
    )


def _page(data: bytes, file_type: FileType) -> Document:
    found = markup_decoded(data, None, guessed)
    refuse_noise(data, found)
    page = page_of(found.text)
    media_type = file_type.media_type if file_type.media_type in _HTML else "text/html"
    return Document(page.text, media_type, page.title, page.created, lacks=undecoded(found.lost))


def _book(data: bytes, _: FileType) -> Document:
    book = read_book(data, guessed)
    return Document(book.text, _BOOK, book.title, book.created, lacks=book.lacks)


def _drawing(data: bytes, _: FileType) -> Document:
    found = markup_decoded(data, None, guessed)
    refuse_noise(data, found)
    drawing = drawing_of(found.text)
    return Document(drawing.text, _DRAWING, drawing.title, lacks=undecoded(found.lost))


def _xml(data: bytes, file_type: FileType) -> Document:
    # The library reads single-byte charsets only where a declaration has double quotes.
    found = markup_decoded(data, None, guessed)
    refuse_noise(data, found)
    source = xml_plain(found.text)
    read = _flat(source)
    if read is None:
        read = _with_library(declared_anew(source).encode(), file_type)
        read = replace(read, own_text=without_tags(source) or None)
    return replace(read, lacks=(*undecoded(found.lost), *read.lacks))


def _flat(source: str) -> Document | None:
    """Read OpenDocument in one XML file; None of other XML, and where no text is found so."""
    if (package := packed(source)) is None:
        return None
    try:
        read = _with_library(package[0], file_type_of(f"item.{package[1]}"))
    except Unreadable:
        return None
    return None if is_blank(read.text) else replace(read, media_type="text/xml")


def guessed(data: bytes) -> str:
    """Return the characters of bytes that do not say what charset they are in."""
    return str(answered(data, "item.txt", "text/plain").content)


def _with_library(
    data: bytes, file_type: FileType, read_scans: ReadScans | None = None
) -> Document:
    data = put_right(data) or data
    found, is_cut = _found(data, file_type)
    media_type = found.mime_type or file_type.media_type
    if media_type in ARCHIVES:
        raise Unreadable("unsupported", "its content is an archive, its extension another kind")
    beside, created = beside_the_body(data), found.metadata.created_at
    pieces = pieces_of(found, is_sheet=_SHEETS.search(media_type) is not None)
    pieces[0] = without_placeholders(pieces[0], beside.pictures)
    # pages without text are not among them
    pages = {page.page_number: page.content for page in found.pages or ()}
    scans = scanned_pages(found)
    read = _read_of(found, data, pages, read_scans) if is_pdf(found) else {}
    if any(read.values()):
        pages = dict(sorted({**pages, **{n: text for n, text in read.items() if text}}.items()))
        pieces[0] = "\n\n".join(page.strip() for page in pages.values())
    noted = noted_in(data, created) if media_type == PDF else Noted()
    objects, unread = _objects(beside)
    remarks = [*noted.remarks, *beside.remarks, *_inserted(beside), *objects]
    beside_pieces = list(unheld(remarks, pieces))
    body = joined([*pieces, *beside_pieces])
    furniture = "\n".join(unheld(beside.furniture, pieces))
    own = body if furniture else None
    if media_type == PDF and (kept := _own_pages(list(pages.values()))) is not None:
        own = joined([kept, *pieces[1:], *beside_pieces])
    return Document(
        "\n\n".join(filter(None, (body, furniture))),
        media_type,
        found.metadata.title or None,
        noted.created or created,
        own_text=own if own and own.strip() else None,
        lacks=(
            *shortfalls(found, noted.files, unread),
            *pictures_left(len(set(scans) - read.keys())),
            *without_values(beside.unfilled),
            *([CUT_SHEET] if is_cut else []),
            *([XFA] if noted.has_form else []),
            *([CUT_SHORT] if noted.is_cut else []),
        ),
    )


def _read_of(
    found: Any, data: bytes, pages: Mapping[int, str], read_scans: ReadScans | None
) -> Mapping[int, str]:
    """Return what is read of a PDF's pages that are pictures, or hold no text, by their number."""
    every = range(1, (found.metadata.format.pdf.page_count or 0) + 1)
    blank = {number for number in every if is_blank(pages.get(number, ""))}
    wanted = sorted(blank | set(scanned_pages(found)))
    return read_scans(data, wanted) if read_scans is not None and wanted else {}


def _own_pages(pages: list[str]) -> str | None:
    """Return the text of the pages without headers, footers and page numbers, if there are any."""
    left = without_furniture(pages)
    return "\n\n".join(filter(None, left)) if left is not None else None


def _found(data: bytes, file_type: FileType) -> tuple[Any, bool]:
    """Return the library's answer, and whether rows of a sheet were left out."""
    # The name is reduced to its extension, which is all that the library needs of it.
    name = f"item.{file_type.extension}"
    if "opendocument" in file_type.media_type:
        data = plainly_written(data) or data
    if _SHEETS.search(file_type.media_type) and is_wide(data) and (moved := dense(data)):
        return answered(moved.data, name), moved.is_cut
    try:
        found = answered(data, name)
    except Unreadable as trouble:
        if trouble.status == "too large" and (moved := dense(data)):
            return answered(moved.data, name), moved.is_cut
        another = put_right(data, always=True) if trouble.status == "corrupt" else None
        if another is None:
            raise
        return answered(another, name), False
    if not found.content.strip():
        found = _second_try(data, name) or found
    return found, False


def _second_try(data: bytes, name: str) -> Any:
    """Return the answer to a file that is written another way, where there was no text."""
    if another := put_right(data, always=True):
        moved = dense(another)
        return answered(moved.data if moved else another, name)
    return None


def _inserted(beside: Beside) -> Iterator[str]:
    for name, data in beside.inserted:
        with suppress(Unreadable):
            yield read_document(data, file_type_of(name)).text.strip()


def _objects(beside: Beside) -> tuple[list[str], int]:
    """Return the texts of files in objects, and how many objects are not read."""
    texts, unread = [], 0
    for wrapped in beside.objects:
        name, data = file_in(wrapped) or ("", b"unknown")
        try:
            if data:
                texts.append(_inside(name, data))
        except Unreadable:
            unread += 1
    return texts, unread


def _inside(name: str, data: bytes) -> str:
    file_type = file_type_of(name)
    if file_type.family not in {"office", "text"}:
        raise Unreadable("unsupported", "it is of a kind that is not read")
    return read_document(data, file_type).text.strip()


_READERS: dict[str, Callable[[bytes, FileType], Document]] = {
    _BOOK: _book,
    _DRAWING: _drawing,
    "text/xml": _xml,
    "application/rtf": _rich,
}
