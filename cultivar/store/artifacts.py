"""The artifact store: immutable files with declared schemas, named by the hash of their content.

Writes a file first and its registry row second, so that a row always has its file. Knows nothing
of what the rows mean.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from sqlalchemy import select

import cultivar
from cultivar.core.errors import Damaged, InvalidInput, NotFound, StoreUnavailable
from cultivar.core.learning.format import FORMAT
from cultivar.core.reference import ArtifactReference
from cultivar.store.failures import file_failures
from cultivar.store.files import WHAT, HashedFile, LocalFiles, files_at
from cultivar.store.registry import Registry
from cultivar.store.tables import ArtifactInput, ArtifactRow

if TYPE_CHECKING:  # costs a fifth of a second, which a question about statuses need not pay
    import pyarrow as pa
    import pyarrow.parquet as pq

    from cultivar.store.parquet import Rows

MODEL = "model"
CODE_VERSION = f"{cultivar.__version__}+format{FORMAT}"
_ROWS_A_BATCH = 4_096
_BYTES_A_READ = 1 << 20

Inputs: TypeAlias = Mapping[str, ArtifactReference | str]


@dataclass(frozen=True, slots=True)
class Origin:
    """Who made an artifact, and from what.

    ``inputs`` maps a part (``seed_set``, ``unlabelled``, ...) to the artifact taken for it. They
    and the producer stand in the file; the run stands in the registry alone, as the same work
    must give the same bytes.
    """

    producer: str
    inputs: Inputs = field(default_factory=dict)
    run_id: str | None = None

    @property
    def hashes(self) -> dict[str, str]:
        """The sha256 of each input, by part."""
        return {
            part: each if isinstance(each, str) else each.sha256
            for part, each in self.inputs.items()
        }


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

        The same rows, producer and inputs give the same file; one that exists is not rewritten.
        Never call it inside a registry transaction.

        Raises:
            InvalidInput: the rows are not of the schema, or an input is no known artifact.
            StoreUnavailable: full, read-only or out of reach; nothing is kept.
        """
        from cultivar.store import parquet  # noqa: PLC0415 - see TYPE_CHECKING above

        origin = Origin(producer, inputs or {}, run_id)
        schema = parquet.declared(schema_name)
        header = self.header_for(schema_name, schema.version, origin)
        self._check_inputs(origin)
        with self.files.staged() as staged:
            count = parquet.write(staged, schema, rows, header)
            reference = self._publish(staged, schema_name, count)
        self._register(reference, staged.size, origin)
        return reference

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
        origin = Origin(producer, inputs or {}, run_id)
        self._check_inputs(origin)
        with self.files.staged() as staged:
            staged.write(data)
            reference = self._publish(staged, schema_name, 0)
        self._register(reference, staged.size, origin)
        return reference

    @staticmethod
    def header_for(schema_name: str, version: int, origin: Origin) -> dict[str, Any]:
        """Return the header that an artifact carries: its schema, maker and inputs."""
        return {
            "schema": schema_name,
            "schema_version": version,
            "producer": origin.producer,
            "code_version": CODE_VERSION,
            "inputs": origin.hashes,
        }

    def reference(self, sha256: str) -> ArtifactReference:
        """Return the reference of a registered artifact.

        Raises:
            NotFound: the registry knows no such artifact.
        """
        with self._registry.reading() as session:
            row = session.get(ArtifactRow, sha256)
        if row is None:
            raise NotFound("no-artifact", f"The registry knows no artifact {sha256[:12]}.")
        return ArtifactReference(self.files.url(row.path), sha256, row.rows, row.schema_name)

    def inputs_of(self, sha256: str) -> dict[str, str]:
        """Return the sha256 of each input of an artifact, by part, as the registry has it."""
        wanted = select(ArtifactInput).where(ArtifactInput.output_sha256 == sha256)
        with self._registry.reading() as session:
            edges = session.scalars(wanted.order_by(ArtifactInput.part))
            return {edge.part: edge.input_sha256 for edge in edges}

    @contextmanager
    def open(self, reference: ArtifactReference) -> Iterator["pq.ParquetFile"]:
        """Open a Parquet artifact whose header is of a schema that this release knows.

        Raises:
            Damaged: the file is missing, unreadable, or not what its header says.
        """
        import pyarrow.parquet as pq  # noqa: PLC0415 - see TYPE_CHECKING above

        from cultivar.store.parquet import header_of  # noqa: PLC0415

        with self._opened(reference) as raw:
            with _readable(reference):
                file = pq.ParquetFile(self._source(raw), pre_buffer=False)
            with file:
                stated = header_of(file)["schema"]
                if stated != reference.schema:
                    raise _damaged(reference, f"holds rows of the schema {stated}")
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
                with _readable(reference):
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
            with _readable(reference):
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
            raise _damaged(reference, "does not have the content that its name states")
        return data

    def header(self, reference: ArtifactReference) -> dict[str, Any]:
        """Return what an artifact says of itself: schema, producer, code version, inputs.

        Raises:
            Damaged: the file is missing or has no such header.
        """
        if reference.schema == MODEL:
            from cultivar.store.models import model_header  # noqa: PLC0415

            return model_header(self.read_bytes(reference))
        from cultivar.store.parquet import header_of  # noqa: PLC0415

        with self.open(reference) as file:
            return header_of(file)

    def verify(self, reference: ArtifactReference) -> None:
        """Check an artifact against its hash, its header and its registry row.

        Raises:
            Damaged: a byte, the header, the number of rows or an input differs.
        """
        with self._opened(reference) as raw, file_failures(WHAT):
            if _sha256(raw) != reference.sha256:
                raise _damaged(reference, "does not have the content that its name states")
        header = self.header(reference)
        if header.get("inputs") != self.inputs_of(reference.sha256):
            raise _damaged(reference, "names other inputs than the registry does")
        if reference.schema != MODEL:
            with self.open(reference) as file:
                if file.metadata.num_rows != reference.rows:
                    raise _damaged(reference, "does not hold the number of rows in the registry")

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
                with file_failures(WHAT):
                    file = stack.enter_context(self.files.open(name))
            except FileNotFoundError as error:
                raise _damaged(reference, "is missing from the artifact store") from error
            yield file

    def _check_inputs(self, origin: Origin) -> None:
        hashes = set(origin.hashes.values())
        with self._registry.reading() as session:
            known = session.scalars(
                select(ArtifactRow.sha256).where(ArtifactRow.sha256.in_(hashes))
            )
            unknown = sorted(hashes - set(known))
        if unknown:
            raise InvalidInput(
                "unknown-input",
                f"{origin.producer} names {len(unknown)} inputs that are no known artifacts, "
                f"the first of them {unknown[0][:12]}.",
            )

    def _publish(self, staged: HashedFile, schema_name: str, rows: int) -> ArtifactReference:
        name = path_of(schema_name, staged.sha256)
        if self.files.size(name) != staged.size:
            self.files.publish(staged, name)
        return ArtifactReference(self.files.url(name), staged.sha256, rows, schema_name)

    def _register(self, reference: ArtifactReference, size: int, origin: Origin) -> None:
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


