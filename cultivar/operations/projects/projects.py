"""Projects: made, changed, shown, listed and deleted.

It opens no document and trains nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeGuard

from sqlalchemy import delete, func, select

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import InvalidInput, NotReady
from cultivar.core.projects.jobs import JobKind
from cultivar.core.projects.limits import PROJECTS_AT_MOST
from cultivar.core.projects.names import Kind, checked_name, is_whole
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.projects.dead_jobs import settle
from cultivar.operations.projects.jobs import Job, finished, require_free
from cultivar.operations.projects.rows import project_row, subject_of
from cultivar.operations.transactions import Transaction, snapshot, transaction
from cultivar.store.tables import ProjectDeploymentRow, ProjectJobRow, ProjectModelRow, ProjectRow
from cultivar.store.workspace import Workspace

_LONGEST_DESCRIPTION = 2_000
_LONGEST_LANGUAGE = 20
_LONGEST_CONTAINER = 200
_LONGEST_SETTINGS = 10_000
DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Project:
    """A project as the registry has it. ``documents`` and ``tagged`` count documents."""

    name: str
    kind: Kind
    language: str
    multilingual: bool
    description: str
    container: str
    settings: Mapping[str, Any]
    classes: tuple[str, ...]
    documents_sha256: str | None
    documents: int
    tagged: int
    owner: str
    created_at: datetime
    modified_at: datetime
    trained_at: datetime | None
    deployed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Definition:
    """What a caller states of a project; None leaves what is there, or the default."""

    kind: Kind | None = None
    language: str | None = None
    multilingual: bool | None = None
    description: str | None = None
    container: str | None = None
    settings: Mapping[str, Any] | None = field(default=None)


def put_project(
    workspace: Workspace, actor: AnyActor, name: str, stated: Definition
) -> tuple[Project, bool]:
    """Create a project, or change one that exists; return it and whether it is new.

    Raises:
        InvalidInput: codes ``bad-name``, ``unknown-project-kind`` (none stated for a new one),
            ``kind-is-fixed``, ``too-many-projects``, ``too-long``, ``bad-settings``,
            ``half-character``.
        Conflict: code ``project-busy``.
    """
    checked_name("project", name)
    settle(workspace)
    with transaction(workspace, actor, Action.WORK_ON_PROJECTS) as tx:
        row, is_new = put(tx, name, stated)
        tx.session.flush()
        return shown(row), is_new


def put(tx: Transaction, name: str, stated: Definition) -> tuple[ProjectRow, bool]:
    """Create or change a project inside a transaction; see ``put_project``."""
    check_definition(stated)
    row = tx.session.get(ProjectRow, name)
    is_new = row is None
    if row is None:
        row = _added(tx, name, stated)
    else:
        require_free(tx.session, name)
        _require_same_kind(row, stated)
    for column in ("language", "multilingual", "description", "container"):
        value = getattr(stated, column)
        if value is not None:
            setattr(row, column, value)
    if stated.settings is not None:
        row.settings = dict(stated.settings)
    row.modified_at = tx.at
    action = AuditAction.PROJECT_CREATED if is_new else AuditAction.PROJECT_CHANGED
    tx.audit(action, subject_of(name))
    return row, is_new


def _added(tx: Transaction, name: str, stated: Definition) -> ProjectRow:
    if stated.kind is None:
        raise InvalidInput(
            "unknown-project-kind",
            "A new project needs a kind: single-label (CustomSingleLabelClassification) or "
            "multi-label (CustomMultiLabelClassification).",
        )
    count = tx.session.scalar(select(func.count()).select_from(ProjectRow)) or 0
    if count >= PROJECTS_AT_MOST:
        raise InvalidInput(
            "too-many-projects",
            f"There are {count} projects, and at most {PROJECTS_AT_MOST} are kept. Delete one.",
        )
    row = ProjectRow(
        name=name, kind=str(stated.kind), language=DEFAULT_LANGUAGE, multilingual=False,
        description="", container="", settings={}, classes=[], documents=0, tagged=0,
        owner=tx.actor, created_at=tx.at, modified_at=tx.at,
    )  # fmt: skip
    tx.session.add(row)
    return row


def _require_same_kind(row: ProjectRow, stated: Definition) -> None:
    if stated.kind is not None and row.kind != stated.kind:
        raise InvalidInput(
            "kind-is-fixed",
            f"The project {row.name} is {row.kind} and stays so. Create another one for "
            f"{stated.kind} documents.",
        )


def check_definition(stated: Definition) -> None:
    """Do nothing where a project may be what is stated of it, whatever project it is.

    Raises:
        InvalidInput: codes ``too-long``, ``half-character``, ``bad-settings``.
    """
    _check_settings(stated.settings or {})
    bounds = {
        "language": _LONGEST_LANGUAGE,
        "description": _LONGEST_DESCRIPTION,
        "container": _LONGEST_CONTAINER,
    }
    for what, most in bounds.items():
        value = getattr(stated, what) or ""
        if len(value) > most:
            sentence = f"A project's {what} has at most {most:,} characters; found {len(value):,}."
            raise InvalidInput("too-long", sentence)
        if not is_whole(value):
            sentence = f"A project's {what} holds an unpaired surrogate, or is not UTF-8."
            raise InvalidInput("half-character", sentence)


def _check_settings(settings: Mapping[str, Any]) -> None:
    try:
        length = len(json.dumps(settings, allow_nan=False, ensure_ascii=False).encode())
    except (ValueError, TypeError, RecursionError):
        raise InvalidInput(
            "bad-settings",
            "A project's settings are plain JSON, with finite numbers and whole characters.",
        ) from None
    if length > _LONGEST_SETTINGS:
        raise InvalidInput(
            "too-long",
            f"A project's settings have at most {_LONGEST_SETTINGS:,} bytes; found {length:,}.",
        )
    threshold = settings.get("confidenceThreshold")
    if threshold is not None and not is_threshold(threshold):
        raise InvalidInput("bad-settings", "confidenceThreshold is a number from 0 to 1.")


def is_threshold(value: object) -> TypeGuard[float]:
    """Whether a value may be a project's ``confidenceThreshold``."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return 0.0 <= value <= 1.0


