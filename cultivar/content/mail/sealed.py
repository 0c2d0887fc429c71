"""Encrypted and signed mail, told by structure: what S/MIME and OpenPGP put around a message.

No key is ever tried; a signature is not verified.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Literal

Kind = Literal["encrypted", "signed", "unknown"]

_OID = 0x06
_OCTETS = (0x04, 0x24)
_SEQUENCE = 0x30
_CONTENT = 0xA0
_DATA_OID = bytes.fromhex("2a864886f70d010701")
_SIGNED_OID = bytes.fromhex("2a864886f70d010702")
_COMPRESSED_OID = bytes.fromhex("2a864886f70d0109100109")
_ENCRYPTED_OIDS = frozenset(
    bytes.fromhex(oid)
    for oid in ("2a864886f70d010703", "2a864886f70d010706", "2a864886f70d0109100117")
)
_DEEPEST = 16

SEALED_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
SEALED_NAMES = (".p7m", ".p7z")
RIGHTS_TYPE = "application/x-microsoft-rpmsg-message"
SIGNATURE_TYPES = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
    | {"application/pgp-keys"}
)
_ARMOUR = re.compile(
    r"^-----BEGIN PGP MESSAGE-----[ \t]*\r?\n(?:[A-Za-z-]+: [^\n]*\n)*\s*"
    r"(?:[A-Za-z0-9+/=]+[ \t]*\r?\n)+-----END PGP MESSAGE-----[ \t]*\r?$",
    re.M,
)
_SIGNED_HEAD = re.compile(
    r"^-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\r?\n(?:[A-Za-z-]+: [^\n]*\n)*\s*\n", re.M
)
_SIGNATURE = re.compile(
    r"^-----BEGIN PGP (SIGNATURE|PUBLIC KEY BLOCK)-----.*?^-----END PGP \1-----[ \t]*\r?$",
    re.M | re.S,
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What cryptographic syntax (CMS) holds: ``content`` is set where it can be read."""

    kind: Kind
    content: bytes = b""


def opened(data: bytes, stated: str = "") -> Envelope:
    """Look into CMS: the message that was signed or compressed, or that it is encrypted.

    ``stated`` is the ``smime-type`` that the mail names, which decides where the bytes do not.
    """
    try:
        oid, content = _content_info(data)
    except (IndexError, ValueError):
        oid, content = b"", b""
    if oid in _ENCRYPTED_OIDS or (not oid and "signed" not in stated and "comp" not in stated):
        return Envelope("encrypted")
    try:
        if oid == _SIGNED_OID:
            return Envelope("signed", _encapsulated(content))
        if oid == _COMPRESSED_OID:
            return Envelope("signed", zlib.decompress(_encapsulated(content)))
    except (IndexError, ValueError, zlib.error):
        pass
    return Envelope("unknown")


def _content_info(data: bytes) -> tuple[bytes, bytes]:
    fields = list(_fields(data))
    if not fields or fields[0][0] != _SEQUENCE:
        raise ValueError("no CMS")
    inside = list(_fields(fields[0][1]))
    if len(inside) < 2 or inside[0][0] != _OID:
        raise ValueError("no CMS")
    return inside[0][1], inside[1][1]


def _encapsulated(content: bytes) -> bytes:
    """Return the octets in the first ``[0]`` behind an OID: what was signed or compressed."""
    for tag, value in _fields(next(_fields(content))[1]):
        if tag != _SEQUENCE:
            continue
        inside = list(_fields(value))
        if len(inside) > 1 and inside[0][0] == _OID and inside[1][0] == _CONTENT:
            return b"".join(_octets(inside[1][1]))
    raise ValueError("nothing is encapsulated")


def _octets(value: bytes, depth: int = 0) -> Iterator[bytes]:
    """Yield the pieces of an octet string, which BER may write as strings in a string."""
    for tag, inside in _fields(value):
        if tag == _OCTETS[0]:
            yield inside
        elif tag == _OCTETS[1] and depth < _DEEPEST:
            yield from _octets(inside, depth + 1)


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and value of each field, of definite or indefinite length."""
    at = 0
    while at + 1 < len(data) and data[at : at + 2] != b"\0\0":
        tag, start, end, following = _field(data, at)
        yield tag, data[start:end]
        at = following


def _field(data: bytes, at: int, depth: int = 0) -> tuple[int, int, int, int]:
    """Return a field's tag, where its value begins and ends, and where the next field begins."""
    tag, length, start = data[at], data[at + 1], at + 2
    if length == 0x80:
        if depth > _DEEPEST:
            raise ValueError("nested too deep")
        end = start
        while data[end : end + 2] != b"\0\0":
            if end >= len(data):
                raise ValueError("no end")
            end = _field(data, end, depth + 1)[3]
        return tag, start, end, end + 2
    if length > 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(data[start : start + size], "big"), start + size
    if start + length > len(data):
        raise ValueError("cut short")
    return tag, start, start + length, start + length


def is_encrypted_part(part: Message) -> bool:
    """Tell whether a part is OpenPGP or rights-managed content, as its type says."""
    kind = part.get_content_type()
    if kind in {"multipart/encrypted", RIGHTS_TYPE}:
        return True
    return (part.get_filename() or "").casefold().endswith(".rpmsg")


def without_armour(text: str) -> tuple[str, int]:
    """Return a body without encrypted blocks of OpenPGP, and how many there were."""
    if "-----BEGIN PGP " not in text:
        return text, 0
    rest, count = _ARMOUR.subn("", text)
    return _SIGNATURE.sub("", _SIGNED_HEAD.sub("", rest)), count
