"""The artifact store: immutable files with declared schemas, named by the hash of their content.

Writes a file first and its registry row second, so that a row always has its file. Knows nothing
of what the rows mean.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from sqlalchemy import select

from cultivar.core.errors import Damaged, InvalidInput, NotFound
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.reference import ArtifactReference
from cultivar.store.failures import file_failures
from cultivar.store.files import WHAT, HashedFile, LocalFiles, files_at
from cultivar.store.integrity import damaged, readable, sha256_of
from cultivar.store.origin import MODEL, Inputs, Origin, path_of
from cultivar.store.registry import Registry
from cultivar.store.tables import ArtifactInput, ArtifactRow

if TYPE_CHECKING:  # costs a fifth of a second, which a question about statuses need not pay
    import pyarrow as pa
    import pyarrow.parquet as pq

    from cultivar.store import parquet
    from cultivar.store.parquet import Rows
    from cultivar.store.versions import ArtifactFile

_ROWS_A_BATCH = 4_096


@dataclass(slots=True)
class Writing:
    """Artifacts that are written side by side; the references are there once all are whole."""

    writers: list["parquet.Writer"] = field(default_factory=list)
    references: list[ArtifactReference] = field(default_factory=list)


class ArtifactStore:
    """Artifacts at any fsspec URL, with their rows in the registry."""

    def __init__(self, url: str, registry: Registry, *, clock: Callable[[], datetime]) -> None:
        self.files = files_at(url)
        self._registry = registry
        self._clock = clock

    def write(
        self,
        schema_name: str,
        rows: "Rows",
        *,
        producer: str,
        inputs: Inputs | None = None,
        run_id: str | None = None,
    ) -> ArtifactReference:
        """Write rows of a declared schema: a table, a batch, or batches as they come.

        The same rows, producer and inputs give the same file; one that exists is not rewritten,
        unless it is damaged. Never call it inside a registry transaction.

        Raises:
            InvalidInput: the rows are not of the schema, or an input is no known artifact.
            Damaged: an input is missing, or its bytes are not those of its hash.
            StoreUnavailable: full, read-only or out of reach; nothing is kept.
        """
        with self.writing(schema_name, [inputs or {}], producer=producer, run_id=run_id) as made:
            made.writers[0].write(rows)
        return made.references[0]

    @contextmanager
    def writing(
        self,
        schema_name: str,
        inputs: Sequence[Inputs],
        *,
        producer: str,
        run_id: str | None = None,
    ) -> Iterator["Writing"]:
        """Write several artifacts of one schema side by side, as their rows come.

        One for each of ``inputs``, with a writer each; all are there, or none, once the block ends.

        Raises: as ``write``.
        """
        from cultivar.store import parquet  # noqa: PLC0415 - see TYPE_CHECKING above

        origins = [Origin(str(producer), each, run_id) for each in inputs]
        schema = parquet.declared(schema_name)
        self._check_inputs(*origins)
        made = Writing()
        with ExitStack() as staging:
            files = [staging.enter_context(self.files.staged()) for _ in origins]
            with ExitStack() as stack:
                for file, origin in zip(files, origins, strict=True):
                    header = origin.header(schema_name, schema.version)
                    made.writers.append(stack.enter_context(parquet.Writer(file, schema, header)))
                yield made
            made.references += [
                self._publish(file, schema_name, writer.rows)
                for file, writer in zip(files, made.writers, strict=True)
            ]
            for reference, file, origin in zip(made.references, files, origins, strict=True):
                self._register(reference, file, origin)

    def write_bytes(
        self,
        schema_name: str,
        data: bytes,
        *,
        producer: str,
        inputs: Inputs | None = None,
        run_id: str | None = None,
    ) -> ArtifactReference:
        """Write a file that is not Parquet, such as a model; it carries its own header.

        Raises: as ``write``.
        """
        origin = Origin(str(producer), inputs or {}, run_id)
        self._check_inputs(origin)
        with self.files.staged() as staged:
            staged.write(data)
            reference = self._publish(staged, schema_name, 0)
            self._register(reference, staged, origin)
        return reference

    def reference(self, sha256: str | None) -> ArtifactReference:
        """Return the reference of a registered artifact.

        Raises:
            NotFound: code ``no-artifact``; the registry knows no such artifact, or, for None, the
                stage that makes it has not run yet. Code ``artifact-swept``; it was removed, as
                nothing needed it.
        """
        if sha256 is None:
            raise NotFound(
                "no-artifact",
                "Nothing is on record for this yet, as the stage that makes it has not ended.",
                remedy=Remedy(NextStep.LOOK_AT_STATUS),
            )
        with self._registry.reading() as session:
            row = session.get(ArtifactRow, sha256)
        if row is None:
            raise NotFound("no-artifact", f"The registry knows no artifact {sha256[:12]}.")
        if row.swept_at is not None:
            raise _swept(row)
        return ArtifactReference(self.files.url(row.path), sha256, row.rows, row.schema_name)

    def inputs_of(self, sha256: str) -> dict[str, str]:
        """Return the sha256 of each input of an artifact, by part, as the registry has it."""
        wanted = select(ArtifactInput).where(ArtifactInput.output_sha256 == sha256)
        with self._registry.reading() as session:
            edges = session.scalars(wanted.order_by(ArtifactInput.part))
            return {edge.part: edge.input_sha256 for edge in edges}

    @contextmanager
    def open(self, reference: ArtifactReference) -> Iterator["ArtifactFile"]:
        """Open a Parquet artifact whose header is of a schema that this release knows.

        Columns that the schema got after the file was written are null.

        Raises:
            Damaged: the file is missing, unreadable, or not what its header says.
        """
        from cultivar.store.versions import ArtifactFile  # noqa: PLC0415 - see TYPE_CHECKING

        with self._opened(reference) as raw:
            with readable(reference):
                file = ArtifactFile(self._source(raw), pre_buffer=False)
            with file:
                file.read_as_newest()
                if (stated := file.header["schema"]) != reference.schema:
                    raise damaged(reference, f"holds rows of the schema {stated}")
                yield file

    def batches(
        self,
        reference: ArtifactReference,
        columns: list[str] | None = None,
        batch_size: int = _ROWS_A_BATCH,
    ) -> Iterator["pa.RecordBatch"]:
        """Yield an artifact's rows in order, at most ``batch_size`` at once; memory stays flat.

        Raises:
            InvalidInput: the schema has no such column.
            Damaged: see ``open``.
        """
        with self.open(reference) as file:
            _check_columns(file, columns)
            found = file.iter_batches(batch_size, columns=columns, use_threads=self._threads)
            while True:
                with readable(reference):
                    batch = next(found, None)
                if batch is None:
                    return
                plain = batch.replace_schema_metadata(None)
                yield plain if columns is None else plain.select(columns)

    def read(self, reference: ArtifactReference, columns: list[str] | None = None) -> "pa.Table":
        """Return all rows of an artifact; for those that may be large use ``batches``.

        Raises: as ``batches``.
        """
        with self.open(reference) as file:
            _check_columns(file, columns)
            with readable(reference):
                table = file.read(columns, use_threads=self._threads).replace_schema_metadata(None)
        return table if columns is None else table.select(columns)

    def read_bytes(self, reference: ArtifactReference) -> bytes:
        """Return a file's bytes, checked against its hash.

        Raises:
            Damaged: the file is missing, or its bytes are not those of the hash.
        """
        with self._opened(reference) as raw, file_failures(WHAT):
            data = raw.read()
        if hashlib.sha256(data).hexdigest() != reference.sha256:
            raise damaged(reference, "does not have the content that its name states")
        return data

    def header(self, reference: ArtifactReference) -> dict[str, Any]:
        """Return what an artifact says of itself: schema, producer, code version, inputs.

        Raises:
            Damaged: the file is missing or has no such header.
        """
        if reference.schema == MODEL:
            from cultivar.store.model_files import model_header  # noqa: PLC0415

            return model_header(self.read_bytes(reference))
        with self.open(reference) as file:
            return file.header

    def check(self, reference: ArtifactReference) -> None:
        """Check every byte of an artifact against its hash; raises Damaged."""
        with self._opened(reference) as raw, file_failures(WHAT):
            if sha256_of(raw) != reference.sha256:
                raise damaged(reference, "does not have the content that its name states")

    def verify(self, reference: ArtifactReference) -> None:
        """Check an artifact against its hash, its header and its registry row.

        Raises:
            Damaged: a byte, the header, the number of rows or an input differs.
        """
        self.check(reference)
        header = self.header(reference)
        if header.get("inputs") != self.inputs_of(reference.sha256):
            raise damaged(reference, "names other inputs than the registry does")
        if reference.schema != MODEL:
            with self.open(reference) as file:
                if file.metadata.num_rows != reference.rows:
                    raise damaged(reference, "does not hold the number of rows in the registry")

    def _source(self, raw: BinaryIO) -> Any:
        """Return what Arrow reads from: never a Python file, if it can be helped.

        Arrow's threads outlive a read; one that lets go of a Python object while the interpreter
        ends aborts the process.
        """
        import pyarrow as pa  # noqa: PLC0415 - see TYPE_CHECKING above

        return pa.OSFile(raw.name) if isinstance(self.files, LocalFiles) else raw

    @property
    def _threads(self) -> bool:
        return isinstance(self.files, LocalFiles)

    @contextmanager
    def _opened(self, reference: ArtifactReference) -> Iterator[BinaryIO]:
        with ExitStack() as stack:
            name = path_of(reference.schema, reference.sha256)
            try:
                with file_failures(WHAT, may_be_absent=True):
                    file = stack.enter_context(self.files.open(name))
            except FileNotFoundError as error:
                raise damaged(reference, "is missing from the artifact store") from error
            yield file

    def _check_inputs(self, *origins: Origin) -> None:
        hashes = {sha256 for origin in origins for sha256 in origin.hashes.values()}
        with self._registry.reading() as session:
            wanted = select(ArtifactRow.sha256).where(ArtifactRow.sha256.in_(hashes))
            known = set(session.scalars(wanted))
        unknown = sorted(hashes - known)
        if unknown:
            raise InvalidInput(
                "unknown-input",
                f"{origins[0].producer} names {len(unknown)} inputs that are no known artifacts, "
                f"the first of them {unknown[0][:12]}.",
            )
        for each in sorted(hashes):
            self.check(self.reference(each))

    def _publish(self, staged: HashedFile, schema_name: str, rows: int) -> ArtifactReference:
        name = path_of(schema_name, staged.sha256)
        reference = ArtifactReference(self.files.url(name), staged.sha256, rows, schema_name)
        if self.files.size(name) != staged.size or not self._is_whole(reference):
            self.files.publish(staged, name)
        return reference

    def _is_whole(self, reference: ArtifactReference) -> bool:
        with suppress(Damaged):
            self.check(reference)
            return True
        return False

    def _register(self, reference: ArtifactReference, staged: HashedFile, origin: Origin) -> None:
        if not self._is_on_record(reference):
            self._record(reference, staged.size, origin)
        # A store sweep removes files in a transaction that looks for this row, so from here on it
        # leaves the file alone; what it removed a moment ago is published once more.
        name = path_of(reference.schema, reference.sha256)
        if self.files.size(name) != staged.size:
            self.files.publish(staged, name)

    def _is_on_record(self, reference: ArtifactReference) -> bool:
        """Tell whether there is a row; it is needed from now on, whatever was noted before."""
        with self._registry.reading() as session:
            row = session.get(ArtifactRow, reference.sha256)
        if row is None or row.unneeded_at is row.swept_at is None:
            return row is not None
        with self._registry.transaction() as session:
            again = session.get_one(ArtifactRow, reference.sha256)
            again.unneeded_at = again.swept_at = None
            again.created_at = self._clock()
        return True

    def _record(self, reference: ArtifactReference, size: int, origin: Origin) -> None:
        with self._registry.transaction() as session:
            if session.get(ArtifactRow, reference.sha256) is not None:
                return
            session.add(
                ArtifactRow(
                    sha256=reference.sha256,
                    path=path_of(reference.schema, reference.sha256),
                    schema_name=reference.schema,
                    rows=reference.rows,
                    size=size,
                    producer=origin.producer,
                    run_id=origin.run_id,
                    created_at=self._clock(),
                )
            )
            session.flush()
            session.add_all(
                ArtifactInput(output_sha256=reference.sha256, part=part, input_sha256=sha256)
                for part, sha256 in origin.hashes.items()
            )


def _swept(row: ArtifactRow) -> NotFound:
    return NotFound(
        "artifact-swept",
        f"The {row.schema_name} artifact {row.sha256[:12]} was removed by a store sweep on "
        f"{row.swept_at:%Y-%m-%d}, as nothing needed it any more. Its hash and what it was made "
        "from are still on record.",
        {"sha256": row.sha256, "schema": row.schema_name},
    )


def _check_columns(file: "pq.ParquetFile", columns: list[str] | None) -> None:
    known = file.schema_arrow.names
    unknown = sorted(set(columns or []) - set(known))
    if unknown:
        raise InvalidInput(
            "unknown-column",
            f"There is no column {', '.join(unknown)}. The columns are {', '.join(known)}.",
        )
