"""Writes archives under the ZIP format's own, weak encryption.

They are examples of locked files: anybody with the password, and many without, can open them.
"""

import struct
import zlib

_DATE = 0x21  # 1 January 1980 in DOS form
_TABLE = [0] * 256
for _n in range(256):
    _crc = _n
    for _ in range(8):
        _crc = (_crc >> 1) ^ (0xEDB88320 if _crc & 1 else 0)
    _TABLE[_n] = _crc


def write_locked_zip(name: str, content: bytes, password: bytes) -> bytes:
    """An archive of one stored member, encrypted as APPNOTE.TXT section 6.1 describes."""
    crc = zlib.crc32(content)
    header = bytes(range(11)) + bytes([crc >> 24])
    data = _encrypt(header + content, password)
    path = name.encode()
    common = struct.pack(
        "<HHHHHIIIHH", 20, 1, 0, 0, _DATE, crc, len(data), len(content), len(path), 0
    )
    local = b"PK\3\4" + common + path + data
    central = b"PK\1\2" + struct.pack("<H", 20) + common
    central += struct.pack("<HHHII", 0, 0, 0, 0, 0) + path
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end


def _encrypt(data: bytes, password: bytes) -> bytes:
    keys = (0x12345678, 0x23456789, 0x34567890)
    for byte in password:
        keys = _advance(keys, byte)
    out = bytearray()
    for byte in data:
        pad = (keys[2] | 2) & 0xFFFF
        out.append(byte ^ ((pad * (pad ^ 1)) >> 8 & 0xFF))
        keys = _advance(keys, byte)
    return bytes(out)


def _advance(keys: tuple[int, int, int], byte: int) -> tuple[int, int, int]:
    first = _crc32(keys[0], byte)
    second = ((keys[1] + (first & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
    return first, second, _crc32(keys[2], second >> 24)


def _crc32(crc: int, byte: int) -> int:
    return (crc >> 8) ^ _TABLE[(crc ^ byte) & 0xFF]
