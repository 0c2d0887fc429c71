"""What Outlook wraps into winmail.dat (MS-OXTNEF): a body, and files. Pure but for what is lent."""

import struct
from collections.abc import Callable, Iterator

from cultivar.content.documents.characters.charsets import decoded
from cultivar.content.mail.bodies import text_of_html
from cultivar.content.mail.compressed_rtf import decompressed
from cultivar.content.mail.letters import Attached, Letter, Tools

_SIGNATURE = 0x223E9F78
_BODY, _MESSAGE_PROPERTIES = 0x0002800C, 0x00069003
_BEGINS, _TITLE, _DATA, _FILE_PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
_CODE_PAGE = 0x00069007
_PLAIN, _HTML, _RICH, _LONG_NAME, _OBJECT = 0x1000, 0x1013, 0x1009, 0x3707, 0x3701
_FIXED_SIZES = {0x2: 4, 0x3: 4, 0x4: 4, 0x5: 8, 0x6: 8, 0x7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8}
_GUID = 0x48
_TEXT, _WIDE_TEXT = 0x1E, 0x1F
_OLE_AND_BINARY = frozenset({0xD, 0x102, _TEXT, _WIDE_TEXT})
_INTERFACE_BYTES = 16

AddFile = Callable[[Attached, Letter], None]


def letter_of_tnef(data: bytes, tools: Tools, add: AddFile) -> Letter:
    """Return body and files; ``add`` reads a file into the letter.

    Raises:
        ValueError: the bytes are not of this format, or damaged.
    """
    letter, charset = Letter(), "cp1252"
    files: list[dict[int, bytes]] = []
    for kind, value in _attributes(data):
        if kind == _CODE_PAGE and len(value) >= 4:
            page = int.from_bytes(value[:4], "little")
            charset = "utf-8" if page == 65001 else f"cp{page or 1252}"
        elif kind == _BODY:
            letter.bodies.append(decoded(value.rstrip(b"\0"), charset, tools.guess).text)
        elif kind == _MESSAGE_PROPERTIES:
            _body(dict(_properties(value)), charset, letter, tools)
        elif kind == _BEGINS:
            files.append({})
        elif files and kind in {_TITLE, _DATA, _FILE_PROPERTIES}:
            files[-1][kind] = value
    for file in files:
        _file(file, charset, letter, tools, add)
    return letter


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        raise ValueError("not winmail.dat")
    at = 6
    while at + 9 <= len(data):
        _, kind, size = struct.unpack_from("<BII", data, at)
        at += 9
        if at + size > len(data):
            raise ValueError("cut short")
        yield kind, data[at : at + size]
        at += size + 2


def _properties(data: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """Yield each property's id with its type and its (first) value."""
    try:
        yield from _each_property(data)
    except struct.error as error:
        raise ValueError("cut short") from error


def _each_property(data: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    (count,) = struct.unpack_from("<I", data)
    at = 4
    for _ in range(count):
        kind, name = struct.unpack_from("<HH", data, at)
        at += 4
        if name >= 0x8000:
            at = _behind_name(data, at)
        several, kind = bool(kind & 0x1000), kind & 0xFFF
        values = 1
        if several or kind in _OLE_AND_BINARY:
            (values,) = struct.unpack_from("<I", data, at)
            at += 4
        first = b""
        for number in range(values):
            value, at = _value(data, at, kind)
            first = value if number == 0 else first
        yield name, (kind, first)


def _behind_name(data: bytes, at: int) -> int:
    (by_text,) = struct.unpack_from("<I", data, at + 16)
    if not by_text:
        return at + 24
    (size,) = struct.unpack_from("<I", data, at + 20)
    return at + 24 + size + (-size % 4)


def _value(data: bytes, at: int, kind: int) -> tuple[bytes, int]:
    if kind in _OLE_AND_BINARY:
        (size,) = struct.unpack_from("<I", data, at)
        at += 4
    elif kind == _GUID:
        size = 16
    elif kind in _FIXED_SIZES:
        size = _FIXED_SIZES[kind]
    else:
        raise ValueError("an unknown type of property")
    if at + size > len(data):
        raise ValueError("cut short")
    return data[at : at + size], at + size + (-size % 4)


def _body(found: dict[int, tuple[int, bytes]], charset: str, letter: Letter, tools: Tools) -> None:
    plain = _text(found, _PLAIN, charset, tools)
    if plain.strip():
        letter.bodies.append(plain)
    elif _HTML in found:
        letter.bodies.append(text_of_html(found[_HTML][1], None, tools.guess).text)
    elif _RICH in found:
        rich = Attached("body.rtf", "application/rtf", None, decompressed(found[_RICH][1]))
        letter.bodies += [inner.text or "" for inner in tools.read_file(rich)]


def _text(found: dict[int, tuple[int, bytes]], name: int, charset: str, tools: Tools) -> str:
    kind, value = found.get(name, (_TEXT, b""))
    charset = "utf-16-le" if kind == _WIDE_TEXT else charset
    return decoded(value, charset, tools.guess).text.rstrip("\0")


def _file(file: dict[int, bytes], charset: str, letter: Letter, tools: Tools, add: AddFile) -> None:
    found = dict(_properties(file[_FILE_PROPERTIES])) if _FILE_PROPERTIES in file else {}
    name = _text(found, _LONG_NAME, charset, tools)
    name = name or decoded(file.get(_TITLE, b"").rstrip(b"\0"), charset, tools.guess).text
    data = file.get(_DATA, b"") or found.get(_OBJECT, (0, b""))[1]
    if data[_INTERFACE_BYTES : _INTERFACE_BYTES + 4] == _SIGNATURE.to_bytes(4, "little"):
        # A message inside is a message of the same format behind the id of its interface.
        letter.letters.append(letter_of_tnef(data[_INTERFACE_BYTES:], tools, add))
    elif data:
        add(Attached(name, "", None, data), letter)
