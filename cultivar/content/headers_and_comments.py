"""What stands beside the body of an Office file: headers, footers, remarks, text in shapes.

The parsing library leaves these out; nothing here reads the body, and no XML is expanded.
"""

import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterator

_PART_BYTES = 2_000_000
_PARTS_AT_MOST = 50

_OOXML_PARTS = re.compile(
    r"word/(?:header|footer)\d*\.xml|xl/drawings/drawing\d+\.xml|xl/comments(?:/comment)?\d+\.xml"
)
_OOXML_PARAGRAPH = re.compile(r"<(w:p|a:p|comment)[ >].*?</\1>", re.S)
_OOXML_RUN = re.compile(r"<(?:w:|a:)?t(?: [^>]*)?>([^<]*)<")

_ODF_PARTS = re.compile(r"content\.xml|styles\.xml")
_ODF_ASIDE = re.compile(r"<(office:annotation|style:header|style:footer)[ >].*?</\1>", re.S)
_ODF_PARAGRAPH = re.compile(r"<text:(p|h)[ >].*?</text:\1>", re.S)
_TAG = re.compile(r"<[^>]*>")


def marginalia_of(data: bytes) -> str:
    """Return the paragraphs beside an Office file's body, each once, a line each; often empty."""
    if not data.startswith(b"PK"):
        return ""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return "\n".join(dict.fromkeys(filter(None, _paragraphs(package))))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error):
        # What parses the body says what is wrong with the file.
        return ""


def _paragraphs(package: zipfile.ZipFile) -> Iterator[str]:
    names = package.namelist()
    is_odf = "content.xml" in names and "styles.xml" in names
    wanted = _ODF_PARTS if is_odf else _OOXML_PARTS
    for name in sorted(filter(wanted.fullmatch, names))[:_PARTS_AT_MOST]:
        with package.open(name) as part:
            text = part.read(_PART_BYTES).decode("utf-8", "replace")
        yield from _in_odf(text) if is_odf else _in_ooxml(text)


def _in_ooxml(text: str) -> Iterator[str]:
    for paragraph in _OOXML_PARAGRAPH.finditer(text):
        yield html.unescape("".join(_OOXML_RUN.findall(paragraph[0]))).strip()


def _in_odf(text: str) -> Iterator[str]:
    for aside in _ODF_ASIDE.finditer(text):
        for paragraph in _ODF_PARAGRAPH.finditer(aside[0]):
            yield html.unescape(_TAG.sub("", paragraph[0])).strip()
