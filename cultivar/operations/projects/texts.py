"""The texts of imported documents, read from the project's container as they stream by.

Memory stays flat in the number of documents; a document without text keeps the reason.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pyarrow as pa

from cultivar.content.by_name import Named, read_named
from cultivar.content.documents.ocr import require_ocr
from cultivar.content.limits import limits_of
from cultivar.core.projects.limits import DOCUMENT_CHARACTERS
from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import PROJECT_DOCUMENTS
from cultivar.operations.content.locations import KnownLocation
from cultivar.operations.projects.document_rows import UNREAD, row_of, tagged_of
from cultivar.operations.projects.job_claim import Work
from cultivar.store.workspace import Workspace

_BATCH = 256


def with_texts(
    work: Work, labels: ArtifactReference, container: Callable[[], KnownLocation]
) -> Iterator[pa.Table]:
    """Yield the documents in their order, each with its text or with the reason for none.

    Raises:
        Cancelled: somebody cancelled the job.
        NotFound: the container does not exist.
        StoreUnavailable: the container cannot be opened or listed.
    """
    store = work.workspace.artifacts
    names = store.read(labels, columns=["document", "status"])
    unread = [
        name
        for name, status in zip(*(each.to_pylist() for each in names.columns), strict=True)
        if status == UNREAD
    ]
    texts = _texts(work.workspace, container, unread)
    seen: set[str] = set()
    yield PROJECT_DOCUMENTS.arrow.empty_table()
    done = 0
    for batch in store.batches(labels, batch_size=_BATCH):
        rows = [_completed(row, texts, seen) for row in batch.to_pylist()]
        done += len(rows)
        work.progress(done, labels.rows)
        yield pa.Table.from_pylist(rows, schema=PROJECT_DOCUMENTS.arrow)


def _texts(
    workspace: Workspace, container: Callable[[], KnownLocation], unread: list[str]
) -> Iterator[Named]:
    if unread:
        # one character more than a document may hold tells that it holds too many
        limits = replace(limits_of(workspace.settings), max_characters=DOCUMENT_CHARACTERS + 1)
        if limits.ocr:
            require_ocr(limits.ocr_languages)
        yield from read_named(container().location, unread, limits)


def _completed(row: dict[str, object], texts: Iterator[Named], seen: set[str]) -> dict[str, object]:
    tagged = tagged_of(row)
    if row["status"] != UNREAD:
        return row_of(tagged, seen, (str(row["status"]), _reason(row)))
    found = next(texts)
    given = tagged_of({**row, "text": found.text})
    return row_of(given, seen, (found.status, found.reason))


def _reason(row: dict[str, object]) -> str | None:
    return None if row["reason"] is None else str(row["reason"])
