"""Text as Arrow buffers, and how many documents hold each feature.

It weighs nothing and keeps no text.
"""

from collections.abc import Iterator
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cultivar.core.learning import kernels
from cultivar.core.learning.writing import rewriting
from cultivar.core.learning.writing.forms import Folding, folding_of
from cultivar.core.schemas import DOCUMENT_FREQUENCIES
from cultivar.core.schemas.arrays import arrow_numbers

FEATURES = 1 << 18  # hashed: single words in the lower half, pairs of words in the upper

T = TypeVar("T", bound=np.generic)
Texts: TypeAlias = pa.Array | pa.ChunkedArray
Buffers = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]


def buffers(texts: Texts) -> Iterator[Buffers]:
    """Yield (bytes, offsets [n + 1]) of each chunk; a null is an empty text.

    The bytes are the chunk's own, not a copy. Raises ``pyarrow.ArrowInvalid`` where ``texts`` is
    not a string array.
    """
    for chunk in texts.chunks if isinstance(texts, pa.ChunkedArray) else [texts]:
        if len(chunk):
            yield _buffers(chunk)


def folded(texts: Texts, folding: Folding) -> Iterator[Buffers]:
    """Yield (bytes, offsets) of each chunk, in one Unicode form where the folding asks for it.

    The bytes are the chunk's own where no text needs to be rewritten.
    """
    for data, offsets in buffers(texts):
        yield _rewritten(data, offsets, folding)


def _rewritten(
    data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64], folding: Folding
) -> Buffers:
    if not folding.rewriting:
        return data, offsets
    wanted = rewriting.to_rewrite(data, offsets, folding.rewrites)
    if not wanted.any():
        return data, offsets
    replaced = (folding.rewrites, folding.parts)
    written, bounds, _ = rewriting.rewrite(data, offsets, wanted, *replaced, False)
    return _frozen(written), _frozen(bounds)


def _buffers(chunk: pa.Array) -> Buffers:
    texts = chunk.cast(pa.large_string())
    if texts.null_count:
        texts = texts.fill_null("")
    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    characters = np.frombuffer(data if data is not None else b"", dtype=np.uint8)
    return _frozen(characters), _frozen(bounds)


def _frozen(array: npt.NDArray[T]) -> npt.NDArray[T]:
    """Make every array read-only, so that kernels are compiled for one kind of array alone."""
    view = array.view()
    view.flags.writeable = False
    return view


def document_frequencies(texts: Texts, folding: Folding | None = None) -> pa.Table:
    """Return how many of ``texts`` hold each feature (schema ``document_frequencies``).

    Frequencies of disjoint batches add up: see ``add_frequencies``. The folding is the newest
    unless another is given.
    """
    counts = np.zeros(FEATURES, dtype=np.int64)
    used = folding or folding_of()
    for data, offsets in folded(texts, used):
        kernels.add_document_frequencies(data, offsets, used.fold, counts)
    return _frequency_table(counts)


count_features = document_frequencies


def add_frequencies(*tables: pa.Table) -> pa.Table:
    """Return the frequencies of the batches' union, for batches that share no document."""
    counts = np.zeros(FEATURES, dtype=np.int64)
    for table in tables:
        counts += frequency_vector(table)
    return _frequency_table(counts)


def frequency_vector(table: pa.Table) -> npt.NDArray[np.int64]:
    """Return the frequencies by feature (int64 [FEATURES])."""
    counts = np.zeros(FEATURES, dtype=np.int64)
    features = table.column("feature").to_numpy()
    np.add.at(counts, features, table.column("documents").to_numpy())
    return counts


def _frequency_table(counts: npt.NDArray[np.int64]) -> pa.Table:
    present = np.flatnonzero(counts)
    columns = [arrow_numbers(present.astype(np.uint32)), arrow_numbers(counts[present])]
    return pa.Table.from_arrays(columns, schema=DOCUMENT_FREQUENCIES.arrow)
