"""The bands of items' texts as columns, so that a text is taken apart once and not every night."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cultivar.content.crawl.duplicates import Bands, bands_of
from cultivar.core.schemas import ITEMS

_COLUMNS = (("text", "bands"), ("own_text", "own_bands"))
_KIND = ITEMS.arrow.field("bands").type


def banded(rows: pa.RecordBatch) -> pa.RecordBatch:
    """Return rows of the items schema with the bands of each text; those that are there stay."""
    for texts, bands in _COLUMNS:
        lacks = pc.and_(rows.column(texts).is_valid(), rows.column(bands).is_null())
        if pc.any(lacks).as_py():
            at = rows.schema.get_field_index(bands)
            rows = rows.set_column(at, rows.schema.field(at), _made(rows, texts, bands, lacks))
    return rows


def _made(rows: pa.RecordBatch, texts: str, bands: str, lacks: pa.BooleanArray) -> pa.Array:
    made = bands_of(rows.column(texts).filter(lacks).to_pylist()).astype("<u4")
    found = rows.column(bands).to_pylist()
    for row, each in zip(pc.indices_nonzero(lacks).to_pylist(), made, strict=True):
        found[row] = each.tobytes()
    return pa.array(found, _KIND)


def held_bands(rows: pa.RecordBatch, column: str) -> Bands:
    """Return the bands of every row, shape (rows, 25); of a row without text they are zeros."""
    held = pc.fill_null(rows.column(column), bytes(_KIND.byte_width))
    width = _KIND.byte_width // 4
    if not len(held):
        return np.zeros((0, width), np.uint32)
    numbers = np.frombuffer(held.buffers()[1], "<u4").reshape(-1, width)
    return np.array(numbers[held.offset : held.offset + len(held)], np.uint32)
