"""Sheets of Excel whose cells are few and far apart, moved together; rows beyond a bound left out.

The parsing library lays a sheet out in full, and gives up where that is too much. Pure.
"""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass

# So many cells the library may lay out, empty ones among them.
MOST_CELLS = 250_000
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.I)
_MOST_BYTES = 200_000_000
_ROW = re.compile(rb"<row\b[^>]*?(?:/>|>.*?</row>)", re.S)
_ROW_NUMBER = re.compile(rb"(<row\b[^>]*?\br=\")\d+(\")")
_CELL = re.compile(rb"(<c\b[^>]*?\br=\")([A-Z]{1,3})\d{1,7}(\")")
_HAS_CONTENT = re.compile(rb"<(?:v|is|f)\b")
_DIMENSION = re.compile(rb"<dimension\b[^>]*/>")


_STATED = re.compile(rb"<dimension\b[^>]*\bref=\"(?:[A-Z]{1,3}\d+:)?([A-Z]{1,3})(\d+)\"")
_HEAD_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Dense:
    """A workbook whose sheets have no empty rows and columns, and whether some rows are left out.

    Rows and columns keep their order.
    """

    data: bytes
    is_cut: bool


def is_wide(data: bytes) -> bool:
    """Tell whether a sheet says of itself that it takes more cells than the bound."""
    if not data.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            sheets = filter(_SHEET.fullmatch, package.namelist())
            return any(_cells_of(package, name) > MOST_CELLS for name in sheets)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error):
        return False


def _cells_of(package: zipfile.ZipFile, name: str) -> int:
    with package.open(name) as sheet:
        found = _STATED.search(sheet.read(_HEAD_BYTES))
    return _number(found[1]) * int(found[2]) if found else 0


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def dense(data: bytes) -> Dense | None:
    """Return a workbook with its cells moved together; None of what is no workbook."""
    target, is_cut = io.BytesIO(), False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            infos = package.infolist()
            sheets = {info.filename for info in infos if _SHEET.fullmatch(info.filename)}
            if not sheets or sum(info.file_size for info in infos) > _MOST_BYTES:
                return None
            with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as written:
                for info in infos:
                    part = package.read(info)
                    if info.filename in sheets:
                        part, was_cut = _moved_together(part)
                        is_cut = is_cut or was_cut
                    written.writestr(info.filename, part)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error):
        return None
    return Dense(target.getvalue(), is_cut)


def _moved_together(sheet: bytes) -> tuple[bytes, bool]:
    start, end = sheet.find(b"<row"), sheet.rfind(b"</sheetData>")
    if start < 0 or end < start:
        return sheet, False
    kept, is_cut = _rows(sheet)
    used = {found[2] for row in kept for found in _CELL.finditer(row)}
    columns = {name: _letters(at) for at, name in enumerate(sorted(used, key=_order))}
    most = MOST_CELLS // max(1, len(columns))
    body = b"".join(
        _renumbered(row, number, columns) for number, row in enumerate(kept[:most], start=1)
    )
    head = _DIMENSION.sub(b"", sheet[:start])
    return head + body + sheet[end:], is_cut or len(kept) > most


def _rows(sheet: bytes) -> tuple[list[bytes], bool]:
    """Return the first rows with content, of no more cells than the bound, and whether more are."""
    kept: list[bytes] = []
    cells = 0
    for found in _ROW.finditer(sheet):
        if not _HAS_CONTENT.search(found[0]):
            continue
        if cells >= MOST_CELLS:
            return kept, True
        kept.append(found[0])
        cells += found[0].count(b"<c ")
    return kept, False


def _order(name: bytes) -> tuple[int, bytes]:
    return len(name), name


def _renumbered(row: bytes, number: int, columns: dict[bytes, bytes]) -> bytes:
    row = _ROW_NUMBER.sub(rb"\g<1>%d\2" % number, row, count=1)
    return _CELL.sub(
        lambda found: b"%s%s%d%s" % (found[1], columns[found[2]], number, found[3]), row
    )


def _letters(at: int) -> bytes:
    """Return the name of a column by its number, counted from 0."""
    name = b""
    at += 1
    while at:
        at, letter = divmod(at - 1, 26)
        name = b"%c" % (65 + letter) + name
    return name
