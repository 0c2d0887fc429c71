"""Office files in one XML file each, packed as their usual form is. Pure."""

import base64
import binascii
import io
import re
import zipfile

_ROOT = re.compile(r"<(?P<prefix>[\w.-]+:|)document\b(?P<attributes>[^<>]*)>")
_KIND = re.compile(
    r"""mimetype\s*=\s*["']application/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)"""
)
_MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" '
    'manifest:media-type="application/vnd.oasis.opendocument.{0}"/></manifest:manifest>'
)
_EXTENSIONS = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}
_WITHIN = 20_000
_PACKAGE = re.compile(r"<pkg:package\b")
_PART = re.compile(
    r"""<pkg:part\s[^<>]*?pkg:name=["'](?P<name>[^"'<>]+)["'][^<>]*>\s*"""
    r"(?:<pkg:xmlData[^<>]*>(?P<xml>.*?)</pkg:xmlData>"
    r"|<pkg:binaryData[^<>]*>(?P<binary>[^<]*)</pkg:binaryData>)",
    re.S,
)
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
# What stands in parts of its own, and in which; the settings hold no text.
_PARTS = {"meta": "meta", "master-styles": "styles", "settings": "", "scripts": ""}


def packed(source: str) -> tuple[bytes, str] | None:
    """Return the package and its extension; None of what is no Office file."""
    if _PACKAGE.search(source[:_WITHIN]):
        return _of_word(source)
    return _open_document(source)


def _of_word(source: str) -> tuple[bytes, str]:
    """Return the parts that Word and PowerPoint write below one another, each in a file."""
    target, extension = io.BytesIO(), "docx"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:
        for found in _PART.finditer(source):
            name = found["name"].lstrip("/")
            extension = "pptx" if name == "ppt/presentation.xml" else extension
            package.writestr(name, _content(found))
        package.writestr("[Content_Types].xml", _TYPES)
    return target.getvalue(), extension


def _content(part: re.Match[str]) -> bytes:
    if part["xml"] is not None:
        return b'<?xml version="1.0" encoding="UTF-8"?>\n' + part["xml"].strip().encode()
    try:
        return base64.b64decode(part["binary"])
    except binascii.Error:
        return b""


def _open_document(source: str) -> tuple[bytes, str] | None:
    root = _ROOT.search(source[:_WITHIN])
    kind = _KIND.search(root["attributes"]) if root else None
    if root is None or kind is None:
        return None
    prefix, attributes, rest = root["prefix"], root["attributes"], source[root.end() :]
    rest = _element(prefix, "binary-data").sub("", rest)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:
        package.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind[1]}")
        package.writestr("META-INF/manifest.xml", _MANIFEST.format(kind[1]))
        for section, part in _PARTS.items():
            found = _element(prefix, section).search(rest)
            if found:
                rest = rest[: found.start()] + rest[found.end() :]
            if part:
                inside = found[0] if found else ""
                package.writestr(f"{part}.xml", _root(prefix, part, attributes, inside))
        body, _, _ = rest.rpartition(f"</{prefix}document")
        package.writestr("content.xml", _root(prefix, "content", attributes, body or rest))
    return target.getvalue(), _EXTENSIONS[kind[1]]


def _element(prefix: str, name: str) -> re.Pattern[str]:
    named = re.escape(f"{prefix}{name}")
    return re.compile(rf"<{named}(?:\s[^<>]*)?(?<!/)>.*?</{named}\s*>", re.S)


def _root(prefix: str, part: str, attributes: str, inside: str) -> str:
    name = f"{prefix}document-{part}"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name}{attributes}>{inside}</{name}>'
