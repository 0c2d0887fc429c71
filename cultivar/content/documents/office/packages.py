"""Office files in a zip, written as the standards allow and the parsing library does not expect.

Rewrites names, charset and prefixes of their XML parts; reads no text. Pure.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from xml.etree import ElementTree  # noqa: ICN001 - its own name says more

from cultivar.content.documents.office.pictures import without_alternatives

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PREFIXES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "p": "http://schemas.openxmlformats.org/presentationml/2006/main",
    "r": _OFFICE,
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "presentation": "urn:oasis:names:tc:opendocument:xmlns:presentation:1.0",
    "meta": "urn:oasis:names:tc:opendocument:xmlns:meta:1.0",
    "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "cp": "http://schemas.openxmlformats.org/package/2006/metadata/core-properties",
    "xlink": "http://www.w3.org/1999/xlink",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
_XML = "http://www.w3.org/XML/1998/namespace"
# Roots whose namespace has no prefix in what other writers make.
_WITHOUT_PREFIX = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
    "http://schemas.openxmlformats.org/package/2006/relationships",
    "http://schemas.openxmlformats.org/package/2006/content-types",
    "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties",
)
_STRICT = {
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://purl.oclc.org/ooxml/drawingml/main": "a",
    "http://purl.oclc.org/ooxml/presentationml/main": "p",
}
_USUAL_BEGINNINGS = (b"<w:", b"<p:", b"<office:", b"<workbook", b"<a:")
_MAIN = re.compile(
    r"(?:word/document\w*|ppt/(?:presentation|slides/slide\d+)|xl/workbook|content)\.xml", re.I
)
_PARTS = re.compile(r"(?:(?:word|ppt|xl|docProps)/.*|content|styles|meta)\.(?:xml|rels)", re.I)
# They hold no text, and may be long.
_WITHOUT_TEXT = re.compile(
    r"(?:word|ppt|xl)/(?:styles\w*|stylesWithEffects|settings|webSettings|fontTable|theme/.*|"
    r"slideMasters/.*|slideLayouts/.*)",
    re.I,
)
_ROOT = re.compile(rb"<[A-Za-z_][^>]{0,200}")
_HEAD_BYTES = 2_048
_MOST_BYTES = 200_000_000
_REPEATED = re.compile(rb"(number-(?:rows|columns)-repeated=)([\"'])(\d{3,})\2")
_BLANKS = re.compile(rb"<text:s(?:\s[^<>]*)?(?:/>|></text:s>)")
_TARGET = re.compile(r'<Relationship\b[^>]*?Type="[^"]*/officeDocument"[^>]*?>', re.I)
_TARGET_PATH = re.compile(r'Target="/?([^"]+)"')


def put_right(data: bytes, *, always: bool = False) -> bytes | None:
    """Return an Office file as the library expects it, or None where it is so already.

    With ``always`` it is rewritten even where its beginnings look usual.
    """
    if not data.startswith(b"PK"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            rename = _names(package)
            if not (always or rename or _is_unusual(package)) or _is_large(package):
                return None
            return _rewritten(package, rename)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error):
        return None
    except (ElementTree.ParseError, ValueError, LookupError):
        return None


def _is_large(package: zipfile.ZipFile) -> bool:
    return sum(info.file_size for info in package.infolist()) > _MOST_BYTES


def _names(package: zipfile.ZipFile) -> dict[str, str]:
    """Return the names that must change: backslashes, other cases, another main part."""
    names = package.namelist()
    changed = {name: name.replace("\\", "/") for name in names if "\\" in name}
    usual = {"word/document.xml", "xl/workbook.xml", "ppt/presentation.xml"}
    for name in names:
        plain = changed.get(name, name)
        if plain not in usual and plain.casefold() in usual:
            changed[name] = plain.casefold()
    now = {changed.get(name, name) for name in names}
    main = _main_part(package, names)
    if main and main.startswith("word/") and "word/document.xml" not in now:
        changed[main] = "word/document.xml"
        relations = f"word/_rels/{posixpath.basename(main)}.rels"
        if relations in names:
            changed[relations] = "word/_rels/document.xml.rels"
    return changed


def _main_part(package: zipfile.ZipFile, names: list[str]) -> str | None:
    if "_rels/.rels" not in names:
        return None
    found = _TARGET.search(package.read("_rels/.rels").decode("utf-8", "replace"))
    target = _TARGET_PATH.search(found[0]) if found else None
    return target[1] if target and target[1] in names else None


def _is_unusual(package: zipfile.ZipFile) -> bool:
    for name in package.namelist():
        if _MAIN.fullmatch(name):
            with package.open(name) as part:
                head = part.read(_HEAD_BYTES)
            root = _ROOT.search(head)
            if root is None or not root[0].startswith(_USUAL_BEGINNINGS):
                return True
    return False


def _rewritten(package: zipfile.ZipFile, rename: dict[str, str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as written:
        for info in package.infolist():
            name = rename.get(info.filename, info.filename)
            content = package.read(info)
            if rename and name in {"_rels/.rels", "[Content_Types].xml"}:
                content = _renamed(content, rename)
            written.writestr(name, _usual(content) if _is_rewritten(name, content) else content)
    return target.getvalue()


def _is_rewritten(name: str, content: bytes) -> bool:
    if not _PARTS.fullmatch(name):
        return False
    # Even a part without text stops the library if it is not UTF-8.
    return b"\0" in content[:2_000] or not _WITHOUT_TEXT.fullmatch(name.rpartition(".")[0])


def _renamed(content: bytes, rename: dict[str, str]) -> bytes:
    for old, new in rename.items():
        content = content.replace(old.encode(), new.encode())
    return content


def _usual(content: bytes) -> bytes:
    """Return an XML part in UTF-8 with the prefixes that everybody else writes."""
    parser = ElementTree.XMLParser(target=_Builder())  # noqa: S314 - it takes no entities
    try:
        parser.feed(content)
        root = parser.close()
    except ElementTree.ParseError:
        return content
    return _serialised(root)


class _Builder(ElementTree.TreeBuilder):
    """Refuses a document type, which no Office file has and whose entities would expand."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise ElementTree.ParseError("a document type")


