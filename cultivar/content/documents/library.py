"""The only door to the parsing library: bytes to its answer, or why there is none.

Runs in worker processes only, since the library deadlocks in a forked child of a process that has
imported it. What an answer means is the caller's.
"""

import asyncio
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from cultivar.content.documents.office.sheets import MOST_CELLS
from cultivar.content.documents.unreadable import Unreadable

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


def answered(data: bytes, filename: str, media_type: str | None = None) -> Any:
    """Return the library's answer to a document, of which ``filename`` tells the kind.

    Raises:
        Unreadable: with the status and the reason of the row that stands for it.
        MemoryError: the process's address space is exhausted.
    """
    return _answered(_runner(), data, filename, media_type)


def read_page(picture: bytes, language_data: str, languages: tuple[str, ...]) -> str:
    """Return the text in a picture (BMP), read by Tesseract in the languages named.

    ``language_data`` is the folder of their data.

    Raises:
        Unreadable: with the status and the reason of the row that stands for it.
        MemoryError: the process's address space is exhausted.
    """
    return str(_answered(_page_runner(language_data, languages), picture, "page.bmp").content)


def read_pages(
    data: bytes, numbers: list[int], language_data: str, languages: tuple[str, ...]
) -> dict[int, str]:
    """Return the text of some pages of a PDF (the first is 1) that are pictures, by their number.

    They are drawn and read by Tesseract; the others are left as they are.

    Raises:
        Unreadable: with the status and the reason of the row that stands for it.
        MemoryError: the process's address space is exhausted.
    """
    xberg = _library()
    config = xberg.ExtractionConfig(
        **_ocr_options(language_data, languages),
        force_ocr_pages=numbers,
        pages=xberg.PageConfig(extract_pages=True),
        pdf_options=xberg.PdfConfig(extract_tables=False, extract_form_fields=False),
    )
    loop = _loop()
    found = _answered(
        lambda asked: loop.run_until_complete(xberg.extract(asked, config)), data, "item.pdf"
    )
    wanted = set(numbers)
    return {
        page.page_number: page.content.strip()
        for page in found.pages or ()
        if page.page_number in wanted
    }


def _library() -> Any:
    import xberg  # noqa: PLC0415 - see the module's docstring

    return xberg


def _answered(
    run: Callable[[Any], Any], data: bytes, filename: str, media_type: str | None = None
) -> Any:
    xberg = _library()
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
    xberg = _library()
    # No OCR (it would download models), no tables or form fields of PDF (three times as slow for
    # the same text); ordinary docx files compress beyond the library's own bound of 100.
    config = xberg.ExtractionConfig(
        use_cache=False,
        disable_ocr=True,
        pdf_options=xberg.PdfConfig(extract_tables=False, extract_form_fields=False),
        security_limits=xberg.SecurityLimits(
            max_compression_ratio=1000, max_table_cells=MOST_CELLS
        ),
    )
    return _running(config)


@cache
def _page_runner(language_data: str, languages: tuple[str, ...]) -> Callable[[Any], Any]:
    xberg = _library()
    return _running(xberg.ExtractionConfig(**_ocr_options(language_data, languages)))


def _ocr_options(language_data: str, languages: tuple[str, ...]) -> dict[str, Any]:
    xberg = _library()
    # Tesseract alone, from the data named: whatever else the library knows it would download.
    tesseract = xberg.TesseractConfig(
        language=list(languages), output_format="text", enable_table_detection=False,
        use_cache=False,
    )  # fmt: skip
    stage = xberg.OcrPipelineStage("tesseract", 100, list(languages), tesseract)
    return {
        "use_cache": False,
        "disable_ocr": False,
        "ocr_embedded_images": False,
        "ocr": xberg.OcrConfig(
            backend="tesseract",
            language=list(languages),
            tesseract_config=tesseract,
            tessdata_path=language_data,
            pipeline=xberg.OcrPipelineConfig([stage], xberg.OcrQualityThresholds()),
        ),
    }


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


def _running(config: Any) -> Callable[[Any], Any]:
    xberg = _library()
    loop = asyncio.new_event_loop()
    return lambda asked: loop.run_until_complete(xberg.extract(asked, config))
