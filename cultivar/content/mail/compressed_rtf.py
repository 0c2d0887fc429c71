"""Rich text as Outlook compresses it (MS-OXRTFCP). Pure."""

import struct

_MAGIC_COMPRESSED = 0x75465A4C
_MAGIC_PLAIN = 0x414C454D
_BEGINNING = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_WINDOW = 4_096
_HEADER = 16


def decompressed(data: bytes, at_most: int = 50_000_000) -> bytes:
    """Return the rich text; what is damaged ends where the damage begins.

    Raises:
        ValueError: the bytes are no rich text of this kind.
    """
    if len(data) < _HEADER:
        raise ValueError("no compressed rich text")
    _, raw_size, magic, _ = struct.unpack_from("<IIII", data)
    if magic == _MAGIC_PLAIN:
        return data[_HEADER : _HEADER + raw_size]
    if magic != _MAGIC_COMPRESSED:
        raise ValueError("no compressed rich text")
    return _expanded(data, min(raw_size, at_most))


def _expanded(data: bytes, size: int) -> bytes:
    window = bytearray(_BEGINNING) + bytearray(_WINDOW - len(_BEGINNING))
    written, at, place = bytearray(), _HEADER, len(_BEGINNING)
    while at < len(data) and len(written) < size:
        control, at = data[at], at + 1
        for bit in range(8):
            if at >= len(data):
                break
            if not control >> bit & 1:
                piece, at = data[at : at + 1], at + 1
            else:
                if at + 1 >= len(data):
                    return bytes(written)
                token, at = data[at] << 8 | data[at + 1], at + 2
                offset, length = token >> 4, (token & 0xF) + 2
                if offset == place % _WINDOW:
                    return bytes(written)
                piece = _copied(window, offset, length, place)
            for each in piece:
                window[place % _WINDOW] = each
                place += 1
            written += piece
    return bytes(written)


def _copied(window: bytearray, offset: int, length: int, place: int) -> bytes:
    """Return a run of the window, which may reach into what it writes itself."""
    piece = bytearray()
    distance = (place - offset) % _WINDOW
    for step in range(length):
        inside = step < distance
        piece.append(window[(offset + step) % _WINDOW] if inside else piece[step - distance])
    return bytes(piece)