def _serialised(root: ElementTree.Element) -> bytes:
    names = {uri: prefix for prefix, uri in _PREFIXES.items()}
    default = next((uri for uri in _WITHOUT_PREFIX if root.tag.startswith(f"{{{uri}}}")), None)
    used: dict[str, str] = {}
    for uri in dict.fromkeys(_namespaces(root)):
        if uri not in {default, _XML}:
            used[uri] = names.get(uri) or _STRICT.get(uri) or f"n{len(used)}"

    def named(tag: str, *, attribute: bool = False) -> str:
        if not tag.startswith("{"):
            return tag
        uri, _, local = tag[1:].partition("}")
        if uri == _XML:
            return f"xml:{local}"
        return local if uri == default and not attribute else f"{used[uri]}:{local}"

    declared = [f'xmlns:{prefix}="{uri}"' for uri, prefix in used.items()]
    declared += [f'xmlns="{default}"'] if default else []
    parts = ['<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n']
    _write(root, parts, named, " " + " ".join(declared))
    return "".join(parts).encode("utf-8", "replace")


def _namespaces(root: ElementTree.Element) -> Iterator[str]:
    for element in root.iter():
        for tag in (element.tag, *element.keys()):
            if tag.startswith("{"):
                yield tag[1:].partition("}")[0]


def _write(
    root: ElementTree.Element, parts: list[str], named: Callable[..., str], declared: str
) -> None:
    """Write an element and all below it; nesting of any depth."""
    steps: list[tuple[ElementTree.Element | None, str]] = [(root, declared)]
    while steps:
        element, extra = steps.pop()
        if element is None:
            parts.append(extra)
            continue
        tag = named(element.tag)
        attributes = "".join(
            f' {named(key, attribute=True)}="{_escaped(value)}"' for key, value in element.items()
        )
        parts.append(f"<{tag}{attributes}{extra}>{_escaped(element.text or '')}")
        closing = f"</{tag}>{_escaped(element.tail or '') if element is not root else ''}"
        steps.append((None, closing))
        steps.extend((child, "") for child in reversed(element))


def _escaped(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;") if '"' in text else text


def plainly_written(data: bytes) -> bytes | None:
    """Return an OpenDocument file without what the library does not follow; None where all is well.

    Some writers repeat empty rows a million times above a value, at which the library gives up, and
    some write the blank between two words as an element, which it leaves out. What stands in for a
    picture it puts into the middle of a word.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            if "content.xml" not in package.namelist() or _is_large(package):
                return None
            content, repeats = _REPEATED.subn(rb"\1\g<2>1\2", package.read("content.xml"))
            content, blanks = _BLANKS.subn(b" ", content)
            content, spoken = without_alternatives(content)
            return _with_content(package, content) if repeats or blanks or spoken else None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error):
        return None


def _with_content(package: zipfile.ZipFile, content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as written:
        for info in package.infolist():
            is_content = info.filename == "content.xml"
            written.writestr(info.filename, content if is_content else package.read(info))
    return target.getvalue()
