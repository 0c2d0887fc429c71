"""What stands beside the body of an Office file: headers, footers, remarks, text in shapes.

The parsing library leaves these out; nothing here reads the body, and no XML is expanded.
"""

import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from cultivar.content.documents.office.pictures import (
    HAVE_PICTURES,
    Picture,
    in_open_document,
    pictures_in,
    spoken,
    without_alternatives,
)

_PART_BYTES = 2_000_000
_PARTS_AT_MOST = 50
_PICTURED_BYTES = 20_000_000

_OOXML_PARTS = re.compile(
    r"word/(?P<furniture>header|footer)\d*\.xml|xl/drawings/drawing\d+\.xml|"
    r"xl/comments(?:/comment)?\d+\.xml|xl/threadedComments/[^/]+\.xml|ppt/comments/[^/]+\.xml|"
    r"(?:word|ppt|xl)/(?:charts/chart|diagrams/data)\d*\.xml"
)
_OOXML_PARAGRAPH = re.compile(r"<(w:p|a:p|comment|threadedComment|p:cm|c:strCache)(?=[ >])")
_OOXML_RUN = re.compile(r"<(?:w:t|a:t|t|p:text|text)(?: [^>]*)?>([^<]*)(?=<)")
# What parts of a package another program may have put in whole, to be shown in the body.
_INSERTED = re.compile(
    r"(?!word/embeddings/|customXml/|docProps/)(?:[^/]+/)*[^/]+\.(?:x?html?|mht|mhtml|rtf|txt|docx)",
    re.I,
)

_OBJECT = re.compile(r"(?:word|ppt|xl)/embeddings/[^/]+\.bin", re.I)
_OBJECT_BYTES = 20_000_000
_MEMBERS_AT_MOST = 5_000

_SHEET = re.compile(r"xl/worksheets/sheet\d+\.xml")
_FORMULA_ALONE = re.compile(rb"<f(?:\s[^<>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")

_ODF_PARTS = re.compile(r"content\.xml|styles\.xml|Object \d+/content\.xml")
_ODF_ASIDE = re.compile(
    r"<(office:annotation|style:header|style:footer|presentation:notes)(?=[ >])"
)
_ODF_PARAGRAPH = re.compile(r"<(text:p|text:h)(?=[ >])")
# What a program puts in when it shows the page: its number, the date.
_ODF_FIELD = re.compile(
    r"<(text:page-(?:number|count)|presentation:(?:date-time|header|footer))(?=[ />])"
    r"[^>]*>(?:[^<]*</\1>)?"
)
_TAG = re.compile(r"<[^>]*>")
_TAG_CHARACTERS = 4_000


@dataclass(frozen=True, slots=True)
class Beside:
    """Paragraphs beside the body, each once, and files put into it whole.

    ``furniture`` stands on every page (headers, footers); ``remarks`` are all the others.
    ``objects`` are files of other programs, in the wrapping that Office gives them; ``unfilled`` is
    how many formulas of a sheet have no value beside them; ``pictures`` are those of the body.
    """

    furniture: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    inserted: tuple[tuple[str, bytes], ...] = ()
    objects: tuple[bytes, ...] = ()
    unfilled: int = 0
    pictures: tuple[Picture, ...] = ()


def beside_the_body(data: bytes) -> Beside:
    """Return what an Office file holds beside its body; often nothing."""
    if not data.startswith(b"PK"):
        return Beside()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            found = list(_paragraphs(package))
            pictures = list(_pictures(package))
            inserted = tuple(_inserted(package))
            objects = tuple(_objects(package))
            unfilled = _unfilled(package)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error):
        # What parses the body says what is wrong with the file.
        return Beside()
    for is_furniture, picture in pictures:
        found += [(is_furniture, text) for text in spoken([picture])]
    furniture = dict.fromkeys(text for is_furniture, text in found if is_furniture and text)
    remarks = dict.fromkeys(text for is_furniture, text in found if not is_furniture and text)
    in_body = tuple(picture for is_furniture, picture in pictures if not is_furniture)
    return Beside(tuple(furniture), tuple(remarks), inserted, objects, unfilled, in_body)


