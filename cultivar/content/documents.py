"""One document's bytes to its text, title and date: the only door to the parsing library.

Runs in worker processes only, since the library deadlocks in a forked child of a process that has
imported it; it neither opens files nor decides what an archive or a mailbox holds.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from cultivar.content.formats import FileType
from cultivar.content.headers_and_comments import marginalia_of


@dataclass(frozen=True, slots=True)
class Document:
    """What one document says. ``created`` is the date as the document writes it."""

    text: str
    media_type: str
    title: str | None = None
    created: str | None = None


class Unreadable(Exception):
    """A document cannot be read; ``status`` is the items column's, ``reason`` holds no content."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


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
_ARCHIVES = frozenset(
    f"application/{kind}"
    for kind in ("zip", "x-7z-compressed", "x-tar", "gzip", "x-gzip", "x-rar-compressed", "vnd.rar")
)
_MESSAGE_ID = re.compile(r"^Message-ID:.*\n", re.M)
_STYLE = re.compile(r" \(style_name: [^()\n]*\)$", re.M)
_ARMOURED = "-----BEGIN PGP MESSAGE-----"


def read_document(data: bytes, file_type: FileType) -> Document:
    """Read one document (no archive, no mailbox) by its content and what its name promises.

    Raises:
        Unreadable: with the status and the reason of the row that stands for it.
        MemoryError: the process's address space is exhausted.
    """
    kind = "text/plain" if file_type.family == "text" else None
    # The name is reduced to its extension, which is all that the library needs of it.
    found = _answered(_runner(), data, f"item.{file_type.extension}", kind)
    if file_type.family == "mail":
        return _mail(found)
    metadata = found.metadata
    media_type = found.mime_type or file_type.media_type
    if media_type in _ARCHIVES:
        raise Unreadable("unsupported", "its content is an archive, its extension another kind")
    if file_type.family == "text":
        media_type = file_type.media_type
    text = _office(found.content, data) if file_type.family == "office" else found.content
    return Document(text, media_type, metadata.title or None, metadata.created_at)


def _office(content: str, data: bytes) -> str:
    # The library notes a paragraph's style behind its text, which nobody wrote.
    body, beside = _STYLE.sub("", content), marginalia_of(data)
    return f"{body}\n\n{beside}" if beside else body


def _mail(found: Any) -> Document:
    # Attachments stand in the message's text already: its children would count them twice.
    if _is_sealed(found):
        raise Unreadable("encrypted", "the message is encrypted")
    head, gap, body = found.content.partition("\n\n")
    text = _MESSAGE_ID.sub("", f"{head}\n").rstrip("\n") + gap + body
    subject = found.metadata.subject or found.metadata.title
    return Document(text, found.mime_type, subject or None, found.metadata.created_at)


def _is_sealed(found: Any) -> bool:
    names = [child.path.casefold() for child in found.children or ()]
    sealed = any(name.endswith((".pgp-encrypted", "smime.p7m")) for name in names)
    return sealed or _ARMOURED in found.content


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