def project_named(workspace: Workspace, actor: AnyActor, name: str) -> Project:
    """Return a project.

    Raises:
        NotFound: code ``unknown-project``; names are case-sensitive.
    """
    with snapshot(workspace, actor, Action.READ_PROJECTS) as tx:
        return shown(project_row(tx.session, name))


def list_projects(workspace: Workspace, actor: AnyActor) -> list[Project]:
    """Return all projects by name."""
    with snapshot(workspace, actor, Action.READ_PROJECTS) as tx:
        rows = tx.session.scalars(select(ProjectRow).order_by(ProjectRow.name))
        return [shown(row) for row in rows]


def delete_project(workspace: Workspace, actor: AnyActor, name: str) -> Job:
    """Delete a project with its models, deployments and jobs; return the job that says so.

    What it deployed answers no longer. The job is found by ``job(..., project=None)`` afterwards.

    Raises:
        NotFound: code ``unknown-project``.
        Conflict: code ``project-busy``.
    """
    settle(workspace)
    with transaction(workspace, actor, Action.WORK_ON_PROJECTS) as tx:
        row = project_row(tx.session, name)
        require_free(tx.session, name)
        for table in (ProjectDeploymentRow, ProjectModelRow, ProjectJobRow):
            tx.session.execute(delete(table).where(table.project == name))
        tx.session.delete(row)
        tx.session.flush()
        tx.audit(AuditAction.PROJECT_DELETED, subject_of(name))
        return finished(tx, name, JobKind.DELETE)


def delete_documents(workspace: Workspace, actor: AnyActor, name: str) -> Project:
    """Delete a project's documents; its models and deployments stay and answer as they did.

    Raises:
        NotFound: code ``unknown-project``.
        NotReady: code ``no-documents``.
        Conflict: code ``project-busy``.
    """
    settle(workspace)
    with transaction(workspace, actor, Action.WORK_ON_PROJECTS) as tx:
        row = project_row(tx.session, name)
        require_free(tx.session, name)
        if row.documents_sha256 is None:
            raise NotReady("no-documents", f"The project {name} has no documents.")
        tx.audit(AuditAction.DOCUMENTS_DELETED, subject_of(name), documents=row.documents)
        row.documents_sha256, row.documents, row.tagged, row.classes = None, 0, 0, []
        row.modified_at = tx.at
        tx.session.flush()
        return shown(row)


def shown(row: ProjectRow) -> Project:
    """Return what a row says, usable after the session."""
    return Project(
        name=row.name,
        kind=Kind(row.kind),
        language=row.language,
        multilingual=row.multilingual,
        description=row.description,
        container=row.container,
        settings=dict(row.settings),
        classes=tuple(row.classes),
        documents_sha256=row.documents_sha256,
        documents=row.documents,
        tagged=row.tagged,
        owner=row.owner,
        created_at=row.created_at,
        modified_at=row.modified_at,
        trained_at=row.trained_at,
        deployed_at=row.deployed_at,
    )
