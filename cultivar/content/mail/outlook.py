"""Messages that Outlook saves (.msg, MS-OXMSG): their properties to the pieces of a mail.

Reads the compound file's streams; files that hang on the message are the caller's to read.
"""

import io
import re
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import olefile

from cultivar.content.documents.characters.charsets import decoded
from cultivar.content.mail import sealed
from cultivar.content.mail.bodies import text_of_html
from cultivar.content.mail.compressed_rtf import decompressed
from cultivar.content.mail.files import add_file
from cultivar.content.mail.letters import Attached, Inner, Letter, Tools
from cultivar.content.mail.messages import letter_of

_PROPERTIES = "__properties_version1.0"
_DEEPEST = 40
_SUBJECT, _BODY, _HTML, _RICH = "0037", "1000", "1013", "1009"
_HEADERS = {"From": ("0C1A",), "To": ("0E04",), "Cc": ("0E03",)}
_IDS = {"Message-ID": "1035", "References": "1039", "In-Reply-To": "1042"}
_SENT, _DELIVERED = 0x00390040, 0x0E060040
_CODE_PAGES = (0x3FDE0003, 0x3FFD0003)
_SINCE_1601 = datetime(1601, 1, 1, tzinfo=UTC)
_ENTRY = struct.Struct("<IIQ")
_TRANSPORTED = re.compile(r"^(Subject|From|To|Cc|Date):[ \t]*(.*(?:\n[ \t].*)*)", re.M | re.I)


def letter_of_outlook(data: bytes, tools: Tools) -> Letter:
    """Return the message that a compound file holds.

    Raises:
        OSError: the bytes are no compound file.
    """
    with olefile.OleFileIO(io.BytesIO(data)) as compound:
        return _Storage(compound, [], tools).letter(0)


def head_of_outlook(data: bytes) -> bytes:
    """Return the header lines that name a message and its conversation; nothing of what is none."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as compound:
            return _Storage(compound, [], Tools(_no_guess, _no_file)).head().encode()
    except (OSError, ValueError, IndexError, struct.error):
        return b""


def _no_guess(data: bytes) -> str:
    return data.decode("latin-1")


def _no_file(_: Attached) -> Iterator[Inner]:
    return iter(())


class _Storage:
    """One message in a compound file: the whole of it, or one that hangs on another."""

    def __init__(self, compound: olefile.OleFileIO, folder: list[str], tools: Tools) -> None:
        self._compound, self._folder, self._tools = compound, folder, tools
        self._fixed = self._fixed_properties(32 if not folder else 24)
        pages = (self._fixed.get(tag, 0) & 0xFFFFFFFF for tag in _CODE_PAGES)
        page = next((each for each in pages if each), 1252)
        self._charset = "utf-8" if page == 65001 else f"cp{page}"

    def letter(self, depth: int) -> Letter:
        letter = Letter(self._headers())
        letter.bodies.append(self._body(letter))
        for folder in self._attachments():
            self._attachment(folder, letter, depth)
        return letter

    def head(self) -> str:
        stated = {name: self._text(each) for name, each in _IDS.items()}
        lines = [f"{name}: {' '.join(value.split())}" for name, value in stated.items() if value]
        return "\n".join([*lines, self._text("007D").replace("\r\n", "\n")])

    def _headers(self) -> dict[str, str]:
        known = {name: self._text(*ids) for name, ids in _HEADERS.items()}
        address = self._text("5D01", "0C1F")
        if "@" in address and address not in known["From"]:
            known["From"] = f"{known['From']} <{address}>".strip()
        moment = self._fixed.get(_SENT) or self._fixed.get(_DELIVERED)
        if moment:
            known["Date"] = format_datetime(_SINCE_1601 + timedelta(microseconds=moment // 10))
        for name, value in _TRANSPORTED.findall(self._text("007D").replace("\r\n", "\n")):
            if not known.get(name.title()):
                known[name.title()] = " ".join(value.split())
        return {"Subject": self._text(_SUBJECT), **known}

    def _body(self, letter: Letter) -> str:
        plain = self._text(_BODY).replace("\r\n", "\n")
        if plain.strip():
            rest, blocks = sealed.without_armour(plain)
            letter.sealed += blocks
            return rest
        html = self._bytes(_HTML)
        if html:
            return text_of_html(html, self._html_charset(), self._tools.guess).text
        rich = self._bytes(_RICH)
        return self._rich(rich) if rich else ""

    def _html_charset(self) -> str | None:
        # As text it is of two bytes a character; as bytes it declares its charset itself.
        has_text = self._compound.exists(self._path(f"__substg1.0_{_HTML}001F"))
        return "utf-16-le" if has_text else None

    def _rich(self, data: bytes) -> str:
        try:
            rich = Attached("body.rtf", "application/rtf", None, decompressed(data))
        except ValueError:
            return ""
        return "\n\n".join(inner.text or "" for inner in self._tools.read_file(rich))

    def _attachments(self) -> list[list[str]]:
        deep = len(self._folder) + 1
        found = {
            entry[len(self._folder)]
            for entry in self._compound.listdir(streams=True, storages=True)
            if len(entry) >= deep and entry[: len(self._folder)] == self._folder
        }
        names = sorted(name for name in found if name.casefold().startswith("__attach"))
        return [[*self._folder, name] for name in names]

    def _attachment(self, folder: list[str], letter: Letter, depth: int) -> None:
        if depth >= _DEEPEST:
            letter.lacks.append(f"mails are nested deeper than {_DEEPEST}")
            return
        inside = [*folder, "__substg1.0_3701000D"]
        if self._compound.exists(inside):
            if self._compound.exists([*inside, _PROPERTIES]):
                letter.letters.append(
                    _Storage(self._compound, inside, self._tools).letter(depth + 1)
                )
            else:
                letter.lacks.append("an object in the message is not read")
            return
        held = _Storage._of_attachment(self, folder)
        name = held._text("3707", "3704", "3001")
        attached = Attached(name, held._text("370E"), None, held._bytes("3701"))
        add_file(attached, letter, self._tools, letter_of)

    @classmethod
    def _of_attachment(cls, owner: "_Storage", folder: list[str]) -> "_Storage":
        held = cls.__new__(cls)
        held._compound, held._folder, held._tools = owner._compound, folder, owner._tools
        held._fixed, held._charset = {}, owner._charset
        return held

    def _text(self, *ids: str) -> str:
        """Return the first of the properties that has text."""
        for each in ids:
            for kind, charset in (("001F", "utf-16-le"), ("001E", self._charset)):
                data = self._stream(f"__substg1.0_{each}{kind}")
                if data:
                    return decoded(data, charset, self._tools.guess).text.strip("\0 \r\n")
        return ""

    def _bytes(self, property_id: str) -> bytes:
        streams = (self._stream(f"__substg1.0_{property_id}{kind}") for kind in _KINDS)
        return next((each for each in streams if each), b"")

    def _stream(self, name: str) -> bytes:
        path = self._path(name)
        if not self._compound.exists(path):
            return b""
        with self._compound.openstream(path) as stream:
            return bytes(stream.read())

    def _path(self, name: str) -> list[str]:
        return [*self._folder, name]

    def _fixed_properties(self, head: int) -> dict[int, int]:
        data = self._stream(_PROPERTIES)[head:]
        whole = data[: len(data) - len(data) % _ENTRY.size]
        return {tag: value for tag, _, value in _ENTRY.iter_unpack(whole)}


_KINDS = ("0102", "001F", "001E")
