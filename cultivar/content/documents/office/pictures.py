"""Texts that stand in for pictures and shapes in Office files, as a screen reader speaks them.

Reads attributes of the parts of a package, and nothing else of it. Pure.
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

HAVE_PICTURES = re.compile(
    r"word/(?:document|footnotes|endnotes|header\d*|footer\d*)\.xml|ppt/slides/slide\d+\.xml|"
    r"xl/drawings/drawing\d+\.xml"
)
_PICTURE = re.compile(r"""<(?:\w+:)?(?:docPr|cNvPr)\s((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""")
_ATTRIBUTE = re.compile(r"""\b(name|descr|title)\s*=\s*("[^"]*"|'[^']*')""")
# Texts of a whole table in Word.
_TABLE = re.compile(r"""<w:tbl(?:Caption|Description)\s[^<>]*?w:val=("[^"]*"|'[^']*')""")
# Programs put the name of the picture's file there, which nobody wrote for a reader.
_NAME_OF_FILE = re.compile(
    r"[^\n]*\.(?:png|jpe?g|jfif|gif|bmp|dib|emf|wmf|wdp|tiff?|svg|webp|heic)", re.I
)
_BLANKS_IN_NAME = 4
# OpenDocument: elements of their own, which the library puts into the words around them.
_IN_OPEN_DOCUMENT = re.compile(rb"<svg:(title|desc)(?:\s[^<>]*)?(?:/>|>([^<]*)</svg:\1>)")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture or a shape: its name, which programs give, and the texts that stand in for it."""

    name: str
    texts: tuple[str, ...]


def pictures_in(part: str) -> Iterator[Picture]:
    """Yield the pictures, shapes and tables in a part of a package that say anything."""
    for found in _PICTURE.finditer(part):
        said = {name: html.unescape(value[1:-1]) for name, value in _ATTRIBUTE.findall(found[1])}
        texts = (said.get("title", "").strip(), said.get("descr", "").strip())
        yield Picture(said.get("name", ""), tuple(dict.fromkeys(filter(None, texts))))
    for found in _TABLE.finditer(part):
        yield Picture("", (html.unescape(found[1][1:-1]).strip(),))


def in_open_document(part: bytes) -> Iterator[Picture]:
    """Yield what stands in for pictures in a part of an OpenDocument file."""
    for found in _IN_OPEN_DOCUMENT.finditer(part):
        yield Picture("", (html.unescape((found[2] or b"").decode("utf-8", "replace")).strip(),))


def without_alternatives(part: bytes) -> tuple[bytes, int]:
    """Return a part of an OpenDocument file without what stands in for pictures, and how many."""
    return _IN_OPEN_DOCUMENT.subn(b"", part)


def spoken(pictures: Iterable[Picture]) -> tuple[str, ...]:
    """Return the texts of pictures that a person wrote for readers, each once."""
    texts = (text for picture in pictures for text in picture.texts)
    return tuple(dict.fromkeys(text for text in texts if text and not is_name_of_file(text)))


def is_name_of_file(text: str) -> bool:
    """Tell whether a text is nothing but the name of a picture's file."""
    is_short = text.count(" ") <= _BLANKS_IN_NAME or "\\" in text or "/" in text
    return is_short and _NAME_OF_FILE.fullmatch(text) is not None


def without_placeholders(body: str, pictures: Iterable[Picture]) -> str:
    """Return text in which the library's words for a picture are the picture's own, or none."""
    if "[Image: " not in body:
        return body
    for picture in pictures:
        for text in picture.texts:
            written = "" if is_name_of_file(text) else text
            body = body.replace(f"[Image: {text}]", written)
        if picture.name:
            body = body.replace(f"[Image: {picture.name}]", "")
    return re.sub(r"\n{3,}", "\n\n", body)
