"""What kind of file bytes are, where they are not what the name of the file says.

Looks at beginnings and tables of contents, never at text; nothing is opened.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable

import olefile

from cultivar.content.documents.encryption import is_compound
from cultivar.content.documents.mailboxes import is_mail, is_mailbox
from cultivar.content.documents.unreadable import Unreadable
from cultivar.content.formats import (
    BY_FOLDER,
    EXTENSIONS,
    NO_TYPE,
    FileType,
    extension_of,
    file_type_of,
)

# So much of a file tells its kind, but for what a table of contents at its end lists.
HEAD_BYTES = 4_096
_PDF = re.compile(rb"\s*%PDF-")
_RICH_TEXT = re.compile(rb"\s*\{\\rtf")
_PAGE = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.I | re.S)
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_STREAMS = {
    "__properties_version1.0": "msg",
    "WordDocument": "doc",
    "Workbook": "xls",
    "Book": "xls",
    "PowerPoint Document": "ppt",
}
# The part of a package that makes it an Office file.
_PARTS = {
    "word/document.xml": "docx",
    "xl/workbook.xml": "xlsx",
    "xl/workbook.bin": "xlsb",
    "ppt/presentation.xml": "pptx",
}
_BOOK = b"application/epub+zip"
_OPEN_DOCUMENTS = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}
_MIMETYPE = re.compile(rb"application/vnd\.oasis\.opendocument\.(\w+)")
# The library tells these apart by itself.
_TOLD_BY_THE_LIBRARY = frozenset({"office"})
_FORK = (b"\x00\x05\x16\x07", b"\x00\x05\x16\x00")
_LOCK_BYTES = 512
_HAVE_TABLES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def refuse_side_files(name: str, data: bytes) -> None:
    """Refuse what systems and programs put beside a file under nearly the same name.

    Raises:
        Unreadable: status ``unsupported``.
    """
    plain = name.rpartition("/")[2]
    if data.startswith(_FORK):
        raise Unreadable("unsupported", "it holds what macOS keeps beside a file, and no text")
    if plain.startswith(("~$", ".~lock.")) and len(data) <= _LOCK_BYTES:
        raise Unreadable("unsupported", "it marks a file that is open in an Office program")


def may_be_of_another_kind(name: str) -> bool:
    """Tell whether content alone can say what a file is: its name has no extension."""
    return not extension_of(name) and file_type_of(name).family is None


def needs_whole(head: bytes) -> bool:
    """Tell whether a beginning is of a file whose kind stands in its table of contents."""
    return head.startswith(_HAVE_TABLES)


def kind_of(name: str, data: bytes) -> FileType:
    """Return what a file is: what its name promises, unless its content is of another kind.

    Content decides within the kinds that are listed: a file of an unlisted extension stays so.
    """
    named = file_type_of(name)
    if named is BY_FOLDER:
        return named if is_mail(data) else NO_TYPE
    if named.family == "image" or (named.family is None and named.extension):
        return named
    found = _by_beginning(data, named)
    if found is None or found == named.extension:
        return named
    family, media_type = EXTENSIONS[found]
    return FileType(found, family, media_type)


def _by_beginning(data: bytes, named: FileType) -> str | None:
    head = _without_mark(data[:HEAD_BYTES])
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _packed(data, named)
    if named.family == "office":
        # Word writes web pages with their pictures under its own extension.
        is_binary = data.startswith((b"%PDF", b"{\\rtf")) or is_compound(data)
        return "mht" if not is_binary and _is_saved_page(head) else None
    if is_compound(data):
        return None if named.family == "mail" else _compound(data)
    if _PDF.match(head):
        return "pdf"
    if _RICH_TEXT.match(head):
        return "rtf"
    return None if named.family else _without_extension(data, head)


def _without_extension(data: bytes, head: bytes) -> str | None:
    if is_mailbox(data):
        return "mbox"
    if is_mail(data):
        return "eml"
    return "html" if _PAGE.match(head) else None


def _without_mark(head: bytes) -> bytes:
    return next((head[len(mark) :] for mark in _MARKS if head.startswith(mark)), head)


def _is_saved_page(head: bytes) -> bool:
    return (
        is_mail(head) and re.search(rb"^content-type:\s*multipart/", head, re.I | re.M) is not None
    )


def _packed(data: bytes, named: FileType) -> str | None:
    """Return what a package is; None where the name says it well enough."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = package.namelist()
            mimetype = _beginning_of(package, "mimetype") if "mimetype" in names else b""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error):
        return None if named.family else "zip"
    except (ValueError, IndexError):
        return None if named.family else "zip"
    part = next((known for each, known in _PARTS.items() if each in names), None)
    open_document = _MIMETYPE.match(mimetype)
    found = part or (_OPEN_DOCUMENTS.get(open_document[1].decode()) if open_document else None)
    if mimetype.startswith(_BOOK) or (named.extension == "epub" and _has_chapters(names)):
        return "epub"
    if named.extension == "epub":
        return found or "zip"
    if named.family in _TOLD_BY_THE_LIBRARY:
        is_office = found or "[Content_Types].xml" in names or "content.xml" in names
        return None if is_office or any("\\" in each for each in names) else "zip"
    return found or "zip"


def _has_chapters(names: Iterable[str]) -> bool:
    return any(name == "META-INF/container.xml" or name.endswith(".opf") for name in names)


def _beginning_of(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as member:
        return member.read(HEAD_BYTES)


def _compound(data: bytes) -> str | None:
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as compound:
            return next((kind for each, kind in _STREAMS.items() if compound.exists(each)), None)
    except (OSError, ValueError, IndexError):
        return None
