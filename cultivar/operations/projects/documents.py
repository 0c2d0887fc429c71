"""The documents of a project: listed without their texts, advised on, and exported.

It changes no document; an import replaces all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import InvalidInput, NotReady
from cultivar.core.projects.guidance import Advice, Counted, before_training, contradicting
from cultivar.core.projects.jobs import JobKind
from cultivar.core.projects.labels import Labels, Tagged, write_labels
from cultivar.core.projects.names import Kind
from cultivar.core.projects.splitting import TEST, EvaluationOptions
from cultivar.core.roles import Action, AnyActor
from cultivar.core.texts.reading_status import has_text
from cultivar.operations.projects.document_rows import tagged_of
from cultivar.operations.projects.jobs import Job, finished, job
from cultivar.operations.projects.openings import record_opening
from cultivar.operations.projects.projects import Project, project_named
from cultivar.operations.projects.rows import project_row, subject_of
from cultivar.operations.transactions import transaction
from cultivar.store.workspace import Workspace

_LISTED = ["document", "language", "dataset", "classes", "characters", "status", "reason"]


@dataclass(frozen=True, slots=True)
class Document:
    """A document as a list shows it: never its text."""

    document: str
    language: str
    dataset: str | None
    classes: tuple[str, ...]
    characters: int
    status: str
    reason: str | None


def list_documents(workspace: Workspace, actor: AnyActor, project: str) -> list[Document]:
    """Return a project's documents in the order of their import.

    Raises:
        NotFound: code ``unknown-project``.
    """
    rows = _rows(workspace, project_named(workspace, actor, project), _LISTED)
    return [Document(**{**row, "classes": tuple(row["classes"])}) for row in rows]


def guidance_of(workspace: Workspace, actor: AnyActor, project: str) -> list[Advice]:
    """Return what to do for a better model before it is trained, most pressing first.

    Raises:
        NotFound: code ``unknown-project``.
    """
    found = project_named(workspace, actor, project)
    columns = ["classes", "characters", "status", "repeated", "text_sha256"]
    return before_training(counted(found.classes, _rows(workspace, found, columns)))


def stated_evaluation(workspace: Workspace, actor: AnyActor, project: str) -> EvaluationOptions:
    """Return how a model is evaluated by what the documents state.

    ``manual`` where some of them are marked for testing, else ``percentage``.

    Raises:
        NotFound: code ``unknown-project``.
    """
    rows = _rows(workspace, project_named(workspace, actor, project), ["dataset"])
    is_stated = any(row["dataset"] == TEST for row in rows)
    return EvaluationOptions("manual") if is_stated else EvaluationOptions()


def counted(classes: tuple[str, ...], rows: list[dict[str, Any]]) -> Counted:
    """Return what guidance looks at, from rows with classes, characters, status and repeated."""
    readable = [row for row in rows if has_text(row["status"])]
    return Counted(
        classes=classes,
        tags=[row["classes"] for row in readable],
        characters=[row["characters"] for row in readable],
        repeated=sum(row["repeated"] for row in readable),
        unreadable=len(rows) - len(readable),
        contradicting=contradicting(
            (row["text_sha256"], tuple(sorted(row["classes"]))) for row in readable
        ),
    )


def submit_export(workspace: Workspace, actor: AnyActor, project: str) -> Job:
    """Fix what an export holds and return the finished job; ``exported`` reads it.

    Raises:
        NotFound: code ``unknown-project``.
    """
    with transaction(workspace, actor, Action.WORK_ON_PROJECTS) as tx:
        row = project_row(tx.session, project)
        result = {
            "kind": row.kind,
            "language": row.language,
            "multilingual": row.multilingual,
            "description": row.description,
            "container": row.container,
            "settings": dict(row.settings),
            "classes": list(row.classes),
            "documents_sha256": row.documents_sha256,
        }
        tx.audit(AuditAction.PROJECT_EXPORTED, subject_of(project))
        return finished(tx, project, JobKind.EXPORT, {}, result)


def exported(
    workspace: Workspace, actor: AnyActor, project: str, job_id: str, *, with_texts: bool = False
) -> dict[str, Any]:
    """Return the labels file (GA form) of an export job.

    ``with_texts`` adds ``text`` to each document, which ``submit_import`` reads again. Where the
    project has no container, the texts have no other place, so they are always added. Texts that
    an import read from a location are content: who may not open it is not shown them, and that
    they were opened is on record before they are handed over.

    Raises:
        NotPermitted: code ``wrong-role``; the actor may not open content.
        NotFound: code ``unknown-job``.
        InvalidInput: code ``wrong-job``; the job exports nothing.
    """
    found = job(workspace, actor, project, job_id)
    if found.kind is not JobKind.EXPORT or found.result is None:
        raise InvalidInput("wrong-job", f"The job {job_id[:60]} exports nothing.")
    labels = _labels(workspace, found.result)
    if with_texts or not labels.container:
        record_opening(workspace, actor, project, found.result["documents_sha256"])
    if labels.container:
        return write_labels(labels, project, with_texts=with_texts)
    # what could not be read has no text to bring, and is listed as empty when it is read again
    whole = [replace(each, text=each.text or "") for each in labels.documents]
    return write_labels(replace(labels, documents=tuple(whole)), project, with_texts=True)


def _labels(workspace: Workspace, result: Mapping[str, Any]) -> Labels:
    return Labels(
        classes=tuple(result["classes"]),
        documents=_tagged(workspace, result["documents_sha256"]),
        kind=Kind(result["kind"]),
        language=result["language"],
        multilingual=result["multilingual"],
        description=result["description"],
        container=result["container"],
        settings=result["settings"],
    )


def _tagged(workspace: Workspace, sha256: str | None) -> tuple[Tagged, ...]:
    if sha256 is None:
        return ()
    table = workspace.artifacts.read(workspace.artifacts.reference(sha256))
    return tuple(tagged_of(row) for row in table.to_pylist())


def _rows(workspace: Workspace, found: Project, columns: list[str]) -> list[dict[str, Any]]:
    if found.documents_sha256 is None:
        return []
    reference = workspace.artifacts.reference(found.documents_sha256)
    return list(workspace.artifacts.read(reference, columns=columns).to_pylist())


def require_documents(found: Project) -> str:
    """Return the sha256 of a project's documents.

    Raises:
        NotReady: codes ``no-documents`` and ``not-tagged``.
    """
    if found.documents_sha256 is None or not found.documents:
        raise NotReady(
            "no-documents",
            f"The project {found.name} has no documents. Import a labels file first.",
        )
    if not found.tagged:
        raise NotReady(
            "not-tagged",
            f"None of the {found.documents:,} documents of {found.name} is tagged and readable. "
            "Tag them, at least one of each of two classes, and import them again.",
        )
    return found.documents_sha256
