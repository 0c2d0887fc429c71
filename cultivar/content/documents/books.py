"""EPUB: the chapters of a book in their order, its title and date.

The package is looked at by patterns, and no XML is expanded; each chapter is read as a web page.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from cultivar.content.documents.characters.charsets import Guess
from cultivar.content.documents.drawings import drawing_of
from cultivar.content.documents.markup import Page, attributes_in, markup_decoded, page_of
from cultivar.content.documents.unreadable import Unreadable, is_blank, is_no_text
from cultivar.core.vocabulary import how_many

_MOST_BYTES = 200_000_000
_PART_BYTES = 20_000_000
_CONTAINER, _ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
_TAG = r"<(?:[\w.-]+:)?{0}\s((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>"
_ROOT_FILE = re.compile(_TAG.format("rootfile"))
_ITEM = re.compile(_TAG.format("item"))
_SPINE = re.compile(_TAG.format("itemref"))
_SEALED = re.compile(_TAG.format("CipherReference"))
_SAID = r"<(?:dc:)?{0}(?:\s[^<>]*)?>([^<]*)</(?:dc:)?{0}\s*>"
_TITLE, _DATE = re.compile(_SAID.format("title"), re.I), re.compile(_SAID.format("date"), re.I)
_DRAWING = "image/svg+xml"
_CHAPTERS = frozenset(
    {"application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document"}
) | {_DRAWING}
_NAMES = (".xhtml", ".html", ".htm")
_ENCRYPTED_FLAG = 0x1


@dataclass(frozen=True, slots=True)
class Book:
    """The text of a book, what it says of itself, and what of it is not read."""

    text: str
    title: str | None
    created: str | None
    lacks: tuple[str, ...]


@dataclass(slots=True)
class _Losses:
    sealed: int = 0
    absent: int = 0
    undecoded: int = 0

    def said(self) -> Iterator[str]:
        if self.sealed:
            yield f"{how_many(self.sealed, 'chapter')} {_is(self.sealed)} encrypted"
        if self.absent:
            yield f"{how_many(self.absent, 'chapter')} {_is(self.absent)} missing or damaged"
        if self.undecoded:
            yield f"{how_many(self.undecoded, 'place')} of its text cannot be decoded"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def read_book(data: bytes, guess: Guess) -> Book:
    """Read an EPUB.

    Raises:
        Unreadable: it is damaged, too large, or all of its chapters are encrypted.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return _read(package, guess)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise Unreadable("corrupt", "its content does not follow its format") from error
    except (zlib.error, ValueError, IndexError) as error:
        raise Unreadable("corrupt", "its content does not follow its format") from error


def _read(package: zipfile.ZipFile, guess: Guess) -> Book:
    infos = {info.filename: info for info in package.infolist()}
    if sum(info.file_size for info in infos.values()) > _MOST_BYTES:
        raise Unreadable("too large", "it expands beyond the safe bounds")
    main = _main_part(package, infos, guess)
    described = _part(package, infos, main, guess) if main else ""
    chapters = _chapters(described, posixpath.dirname(main or "")) or _by_name(infos)
    sealed = {
        unquote(attributes_in(found[1]).get("uri", ""))
        for found in _SEALED.finditer(_part(package, infos, _ENCRYPTION, guess))
    }
    losses, texts = _Losses(), []
    for name, kind in chapters.items():
        info = infos.get(name)
        if name in sealed or (info is not None and info.flag_bits & _ENCRYPTED_FLAG):
            losses.sealed += 1
        elif (page := _chapter(package, info, kind, guess, losses)) is None:
            losses.absent += 1
        else:
            texts.append(page.text)
    text = "\n\n".join(filter(None, texts))
    if losses.sealed and is_blank(text):
        raise Unreadable("encrypted", "its chapters are encrypted")
    if losses.absent and is_blank(text):
        raise Unreadable("corrupt", "its chapters are missing or damaged")
    title, created = _said(_TITLE, described), _said(_DATE, described)
    return Book(text, title, created, tuple(losses.said()))


def _said(wanted: re.Pattern[str], described: str) -> str | None:
    found = wanted.search(described)
    return page_of(found[1]).text or None if found else None


def _main_part(
    package: zipfile.ZipFile, infos: Mapping[str, zipfile.ZipInfo], guess: Guess
) -> str | None:
    """Return the name of the part that lists the chapters."""
    for found in _ROOT_FILE.finditer(_part(package, infos, _CONTAINER, guess)):
        name = unquote(attributes_in(found[1]).get("full-path", ""))
        if name in infos:
            return name
    return next((name for name in sorted(infos) if name.casefold().endswith(".opf")), None)


def _part(
    package: zipfile.ZipFile, infos: Mapping[str, zipfile.ZipInfo], name: str, guess: Guess
) -> str:
    if name not in infos:
        return ""
    with package.open(infos[name]) as part:
        text = markup_decoded(part.read(_PART_BYTES), None, guess).text
    return re.sub(r"<!--.*?-->", "", text, flags=re.S)


def _chapters(described: str, folder: str) -> dict[str, str]:
    """Return the names of the chapters in the order of reading, each with its kind.

    What the order leaves out stands behind it, but for the table of contents.
    """
    items = {}
    for found in _ITEM.finditer(described):
        item = attributes_in(found[1])
        items[item.get("id", "")] = item
    ordered = [attributes_in(found[1]).get("idref", "") for found in _SPINE.finditer(described)]
    rest = [each for each, item in items.items() if "nav" not in item.get("properties", "").split()]
    chapters: dict[str, str] = {}
    for each in [*ordered, *rest]:
        shown = _readable(items, each)
        kind = shown.get("media-type", "")
        if shown and (each in ordered or kind != _DRAWING):
            path = unquote(shown.get("href", "").partition("#")[0])
            chapters.setdefault(posixpath.normpath(posixpath.join(folder, path)), kind)
    return chapters


def _readable(items: Mapping[str, dict[str, str]], wanted: str) -> dict[str, str]:
    """Return an item that is read: itself, or what it names to be shown in its place."""
    for _ in items:
        item = items.get(wanted, {})
        if item.get("media-type") in _CHAPTERS:
            return item
        wanted = item.get("fallback", "")
    return {}


def _by_name(infos: Mapping[str, zipfile.ZipInfo]) -> dict[str, str]:
    names = (name for name in sorted(infos) if name.casefold().endswith(_NAMES))
    return dict.fromkeys(names, "text/html")


def _chapter(
    package: zipfile.ZipFile,
    info: zipfile.ZipInfo | None,
    kind: str,
    guess: Guess,
    losses: _Losses,
) -> Page | None:
    if info is None:
        return None
    try:
        data = package.read(info)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error):
        return None
    found = markup_decoded(data, None, guess)
    if is_no_text(data.decode("latin-1") if found.is_guess else found.text):
        return None
    losses.undecoded += found.lost
    return drawing_of(found.text) if kind == _DRAWING else page_of(found.text)