def _pictures(package: zipfile.ZipFile) -> Iterator[tuple[bool, Picture]]:
    """Yield what stands in for pictures, and whether it does on every page."""
    for info in package.infolist()[:_MEMBERS_AT_MOST]:
        name = info.filename
        is_open_document = name in {"content.xml", "styles.xml"}
        if not is_open_document and not HAVE_PICTURES.fullmatch(name):
            continue
        with package.open(info) as opened:
            part = opened.read(_PICTURED_BYTES)
        is_furniture = name.startswith(("word/header", "word/footer", "styles"))
        found = (
            in_open_document(part)
            if is_open_document
            else pictures_in(part.decode("utf-8", "replace"))
        )
        yield from ((is_furniture, picture) for picture in found)


def _inserted(package: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    names = package.namelist()
    if "word/document.xml" in names:
        for name in sorted(filter(_INSERTED.fullmatch, names))[:_PARTS_AT_MOST]:
            with package.open(name) as part:
                yield name.rpartition("/")[2], part.read(_PART_BYTES)


def _objects(package: zipfile.ZipFile) -> Iterator[bytes]:
    for info in package.infolist()[:_MEMBERS_AT_MOST]:
        if _OBJECT.fullmatch(info.filename) and info.file_size <= _OBJECT_BYTES:
            yield package.read(info)


def _unfilled(package: zipfile.ZipFile) -> int:
    """Return how many formulas have no value: the program that wrote them does not compute."""
    count = 0
    for name in sorted(filter(_SHEET.fullmatch, package.namelist()))[:_PARTS_AT_MOST]:
        with package.open(name) as part:
            count += len(_FORMULA_ALONE.findall(part.read(_PART_BYTES)))
    return count


def _paragraphs(package: zipfile.ZipFile) -> Iterator[tuple[bool, str]]:
    names = package.namelist()
    is_odf = "content.xml" in names and "styles.xml" in names
    wanted = _ODF_PARTS if is_odf else _OOXML_PARTS
    for name in sorted(filter(wanted.fullmatch, names))[:_PARTS_AT_MOST]:
        with package.open(name) as part:
            content = part.read(_PART_BYTES)
        text = (without_alternatives(content)[0] if is_odf else content).decode("utf-8", "replace")
        if is_odf:
            yield from _in_odf_object(text) if "/" in name else _in_odf(text)
        else:
            is_furniture = name.startswith(("word/header", "word/footer"))
            yield from ((is_furniture, paragraph) for paragraph in _in_ooxml(text))


def _in_ooxml(text: str) -> Iterator[str]:
    for _, paragraph in elements(_OOXML_PARAGRAPH, text):
        yield html.unescape("".join(_OOXML_RUN.findall(paragraph))).strip()


def _in_odf_object(text: str) -> Iterator[tuple[bool, str]]:
    for _, paragraph in elements(_ODF_PARAGRAPH, text):
        yield False, html.unescape(_TAG.sub("", paragraph)).strip()


def _in_odf(text: str) -> Iterator[tuple[bool, str]]:
    for name, aside in elements(_ODF_ASIDE, text):
        for _, paragraph in elements(_ODF_PARAGRAPH, _ODF_FIELD.sub("", aside)):
            shown = html.unescape(_TAG.sub("", paragraph)).strip()
            yield name.startswith("style:"), shown


def elements(opening: re.Pattern[str], text: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the whole text of each element, up to the first end tag of that name.

    The time is linear in the text: a pattern that looks for the end itself goes through all that
    follows for each of the tags that nothing ends, and a small file can hold 250,000 of them.
    """
    at, unended = 0, set[str]()
    while found := opening.search(text, at):
        at = found.end()
        tag_end = text.find(">", at, at + _TAG_CHARACTERS)
        if found[1] in unended or (tag_end > 0 and text[tag_end - 1] == "/"):
            continue
        ending = f"</{found[1]}>"
        stop = text.find(ending, at)
        if stop < 0:
            unended.add(found[1])
            continue
        at = stop + len(ending)
        yield found[1], text[found.start() : at]
