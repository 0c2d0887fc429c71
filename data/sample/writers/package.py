"""Packs the parts of an Office or OpenDocument file into the same bytes everywhere.

Members are stored, not deflated: two zlib builds may compress one input differently.
"""

import io
import zipfile
from collections.abc import Iterable
from xml.sax.saxutils import escape

_EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(parts: Iterable[tuple[str, str]]) -> bytes:
    """Zip archive of named parts, in the order given."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts:
            member = zipfile.ZipInfo(name, _EPOCH)
            member.create_system = 3
            member.external_attr = 0o644 << 16
            archive.writestr(member, content.encode())
    return buffer.getvalue()


def xml(text: str) -> str:
    """Text escaped for element content and for attributes in double quotes."""
    return escape(text, {'"': "&quot;"})
