"""Rows of a CSV or Parquet file: what does not fit its header is refused, not guessed.

No sentence quotes what a cell holds.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cultivar.core.errors import InvalidInput
from cultivar.core.projects.limits import DOCUMENT_CHARACTERS
from cultivar.core.vocabulary import how_many

# What Excel writes above the names of the columns.
_SEPARATOR = re.compile(r"sep=([,;\t])\r?\n", re.I)
# Each row with where it is: "line 3" of a text, of which the first line names the columns, or
# "row 2" of a table without lines.
Rows = Iterator[tuple[str, dict[str, Any]]]


def rows_of_csv(data: bytes) -> tuple[list[str], Rows]:
    """Return the columns of a CSV in UTF-8, and its rows as they are asked for.

    Cells are separated by commas, semicolons or tabs, as the first line has them.

    Raises, also with the rows:
        InvalidInput: codes ``no-documents`` (the file is empty), ``bad-table``,
            ``repeated-column``.
    """
    csv.field_size_limit(8 * DOCUMENT_CHARACTERS)
    text = _in_characters(data)
    if not text.strip():
        raise InvalidInput("no-documents", "The file is empty, so nothing is imported.")
    text, delimiter, skipped = _separated(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = next(reader)
    except csv.Error:
        raise _not_closed(1 + skipped) from None
    _require_different(columns)
    return columns, _fitting(reader, columns, skipped)


def _in_characters(data: bytes) -> str:
    # A mark of UTF-16 is certain; spreadsheets write it where they are asked for Unicode text.
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return data.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidInput(
            "bad-table",
            f"The file is not CSV in UTF-8: line {line:,} has bytes of another charset. Save it "
            'as UTF-8; Excel calls that "CSV UTF-8 (comma delimited)".',
            {"line": line},
        ) from None


def _separated(text: str) -> tuple[str, str, int]:
    """Return the lines from the names of the columns on, what separates cells, and lines above."""
    if found := _SEPARATOR.match(text):
        return text[found.end() :], found[1], 1
    first = text.lstrip().split("\n", 1)[0]
    # as spreadsheets write it where the comma is the sign of decimals
    return text, next((sign for sign in (",", ";", "\t") if sign in first), ","), 0


def _fitting(reader: Any, columns: Sequence[str], skipped: int) -> Rows:
    line = reader.line_num + 1 + skipped
    try:
        for cells in reader:
            if cells and len(cells) != len(columns):
                raise _unfit(line, len(cells), len(columns))
            if cells:
                yield f"line {line:,}", dict(zip(columns, cells, strict=True))
            line = reader.line_num + 1 + skipped
    except csv.Error:
        raise _not_closed(line) from None


def _unfit(line: int, cells: int, columns: int) -> InvalidInput:
    sentence = (
        f"Line {line:,} has {how_many(cells, 'cell')}, but the first line names "
        f"{how_many(columns, 'column')}, so nothing is imported. "
    )
    sentence += (
        'A comma inside a text needs quotation marks around the text: "Thank you, good bye".'
        if cells > columns
        else "Write the missing cells, empty ones too."
    )
    return InvalidInput("bad-table", sentence, {"line": line, "cells": cells, "columns": columns})


def _not_closed(line: int) -> InvalidInput:
    return InvalidInput(
        "bad-table",
        f"The row that begins in line {line:,} cannot be read, so nothing is imported: a quotation "
        "mark in it is not closed, or text follows the one that closes. Write a quotation mark "
        'inside a text twice: "He said ""yes"".".',
        {"line": line},
    )


def _require_different(columns: Sequence[str]) -> None:
    twice = [name for name, count in Counter(columns).items() if count > 1]
    if twice:
        raise InvalidInput(
            "repeated-column",
            f"The first line names {twice[0][:60]!r} more than once, so it is not clear which "
            "column counts. Remove or rename all but one.",
            {"columns": twice},
        )


def rows_of_parquet(data: bytes) -> tuple[list[str], Rows]:
    """Return the columns of a Parquet file, and its rows as they are asked for.

    Raises, also with the rows:
        InvalidInput: codes ``bad-table``, ``repeated-column``.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise _not_parquet(error) from None
    _require_different(file.schema_arrow.names)
    return file.schema_arrow.names, _rows_of(file)


def _rows_of(file: pq.ParquetFile) -> Rows:
    rows = (row for batch in file.iter_batches() for row in batch.to_pylist())
    try:
        for number, row in enumerate(rows, start=1):
            yield f"row {number:,}", row
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise _not_parquet(error) from None


def _not_parquet(error: Exception) -> InvalidInput:
    return InvalidInput(
        "bad-table", f"The file is not Parquet that can be read ({type(error).__name__})."
    )
