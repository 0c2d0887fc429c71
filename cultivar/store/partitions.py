"""Rows set aside on the local disk by the range of their key, and read back range by range.

So two tables of any size can be joined with memory for one range of each. Knows no column but the
key.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa

from cultivar.settings.scratch import Scratch
from cultivar.store.failures import file_failures

ROWS_A_RANGE = 100_000
_HEX = "0123456789abcdef"


def ranges_for(rows: int) -> list[str]:
    """Return the lower bounds, ascending from the empty key, for about ``ROWS_A_RANGE`` rows each.

    Keys are hexadecimal and even; others are sorted rightly too, but less evenly.
    """
    if rows <= ROWS_A_RANGE:
        return [""]
    digits = 1 if rows <= 16 * ROWS_A_RANGE else 2
    keys = _HEX if digits == 1 else [first + second for first in _HEX for second in _HEX]
    return ["", *list(keys)[1:]]


class Partitioned:
    """Rows by range; every range can be read again and again."""

    def __init__(self, files: Sequence[Path], schema: pa.Schema) -> None:
        self._files = files
        self._schema = schema

    def __len__(self) -> int:
        return len(self._files)

    def read(self, number: int) -> pa.Table:
        """Return the rows of a range, as they came."""
        if not self._files[number].exists():
            return self._schema.empty_table()
        with file_failures("The temporary folder"), pa.OSFile(str(self._files[number])) as file:
            return pa.ipc.open_stream(file).read_all()


@contextmanager
def partitioned(
    batches: Iterable[pa.Table], schema: pa.Schema, key: str, bounds: Sequence[str]
) -> Iterator[Partitioned]:
    """Set rows aside by the range of ``key`` for the length of the block.

    Raises:
        StoreUnavailable: the temporary folder is full or cannot be written to.
    """
    with _scratch() as folder:
        files = [folder.path / f"{number:03d}.arrow" for number in range(len(bounds))]
        with file_failures("The temporary folder"), ExitStack() as stack:
            writers: dict[int, pa.ipc.RecordBatchStreamWriter] = {}
            for table in batches:
                for number, part in _split(table, key, bounds):
                    if number not in writers:
                        sink = stack.enter_context(pa.OSFile(str(files[number]), "wb"))
                        opened = pa.ipc.new_stream(sink, schema)
                        writers[number] = stack.enter_context(opened)
                    writers[number].write_table(part.cast(schema))
        yield Partitioned(files, schema)


def _scratch() -> Scratch:
    with file_failures("The temporary folder"):
        return Scratch("cultivar-ranges-")


def _split(table: pa.Table, key: str, bounds: Sequence[str]) -> Iterator[tuple[int, pa.Table]]:
    keys = table.column(key).to_numpy()
    numbers = np.searchsorted(np.array(bounds, object), keys, side="right") - 1
    for number in np.unique(numbers):
        yield int(number), table.filter(pa.array(numbers == number))
