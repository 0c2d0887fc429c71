"""The pieces that the text of a document is put together from, each of them once. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cultivar.content.documents.shortfalls import embedded_in

_STYLE = re.compile(r" \(style_name: [^()\n]*\)$", re.M)
_EMPTY_CELLS, _EMPTY_ROWS = re.compile(" {3,}"), re.compile(r"\n[ \n]*\n[ \n]*\n")


def joined(pieces: Iterable[str]) -> str:
    """Return pieces as one text."""
    return "\n\n".join(pieces).strip("\n")


def pieces_of(found: Any, *, is_sheet: bool) -> list[str]:
    """Return the text of a document as the library gives it, and those of files inside."""
    body = _STYLE.sub("", found.content).strip("\n")
    if is_sheet:
        # Each empty cell is a blank: of those there may be thousands between two words.
        body = _EMPTY_ROWS.sub("\n\n", _EMPTY_CELLS.sub("  ", body))
    return [body, *embedded_in(found)]


def unheld(found: Iterable[str], pieces: Sequence[str]) -> Iterator[str]:
    """Yield what the library's own text does not hold already."""
    return (text for text in found if not any(_holds(piece, text) for piece in pieces))


def _holds(piece: str, text: str) -> bool:
    """Tell whether a text stands in another as words of its own, and not within words."""
    return text in piece and bool(re.search(rf"(?<!\w){re.escape(text)}(?!\w)", piece))
