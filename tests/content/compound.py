"""Compound files (MS-CFB) and Outlook's messages in them, written from nothing but bytes."""

import struct
from typing import Any

SECTOR, MINI, CUTOFF = 512, 64, 4_096
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
Tree = dict[str, "bytes | Tree"]


def compound_file(tree: Tree) -> bytes:
    """Return a compound file: bytes are streams, dictionaries are storages."""
    return _Writer(tree).written()


class _Writer:
    def __init__(self, tree: Tree) -> None:
        self.sectors: list[bytes] = []
        self.fat: list[int] = []
        self.mini, self.mini_fat = bytearray(), list[int]()
        self.entries: list[list[object]] = []
        self._add("Root Entry", 5, tree)

    def _add(self, name: str, kind: int, held: "bytes | Tree") -> int:
        at = len(self.entries)
        # name, kind, next sibling, child, first sector, size
        entry: list[object] = [name, kind, FREE, FREE, END, 0]
        self.entries.append(entry)
        if isinstance(held, bytes):
            entry[4], entry[5] = self._stream(held), len(held)
            return at
        names = sorted(held, key=lambda each: (len(each), each.upper()))
        before = None
        for each in names:
            inner = held[each]
            number = self._add(each, 2 if isinstance(inner, bytes) else 1, inner)
            if before is None:
                entry[3] = number
            else:
                self.entries[before][2] = number
            before = number
        return at

    def _stream(self, data: bytes) -> int:
        if not data:
            return END
        if len(data) >= CUTOFF:
            return self._chain(data)
        first = len(self.mini_fat)
        count = -(-len(data) // MINI)
        self.mini += data.ljust(count * MINI, b"\0")
        self.mini_fat += [*range(first + 1, first + count), END]
        return first

    def _chain(self, data: bytes) -> int:
        first = len(self.sectors)
        count = -(-len(data) // SECTOR)
        padded = data.ljust(count * SECTOR, b"\0")
        self.sectors += [padded[at * SECTOR : (at + 1) * SECTOR] for at in range(count)]
        self.fat += [*range(first + 1, first + count), END]
        return first

    def written(self) -> bytes:
        root = self.entries[0]
        if self.mini:
            root[4], root[5] = self._chain(bytes(self.mini)), len(self.mini)
        mini_fat = struct.pack(f"<{len(self.mini_fat)}I", *self.mini_fat)
        mini_fat = mini_fat.ljust(-(-len(mini_fat) // SECTOR) * SECTOR, b"\xff")
        mini_at = self._chain(mini_fat) if mini_fat else END
        directory_at = self._chain(b"".join(map(self._entry, self.entries)))
        count = 1
        while count * (SECTOR // 4) < len(self.fat) + count:
            count += 1
        places = [len(self.sectors) + number for number in range(count)]
        table = struct.pack(f"<{len(self.fat) + count}I", *self.fat, *[FAT] * count)
        table = table.ljust(count * SECTOR, b"\xff")
        head = struct.pack(
            "<8s16sHHHHH6sIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE,
            9, 6, b"", 0, count, directory_at, 0, CUTOFF, mini_at, len(mini_fat) // SECTOR, END, 0,
            places[0],
        )  # fmt: skip
        head += struct.pack(f"<{count - 1}I", *places[1:])
        return head.ljust(SECTOR, b"\xff") + b"".join(self.sectors) + table

    @staticmethod
    def _entry(entry: list[object]) -> bytes:
        name, kind, following, child, first, size = entry
        written = str(name).encode("utf-16-le") + b"\0\0"
        return struct.pack(
            "<64sHBBIII16sIQQIQ", written, len(written), kind, 1, FREE, following, child, b"", 0,
            0, 0, first, size,
        )  # fmt: skip


def outlook_message(subject: str, body: str | None = None, **parts: Any) -> bytes:
    """Return a message as Outlook saves it; see ``message_tree``."""
    return compound_file(message_tree(subject, body, **parts))


def message_tree(
    subject: str,
    body: str | None = None,
    *,
    html: bytes | None = None,
    rich: bytes | None = None,
    code_page: int | None = None,
    files: dict[str, "bytes | Tree"] | None = None,
    inside: bool = False,
) -> Tree:
    """Return a message's properties; with ``code_page``, texts are of one byte a character."""
    suffix, charset = ("001E", f"cp{code_page}") if code_page else ("001F", "utf-16-le")
    texts = {"0037": subject, "0C1A": "Ada", "0C1F": "ada@example.org", "0E04": "bo@example.org"}
    if body is not None:
        texts["1000"] = body
    tree: Tree = {f"__substg1.0_{key}{suffix}": each.encode(charset) for key, each in texts.items()}
    if html is not None:
        tree["__substg1.0_10130102"] = html
    if rich is not None:
        tree["__substg1.0_10090102"] = rich
    fixed = struct.pack("<IIQ", 0x00390040, 6, 132_538_410_000_000_000)
    if code_page:
        fixed += struct.pack("<IIQ", 0x3FFD0003, 6, code_page)
    tree["__properties_version1.0"] = bytes(24 if inside else 32) + fixed
    for number, (name, held) in enumerate((files or {}).items()):
        data = "__substg1.0_37010102" if isinstance(held, bytes) else "__substg1.0_3701000D"
        tree[f"__attach_version1.0_#{number:08X}"] = {
            "__properties_version1.0": bytes(8),
            "__substg1.0_3707001F": name.encode("utf-16-le"),
            data: held,
        }
    return tree


def winmail(body: str, files: dict[str, bytes]) -> bytes:
    """Return winmail.dat (MS-OXTNEF) with a plain body and files."""

    def attribute(level: int, kind: int, value: bytes) -> bytes:
        check = sum(value) & 0xFFFF
        return struct.pack("<BII", level, kind, len(value)) + value + struct.pack("<H", check)

    made = struct.pack("<IH", 0x223E9F78, 1)
    made += attribute(1, 0x00069007, struct.pack("<II", 1252, 0))
    made += attribute(1, 0x0002800C, body.encode("cp1252") + b"\0") if body else b""
    for name, data in files.items():
        made += attribute(2, 0x00069002, bytes(14))
        made += attribute(2, 0x00018010, name.encode("cp1252") + b"\0")
        made += attribute(2, 0x0006800F, data)
    return made


def compressed_rich_text(text: bytes) -> bytes:
    """Return rich text in Outlook's wrapping, every byte a literal."""
    out = bytearray()
    for at in range(0, len(text), 8):
        out += b"\0" + text[at : at + 8]
    return struct.pack("<IIII", len(out) + 12, len(text), 0x75465A4C, 0) + bytes(out)
