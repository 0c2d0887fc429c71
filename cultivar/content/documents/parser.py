"""One document's bytes to its text, title and date: the only door to the parsing library.

Runs in worker processes only, since the library deadlocks in a forked child of a process that has
imported it; it neither opens files nor decides what an archive or a mailbox holds.
"""

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from cultivar.content.documents.charsets import decoded
from cultivar.content.documents.embedded_objects import file_in
from cultivar.content.documents.headers_and_comments import Beside, beside_the_body
from cultivar.content.documents.markup import markup_decoded, page_of, without_declaration
from cultivar.content.documents.packages import put_right, without_long_repeats
from cultivar.content.documents.page_furniture import without_furniture
from cultivar.content.documents.pdf_objects import Noted, noted_in
from cultivar.content.documents.shortfalls import ARCHIVES, embedded_in, shortfalls, undecoded
from cultivar.content.documents.unreadable import Unreadable, refuse_what_is_no_text
from cultivar.content.formats import FileType, file_type_of


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


# What the library's messages begin with or hold, in the order in which they are tried.
_FAILURES = (
    (re.compile("encrypt|password", re.I), "encrypted", "it needs a password"),
    (
        re.compile("^unsupported", re.I),
        "unsupported",
        "its content is of a kind that cannot be read",
    ),
    (
        re.compile("security|exceed|too (large|many|deep)|bomb|ratio|limit", re.I),
        "too large",
        "it expands beyond the safe bounds",
    ),
    (re.compile("timed? ?out", re.I), "timed out", "it takes too long to read"),
    (re.compile("memory", re.I), "out of memory", "reading it takes too much memory"),
    (
        re.compile("pars|invalid|corrupt|malformed", re.I),
        "corrupt",
        "its content does not follow its format",
    ),
)
_STYLE = re.compile(r" \(style_name: [^()\n]*\)$", re.M)
_PDF = "application/pdf"
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_HTML_BEGINS = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|meta|table)\b", re.I | re.S
)


def read_document(data: bytes, file_type: FileType) -> Document:
    """Read one document (no archive, no mailbox) by its content and what its name promises.

    Raises:
        Unreadable: with the status and the reason of the row that stands for it.
        MemoryError: the process's address space is exhausted.
    """
    if file_type.family == "text":
        return _plain(data, file_type)
    if file_type.media_type in _HTML or _is_html(data):
        return _page(data, file_type)
    if file_type.media_type == "text/xml":
        return _xml(data, file_type)
    return _with_library(data, file_type)


def _plain(data: bytes, file_type: FileType) -> Document:
    found = decoded(data, None, guessed)
    # A guess leaves out what is no character of any charset.
    refuse_what_is_no_text(data.decode("latin-1") if found.is_guess else found.text)
    text = found.text.replace("\r\n", "\n").replace("\r", "\n")
    return Document(text, file_type.media_type, lacks=undecoded(found.lost))


def _is_html(data: bytes) -> bool:
    return data[:1_024].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1] == b"<" and bool(
        _HTML_BEGINS.match(data.removeprefix(b"\xef\xbb\xbf")[:4_096])
    )


def _page(data: bytes, file_type: FileType) -> Document:
    found = markup_decoded(data, None, guessed)
    page = page_of(found.text)
    media_type = file_type.media_type if file_type.media_type in _HTML else "text/html"
    return Document(page.text, media_type, page.title, page.created, lacks=undecoded(found.lost))


def _xml(data: bytes, file_type: FileType) -> Document:
    # The library reads single-byte charsets only where a declaration has double quotes.
    found = markup_decoded(data, None, guessed)
    read = _with_library(without_declaration(found.text).encode(), file_type)
    return replace(read, lacks=(*undecoded(found.lost), *read.lacks))


def guessed(data: bytes) -> str:
    """Return the characters of bytes that do not say what charset they are in."""
    return str(_answered(_runner(), data, "item.txt", "text/plain").content)


def _with_library(data: bytes, file_type: FileType) -> Document:
    data = put_right(data) or data
    found = _found(data, file_type)
    media_type = found.mime_type or file_type.media_type
    if media_type in ARCHIVES:
        raise Unreadable("unsupported", "its content is an archive, its extension another kind")
    pieces = _pieces(found)
    beside, created = beside_the_body(data), found.metadata.created_at
    noted = noted_in(data, created) if media_type == _PDF else Noted()
    objects, unread = _objects(beside)
    remarks = [*noted.remarks, *beside.remarks, *_inserted(beside), *objects]
    beside_pieces = list(_new(remarks, pieces))
    body = _joined([*pieces, *beside_pieces])
    furniture = "\n".join(_new(beside.furniture, pieces))
    own = body if furniture else None
    if media_type == _PDF and (pages := _own_pages(found)) is not None:
        own = _joined([pages, *pieces[1:], *beside_pieces])
    return Document(
        "\n\n".join(filter(None, (body, furniture))),
        media_type,
        found.metadata.title or None,
        noted.created or created,
        own_text=own if own and own.strip() else None,
        lacks=tuple(shortfalls(found, noted.files, unread)),
    )