def path_of(schema_name: str, sha256: str) -> str:
    """Return an artifact's path below the store's root, which follows from its content."""
    suffix = "safetensors" if schema_name == MODEL else "parquet"
    return f"{schema_name}/{sha256[:2]}/{sha256}.{suffix}"


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := file.read(_BYTES_A_READ):
        digest.update(block)
    return digest.hexdigest()


def _check_columns(file: "pq.ParquetFile", columns: list[str] | None) -> None:
    known = file.schema_arrow.names
    unknown = sorted(set(columns or []) - set(known))
    if unknown:
        raise InvalidInput(
            "unknown-column",
            f"There is no column {', '.join(unknown)}. The columns are {', '.join(known)}.",
        )


@contextmanager
def _readable(reference: ArtifactReference) -> Iterator[None]:
    """Tell a file whose bytes make no sense from a store that cannot be read."""
    import pyarrow as pa  # noqa: PLC0415 - see TYPE_CHECKING above

    try:
        with file_failures(WHAT):
            yield
    except pa.ArrowException as error:
        raise _damaged(reference, "cannot be read as Parquet") from error
    except StoreUnavailable as error:
        # Arrow reports broken pages as an OSError without a number.
        if isinstance(error.__cause__, OSError) and error.__cause__.errno is None:
            raise _damaged(reference, "cannot be read as Parquet") from error
        raise


def _damaged(reference: ArtifactReference, wrong: str) -> Damaged:
    return Damaged(
        "artifact-damaged",
        f"The {reference.schema} artifact {reference.sha256[:12]} {wrong}. "
        "Restore the file from a copy, or run the stage that makes it again.",
        {"sha256": reference.sha256, "schema": reference.schema},
    )
