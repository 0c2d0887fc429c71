"""Documents with tags brought into a project: a labels file read at once, its texts in a job.

A file that breaks a rule is refused before anything is stored. A document that cannot be read
becomes a row with the reason, never an exception.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import InvalidInput, NotFound
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.projects.jobs import JobKind
from cultivar.core.projects.labels import Labels, Tagged, read_labels
from cultivar.core.projects.names import Kind, checked_name
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action, AnyActor
from cultivar.core.schemas import PROJECT_DOCUMENTS
from cultivar.core.texts.reading_status import has_text
from cultivar.core.vocabulary import how_many
from cultivar.operations.content.locations import KnownLocation, location_named
from cultivar.operations.projects.dead_jobs import settle
from cultivar.operations.projects.document_rows import UNREAD, row_of
from cultivar.operations.projects.job_claim import Work, require_going, succeed, working_on
from cultivar.operations.projects.jobs import Job, job, opened, require_free
from cultivar.operations.projects.projects import Definition, check_definition, put
from cultivar.operations.projects.rows import project_row
from cultivar.operations.projects.texts import with_texts
from cultivar.operations.transactions import snapshot, transaction
from cultivar.store.origin import Producer
from cultivar.store.tables import ProjectRow
from cultivar.store.workspace import Workspace

_BATCH = 512


def submit_import(
    workspace: Workspace,
    actor: AnyActor,
    project: str,
    data: bytes | str | Mapping[str, Any],
    *,
    in_this_process: bool = False,
) -> Job:
    """Check a labels file of either generation, and open the job that reads its documents.

    The project is made where there is none. Its documents are replaced as a whole once
    ``run_import`` ends well. ``in_this_process``: the calling process itself runs the job.

    Raises:
        InvalidInput: see ``read_labels`` and ``check_definition``; codes ``bad-name``,
            ``kind-is-fixed``.
        NotFound: code ``unknown-container``; the container is the name of a location.
        Conflict: code ``project-busy``.
    """
    with snapshot(workspace, actor, Action.WORK_ON_PROJECTS) as tx:
        row = tx.session.get(ProjectRow, project)
        kind = Kind(row.kind) if row is not None else None
    return submit_labels(
        workspace, actor, project, read_labels(data, kind), in_this_process=in_this_process
    )


def submit_labels(
    workspace: Workspace,
    actor: AnyActor,
    project: str,
    labels: Labels,
    *,
    in_this_process: bool = False,
) -> Job:
    """Open the job that reads the documents of labels that were read; see ``submit_import``."""
    checked_name("project", project)
    settle(workspace)
    stated = Definition(
        labels.kind,
        labels.language,
        labels.multilingual,
        labels.description,
        labels.container,
        labels.settings or None,
    )
    check_definition(stated)
    _check_first(workspace, actor, project, labels)
    written = workspace.artifacts.write(
        PROJECT_DOCUMENTS.name, _batches(labels.documents), producer=Producer.PROJECT_IMPORT
    )
    with transaction(workspace, actor, Action.WORK_ON_PROJECTS) as tx:
        put(tx, project, stated)
        tx.session.flush()
        parameters = {
            "labels_sha256": written.sha256,
            "classes": list(labels.classes),
            "unused": list(labels.unused),
        }
        return opened(tx, project, JobKind.IMPORT, parameters, in_this_process=in_this_process)


def _check_first(workspace: Workspace, actor: AnyActor, project: str, labels: Labels) -> None:
    """Refuse what would be refused later, before anything is stored."""
    with snapshot(workspace, actor, Action.WORK_ON_PROJECTS) as tx:
        row = tx.session.get(ProjectRow, project)
        if row is not None:
            require_free(tx.session, project)
            if labels.kind is not None and row.kind != labels.kind:
                put_kind = Kind(row.kind)
                raise InvalidInput(
                    "wrong-project-kind",
                    f"The labels file is for a {labels.kind} project, but {project} is {put_kind}.",
                )
        container = labels.container or (row.container if row else "")
    if any(each.text is None and each.trouble is None for each in labels.documents):
        container_named(workspace, container)


def container_named(workspace: Workspace, name: str) -> KnownLocation:
    """Return the location that a container's name stands for.

    Raises:
        NotFound: code ``unknown-container``.
    """
    try:
        return location_named(workspace, name)
    except NotFound as error:
        raise NotFound(
            "unknown-container",
            f"There is no container {name[:60]!r}. A container is a location:",
            {"container": name[:60]},
            Remedy(NextStep.ADD_LOCATION),
        ) from error


def run_import(workspace: Workspace, job_id: str, flow_run_id: str | None = None) -> Job:
    """Read the documents of an import job and put them into its project; return the job.

    Raises:
        Cancelled: code ``job-cancelled``.
        NotFound: the container, or the job, is no more.
        StoreUnavailable: the container cannot be opened; the job failed with that reason.
    """
    with working_on(workspace, job_id, flow_run_id) as work:
        labels = workspace.artifacts.reference(str(work.job.parameters["labels_sha256"]))
        read = workspace.artifacts.write(
            PROJECT_DOCUMENTS.name,
            with_texts(work, labels, lambda: _container_of(work)),
            producer=Producer.PROJECT_IMPORT,
            inputs={"labels": labels},
        )
        _keep(work, read)
    return job(workspace, work.job.created_by, work.job.project, job_id)


def _container_of(work: Work) -> KnownLocation:
    with work.workspace.registry.reading() as session:
        name = project_row(session, work.job.project).container
    return container_named(work.workspace, name)


def _keep(work: Work, read: ArtifactReference) -> None:
    columns = ["class_count", "status"]
    table = work.workspace.artifacts.read(read, columns=columns)
    counts = table.column("class_count").to_pylist()
    readable = [has_text(status) for status in table.column("status").to_pylist()]
    with transaction(work.workspace, work.job.created_by, Action.WORK_ON_PROJECTS) as tx:
        job_row = require_going(tx.session, work.job.id)
        row = project_row(tx.session, work.job.project)
        row.documents_sha256, row.documents = read.sha256, len(counts)
        row.tagged = sum(1 for count, good in zip(counts, readable, strict=True) if count and good)
        row.classes = list(work.job.parameters["classes"])
        row.modified_at = tx.at
        result = {"documents": row.documents, "tagged": row.tagged}
        warnings = _unread(len(readable) - sum(readable))
        warnings += _unused(work.job.parameters.get("unused", []))
        succeed(job_row, tx.at, result, warnings)
        tx.audit(
            AuditAction.DOCUMENTS_IMPORTED, f"project:{row.name}", **result,
            container=row.container, documents_sha256=read.sha256,
        )  # fmt: skip


def _unused(names: list[str]) -> list[dict[str, Any]]:
    if not names:
        return []
    listed = ", ".join(names[:10]) + (f" and {len(names) - 10:,} more" if len(names) > 10 else "")
    sentence = f"Nothing reads {listed}. If a name is misspelt, correct it and import again."
    return [{"code": "unused-input", "sentence": sentence, "facts": {"unused": len(names)}}]


def _unread(count: int) -> list[dict[str, Any]]:
    if not count:
        return []
    unread = how_many(count, "document")
    sentence = f"{unread} could not be read; `cultivar project documents` says why."
    return [{"code": "unreadable", "sentence": sentence, "facts": {"unreadable": count}}]


def _batches(documents: tuple[Tagged, ...]) -> Iterator[pa.Table]:
    seen: set[str] = set()
    yield PROJECT_DOCUMENTS.arrow.empty_table()
    for first in range(0, len(documents), _BATCH):
        batch = documents[first : first + _BATCH]
        rows = [row_of(each, seen, each.trouble or (UNREAD, None)) for each in batch]
        yield pa.Table.from_pylist(rows, schema=PROJECT_DOCUMENTS.arrow)