def _joined(pieces: Iterable[str]) -> str:
    return "\n\n".join(pieces).strip("\n")


def _own_pages(found: Any) -> str | None:
    """Return the text of the pages without headers, footers and page numbers, if there are any."""
    left = without_furniture([page.content for page in found.pages or ()])
    return "\n\n".join(filter(None, left)) if left is not None else None


def _found(data: bytes, file_type: FileType) -> Any:
    # The name is reduced to its extension, which is all that the library needs of it.
    name = f"item.{file_type.extension}"
    if file_type.media_type.endswith("spreadsheet"):
        data = without_long_repeats(data) or data
    try:
        found = _answered(_runner(), data, name)
    except Unreadable as trouble:
        another = put_right(data, always=True) if trouble.status == "corrupt" else None
        if another is None:
            raise
        return _answered(_runner(), another, name)
    if not found.content.strip() and (another := put_right(data, always=True)):
        return _answered(_runner(), another, name)
    return found


def _pieces(found: Any) -> list[str]:
    return [_STYLE.sub("", found.content).strip("\n"), *embedded_in(found)]


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


def _new(found: Iterable[str], pieces: Sequence[str]) -> Iterator[str]:
    """Yield what the library's own text does not hold already."""
    return (text for text in found if not any(text in piece for piece in pieces))


def read_page(picture: bytes, language_data: str, languages: tuple[str, ...]) -> str:
    """Return the text in a picture (BMP), read by Tesseract in the languages named.

    ``language_data`` is the folder of their data.

    Raises:
        Unreadable: with the status and the reason of the row that stands for it.
        MemoryError: the process's address space is exhausted.
    """
    return str(_answered(_page_runner(language_data, languages), picture, "page.bmp").content)


def _answered(
    run: Callable[[Any], Any], data: bytes, filename: str, media_type: str | None = None
) -> Any:
    import xberg  # noqa: PLC0415 - see the module's docstring

    asked = xberg.ExtractInput(kind="bytes", bytes=data, mime_type=media_type, filename=filename)
    try:
        found = run(asked)
    except (RuntimeError, ValueError) as error:
        raise _failure(str(error)) from error
    if not found.results:
        raise _failure(found.errors[0].message if found.errors else "")
    return found.results[0]


def _failure(message: str) -> Unreadable:
    for pattern, status, reason in _FAILURES:
        if pattern.search(message):
            return Unreadable(status, reason)
    return Unreadable("failed", "the parser gave up on it")


def warm_up() -> None:
    """Load the library, so that its loading does not count as reading the first document."""
    _runner()


@cache
def _runner() -> Callable[[Any], Any]:
    import xberg  # noqa: PLC0415

    # No OCR (it would download models), no tables or form fields of PDF (three times as slow for
    # the same text); ordinary docx files compress beyond the library's own bound of 100.
    config = xberg.ExtractionConfig(
        use_cache=False,
        disable_ocr=True,
        pdf_options=xberg.PdfConfig(extract_tables=False, extract_form_fields=False),
        security_limits=xberg.SecurityLimits(max_compression_ratio=1000),
    )
    return _running(config)


@cache
def _page_runner(language_data: str, languages: tuple[str, ...]) -> Callable[[Any], Any]:
    import xberg  # noqa: PLC0415

    # Tesseract alone, from the data named: whatever else the library knows it would download.
    tesseract = xberg.TesseractConfig(
        language=list(languages), output_format="text", enable_table_detection=False,
        use_cache=False,
    )  # fmt: skip
    stage = xberg.OcrPipelineStage("tesseract", 100, list(languages), tesseract)
    config = xberg.ExtractionConfig(
        use_cache=False,
        disable_ocr=False,
        ocr_embedded_images=False,
        ocr=xberg.OcrConfig(
            backend="tesseract",
            language=list(languages),
            tesseract_config=tesseract,
            tessdata_path=language_data,
            pipeline=xberg.OcrPipelineConfig([stage], xberg.OcrQualityThresholds()),
        ),
    )
    return _running(config)


def _running(config: Any) -> Callable[[Any], Any]:
    import xberg  # noqa: PLC0415

    loop = asyncio.new_event_loop()
    return lambda asked: loop.run_until_complete(xberg.extract(asked, config))
