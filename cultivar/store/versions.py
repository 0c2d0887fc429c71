"""A Parquet file of an older version of its schema, read as one of the newest.

Columns that came later are null; nothing is written.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from cultivar.core.reference import ArtifactReference
from cultivar.store.parquet import declared, header_of
from cultivar.store.parts.reading import PartRows

if TYPE_CHECKING:
    from cultivar.store.artifacts import ArtifactStore


class ArtifactFile(pq.ParquetFile):
    """A file whose readers find every column that its schema declares today.

    ``header`` is what the file says of itself, its own version among it.
    """

    _all: pa.Schema | None = None

    def __init__(self, source: Any, **asked: Any) -> None:
        super().__init__(source, **asked)
        self.header: dict[str, Any] = {}

    def read_as_newest(self) -> None:
        """Take the file for one of its schema's newest version.

        Raises:
            Damaged: its header is none of Cultivar's, or names what this release does not know.
        """
        self.header = header_of(self)
        newest = declared(self.header["schema"]).arrow
        held = super().schema_arrow
        if missing := [each for each in newest if each.name not in held.names]:
            self._all = pa.schema([*held, *missing], held.metadata)

    @property
    def schema_arrow(self) -> pa.Schema:
        """The columns, those that are filled in among them."""
        return super().schema_arrow if self._all is None else self._all

    def read_row_group(self, i: int, columns: list[str] | None = None, **asked: Any) -> pa.Table:
        """Read one row group."""
        return self._filled(super().read_row_group(i, self._held(columns), **asked), columns)

    def read(self, columns: list[str] | None = None, **asked: Any) -> pa.Table:
        """Read all rows."""
        return self._filled(super().read(self._held(columns), **asked), columns)

    def iter_batches(
        self,
        batch_size: int = 65_536,
        row_groups: list[int] | None = None,
        columns: list[str] | None = None,
        **asked: Any,
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows in batches."""
        for batch in super().iter_batches(batch_size, row_groups, self._held(columns), **asked):
            yield self._filled(batch, columns)

    def in_parts(self, store: "ArtifactStore", reference: ArtifactReference) -> PartRows:
        """Return the rows of the parts that the file lists; ``reference`` is its own."""
        return PartRows(store, reference)

    def _held(self, columns: list[str] | None) -> list[str] | None:
        if self._all is None or columns is None:
            return columns
        names = super().schema_arrow.names
        # one column at least, which says how many rows there are
        return [name for name in columns if name in names] or names[:1]

    def _filled(self, rows: Any, columns: list[str] | None) -> Any:
        if self._all is None:
            return rows
        wanted = [each for each in self._all if columns is None or each.name in columns]
        held = rows.schema.names
        arrays = [
            rows.column(each.name) if each.name in held else pa.nulls(rows.num_rows, each.type)
            for each in wanted
        ]
        return type(rows).from_arrays(arrays, schema=pa.schema(wanted, self._all.metadata))
