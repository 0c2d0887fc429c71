"""Arrow arrays of plain values; ``pyarrow.array`` would import pandas, which takes a second."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

T = TypeVar("T", bound=np.generic)


def arrow_texts(texts: Sequence[str]) -> pa.Array:
    """Return texts as an Arrow array.

    Raises ``UnicodeEncodeError`` where a text holds an unpaired surrogate.
    """
    data = [text.encode() for text in texts]
    offsets = np.append(0, np.cumsum([len(each) for each in data], dtype=np.int64))
    held = (pa.py_buffer(offsets.astype(np.int64)), pa.py_buffer(b"".join(data)))
    return pa.LargeStringArray.from_buffers(len(texts), *held)


def arrow_numbers(values: npt.NDArray[T]) -> pa.Array:
    """Return numbers as an Arrow array."""
    held = [None, pa.py_buffer(np.ascontiguousarray(values))]
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), held)
