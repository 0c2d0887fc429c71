"""What a reading lacks: the parser's answer held against cheap measures of the file. Pure."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from cultivar.content.documents.office.sheets import MOST_CELLS
from cultivar.core.vocabulary import how_many

ARCHIVES = frozenset(
    f"application/{kind}"
    for kind in ("zip", "x-7z-compressed", "x-tar", "gzip", "x-gzip", "x-rar-compressed", "vnd.rar")
)
CUT_SHEET = f"only the first {MOST_CELLS:,} cells of a sheet are read"
CUT_SHORT = "the end of the file is missing"
XFA = "a form in it (XFA) is not read"
# A sign or two of a font without names (bullets, logos) is no loss; a share of the text is.
_UNNAMED_SHARE = 0.005
_UNNAMED = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")


def undecoded(lost: int) -> tuple[str, ...]:
    """Return what to say of places whose bytes gave no character."""
    return (f"{how_many(lost, 'place')} of its text cannot be decoded",) if lost else ()


def without_values(formulas: int) -> tuple[str, ...]:
    """Return what to say of formulas whose values are not in the file."""
    if not formulas:
        return ()
    return (f"{how_many(formulas, 'formula')} {'has' if formulas == 1 else 'have'} no value in it",)


def shortfalls(found: Any, files: int, objects: int) -> Iterator[str]:
    """Yield what the library itself says that it did not read, and what its text shows.

    ``files`` is how many files the document names as embedded in it, ``objects`` how many objects
    of other programs were not read.
    """
    children = found.children or ()
    skipped = objects + max(0, files - len(children))
    skipped += sum(1 for each in children if _is_unread(each))
    if skipped:
        yield f"{how_many(skipped, 'embedded object')} {'is' if skipped == 1 else 'are'} not read"
    unnamed = len(_UNNAMED.findall(found.content))
    if unnamed > _UNNAMED_SHARE * len(found.content):
        yield f"{how_many(unnamed, 'place')} of its text cannot be decoded"


def _is_unread(child: Any) -> bool:
    is_picture = (child.mime_type or "").startswith(("image/", "audio/", "video/"))
    if child.mime_type in ARCHIVES:
        return not child.result.children or any(map(_is_unread, child.result.children))
    return not is_picture and not child.result.content.strip()


def is_pdf(found: Any) -> bool:
    """Tell whether the parser took a document for a PDF."""
    return getattr(found.metadata.format, "pdf", None) is not None


def scanned_pages(found: Any) -> list[int]:
    """Return the numbers of a PDF's pages that are pictures; the first is 1."""
    if not is_pdf(found):
        return []
    pdf = found.metadata.format.pdf
    # The library also takes text of no language that it knows for a scan.
    return sorted(set(pdf.scanned_pages or ()) - set(pdf.implausible_text_pages or ()))


def pictures_left(pages: int) -> tuple[str, ...]:
    """Return what to say of pages that are pictures and were not read."""
    said = f"{how_many(pages, 'page')} {'is' if pages == 1 else 'are'} a picture"
    return (said,) if pages else ()


def embedded_in(found: Any) -> Iterator[str]:
    """Yield the texts of files inside a document, where the library leaves them beside its own."""
    return (text for text in _inside(found.children or ()) if text not in found.content)


def _inside(children: Iterable[Any]) -> Iterator[str]:
    for child in children:
        if child.mime_type in ARCHIVES:
            # the library's own words on an archive are no text of it
            yield from _inside(child.result.children or ())
        elif text := child.result.content.strip():
            yield text
