"""What the parsing library does not give of a PDF: remarks on its pages, the zone of its date.

A scan of the file's objects, not a parser: only annotations have a text for ``Contents``. Pure.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_CONTENTS = re.compile(
    rb"/(?:Contents|Alt)\s*(?:\((?P<plain>(?:[^()\\]++|\\.|\((?:[^()\\]++|\\.)*+\))*+)\)|<(?P<hex>[0-9A-Fa-f\s]*+)>)",
    re.S,
)
_CREATION_DATE = re.compile(rb"/CreationDate\s*\((D?:?(\d{4,14})[^()]{0,12})\)")
_DIGITS = 14
_FILE = re.compile(rb"/EF\s*<<")
_OBJECTS = re.compile(rb"/Type\s*/ObjStm\b[^>]{0,400}?>>\s*stream\r?\n", re.S)
_END = b"endstream"
_FORM = re.compile(rb"/XFA\b")
_LAST = b"%%EOF"
_LAST_BYTES = 65_536
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_ESCAPED = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|\n|\r)|(.))", re.S)
_MOST_BYTES = 20_000_000
_LONGEST = 100_000
# A digital signature has bytes for its Contents.
_SIGNED = b"/ByteRange"
_NEAR = 4_000


@dataclass(frozen=True, slots=True)
class Noted:
    """Remarks, each once and in the file's order, and the date of creation as it is written.

    Both are unknown of an encrypted file. ``files`` is how many files it says to hold, ``has_form``
    whether a form is described in another language (XFA), ``is_cut`` whether its end is missing.
    """

    remarks: tuple[str, ...] = ()
    created: str | None = None
    files: int = 0
    has_form: bool = False
    is_cut: bool = False


def noted_in(data: bytes, created: str | None) -> Noted:
    """Scan a PDF; ``created`` is its date of creation as the library has it, if it has one."""
    if b"/Encrypt" in data:
        return Noted(is_cut=_is_cut(data))
    remarks: dict[str, None] = {}
    files, written, has_form = 0, None, False
    wanted = re.sub(r"\D", "", created or "")[:_DIGITS].encode()
    for part in _parts(data):
        remarks |= dict.fromkeys(filter(None, _remarks(part)))
        files += len(_FILE.findall(part))
        has_form = has_form or _FORM.search(part) is not None
        written = written or _date(part, wanted)
    return Noted(tuple(remarks), written, files, has_form, _is_cut(data))


def _is_cut(data: bytes) -> bool:
    return _LAST not in data[-_LAST_BYTES:]


def _date(part: bytes, wanted: bytes) -> str | None:
    for found in _CREATION_DATE.finditer(part):
        # the library adds what is missing of a date, and takes a zone for a part of the time
        if wanted.startswith(found[2]):
            return found[1].decode("ascii", "replace")
    return None


def _parts(data: bytes) -> Iterator[bytes]:
    yield data
    left = _MOST_BYTES
    for objects in _OBJECTS.finditer(data):
        end = data.find(_END, objects.end())
        try:
            inflated = zlib.decompressobj().decompress(data[objects.end() : end], max(1, left))
        except zlib.error:
            continue
        left -= len(inflated)
        yield inflated
        if left <= 0:
            return


def _remarks(part: bytes) -> Iterator[str]:
    for found in _CONTENTS.finditer(part):
        if found["plain"] is not None:
            yield _in_characters(_ESCAPED.sub(_unescaped, found["plain"]))
        elif len(found["hex"]) <= _LONGEST and not _is_signature(part, found):
            digits = b"".join(found["hex"].split()).decode("ascii")
            yield _in_characters(bytes.fromhex(digits + "0" * (len(digits) % 2)))


def _is_signature(part: bytes, found: re.Match[bytes]) -> bool:
    return _SIGNED in part[max(0, found.start() - _NEAR) : found.end() + _NEAR]


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return bytes([int(found[1], 8) & 0xFF])
    return b"" if found[2] else _ESCAPES.get(found[3], found[3])


def _in_characters(text: bytes) -> str:
    if text.startswith(b"\xfe\xff"):
        return text[2:].decode("utf-16-be", "replace").strip()
    if text.startswith(b"\xff\xfe"):
        return text[2:].decode("utf-16-le", "replace").strip()
    if text.startswith(b"\xef\xbb\xbf"):
        return text[3:].decode("utf-8", "replace").strip()
    return text.decode("cp1252", "replace").strip()
