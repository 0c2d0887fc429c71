"""A file that an Office document holds as an object of another program (OLE).

Takes the file out; what it says is the caller's to read.
"""

import io
import struct

import olefile

# The streams that tell what a whole compound file is.
_WHOLE = {"WordDocument": "doc", "Workbook": "xls", "Book": "xls", "PowerPoint Document": "ppt"}
_PACKED = {b"word/": "docx", b"xl/": "xlsx", b"ppt/": "pptx"}
_NATIVE = "\x01Ole10Native"
_WITHOUT_TEXT = ("Equation Native", "PBrush", "\x03Image")


def file_in(data: bytes) -> tuple[str, bytes] | None:
    """Return name and bytes of the file in an object; empty bytes where it can hold no text.

    None where what it holds is not known.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as compound:
            return _file_in(compound, data)
    except (OSError, ValueError, IndexError, struct.error):
        return None


def _file_in(compound: olefile.OleFileIO, data: bytes) -> tuple[str, bytes] | None:
    for stream, extension in _WHOLE.items():
        if compound.exists(stream):
            return f"object.{extension}", data
    for stream in ("Package", "CONTENTS", "Contents"):
        if compound.exists(stream):
            content = compound.openstream(stream).read()
            return f"object.{_extension(content)}", content
    if compound.exists(_NATIVE):
        return _native(compound.openstream(_NATIVE).read())
    if any(compound.exists(stream) for stream in _WITHOUT_TEXT):
        return "object", b""
    return None


def _extension(content: bytes) -> str:
    if content.startswith(b"%PDF"):
        return "pdf"
    return next((known for part, known in _PACKED.items() if part in content), "bin")


def _native(stream: bytes) -> tuple[str, bytes]:
    """Return the file that the packager of Windows put into a stream."""
    at = 6
    name, at = _terminated(stream, at)
    _, at = _terminated(stream, at)
    at += 4
    (length,) = struct.unpack_from("<I", stream, at)
    at += 4 + length
    (size,) = struct.unpack_from("<I", stream, at)
    at += 4
    return name.decode("cp1252", "replace"), stream[at : at + size]


def _terminated(stream: bytes, at: int) -> tuple[bytes, int]:
    end = stream.index(b"\0", at)
    return stream[at:end], end + 1
