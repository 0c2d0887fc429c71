"""Rows of a CSV or Parquet file: what does not fit its header is refused, not guessed.

No sentence quotes what a cell holds.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cultivar.core.errors import InvalidInput
from cultivar.core.projects.limits import DOCUMENT_CHARACTERS
from cultivar.core.vocabulary import how_many

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
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _not_csv("UnicodeDecodeError") from None
    if not text.strip():
        raise InvalidInput("no-documents", "The file is empty, so nothing is imported.")
    first = text.lstrip().split("\n", 1)[0]
    # as spreadsheets write it where the comma is the sign of decimals
    delimiter = next((sign for sign in (",", ";", "\t") if sign in first), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = next(reader)
    except csv.Error as error:
        raise _not_csv(type(error).__name__) from None
    _require_different(columns)
    return columns, _fitting(reader, columns)


def _fitting(reader: Any, columns: Sequence[str]) -> Rows:
    line = reader.line_num + 1
    try:
        for cells in reader:
            if cells and len(cells) != len(columns):
                raise _unfit(line, len(cells), len(columns))
            if cells:
                yield f"line {line:,}", dict(zip(columns, cells, strict=True))
            line = reader.line_num + 1
    except csv.Error as error:
        raise _not_csv(type(error).__name__) from None


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


def _not_csv(what: str) -> InvalidInput:
    return InvalidInput("bad-table", f"The file is not CSV in UTF-8 ({what}).")


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
