"""Jobs of projects: opened, looked at and cancelled.

Whoever reads or opens a job first settles those whose worker is gone. What a job does is decided
by the module that opens it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict, NotFound
from cultivar.core.projects.jobs import EXCLUSIVE, PHASES, JobKind, Status
from cultivar.core.projects.limits import JOBS_LAST
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.projects.dead_jobs import settle
from cultivar.operations.projects.job_rows import end, phase_of
from cultivar.operations.projects.rows import project_row, subject_of
from cultivar.operations.runs import process_mark
from cultivar.operations.transactions import Transaction, snapshot, transaction
from cultivar.store.tables import ProjectJobRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Job:
    """A job as the registry has it.

    ``phases`` maps ``training`` and ``evaluation`` (of a train job) to ``status``, ``percent``,
    ``started_at``, ``ended_at`` (ISO 8601 or None) and ``error``. Warnings and errors are
    mappings with ``code`` and ``sentence``.
    """

    id: str
    project: str
    kind: JobKind
    status: Status
    percent: int
    parameters: Mapping[str, Any]
    phases: Mapping[str, Mapping[str, Any]]
    warnings: tuple[Mapping[str, Any], ...]
    errors: tuple[Mapping[str, Any], ...]
    result: Mapping[str, Any] | None
    created_by: str
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


def opened(
    tx: Transaction,
    project: str,
    kind: JobKind,
    parameters: Mapping[str, Any],
    *,
    in_this_process: bool,
) -> Job:
    """Open a job inside a transaction.

    ``in_this_process``: it ends with this process if that begins it no more.

    Raises:
        Conflict: code ``project-busy``; an exclusive job of the project is open.
    """
    if kind in EXCLUSIVE:
        require_free(tx.session, project)
    row = _row(tx, project, kind, parameters)
    row.holds = project if kind in EXCLUSIVE else None
    row.waits_for = process_mark() if in_this_process else None
    if kind is JobKind.TRAIN:
        row.phases = {phase: phase_of(Status.NOT_STARTED) for phase in PHASES}
    tx.session.add(row)
    try:
        tx.session.flush()
    except IntegrityError as error:
        raise _busy(project, None) from error
    return shown(row)


def finished(
    tx: Transaction,
    project: str,
    kind: JobKind,
    parameters: Mapping[str, Any] | None = None,
    result: Mapping[str, Any] | None = None,
) -> Job:
    """Record a job that is done already, as its whole work was one transaction."""
    row = _row(tx, project, kind, parameters or {})
    row.status, row.percent = Status.SUCCEEDED, 100
    row.started_at = row.ended_at = tx.at
    row.result = dict(result) if result is not None else None
    tx.session.add(row)
    return shown(row)


def _row(
    tx: Transaction, project: str, kind: JobKind, parameters: Mapping[str, Any]
) -> ProjectJobRow:
    return ProjectJobRow(
        id=str(uuid4()), project=project, kind=str(kind), status=str(Status.NOT_STARTED),
        percent=0, parameters=dict(parameters), phases={}, warnings=[], errors=[],
        created_by=tx.actor, created_at=tx.at, updated_at=tx.at,
        expires_at=tx.at + JOBS_LAST,
    )  # fmt: skip


def require_free(session: Session, project: str) -> None:
    """Do nothing when no exclusive job of the project is open.

    Raises:
        Conflict: code ``project-busy``.
    """
    query = select(ProjectJobRow).where(
        ProjectJobRow.holds == project, ProjectJobRow.ended_at.is_(None)
    )
    row = session.scalars(query).first()
    if row is not None:
        raise _busy(project, row)


def _busy(project: str, row: ProjectJobRow | None) -> Conflict:
    kinds = {JobKind.TRAIN: "training", JobKind.IMPORT: "import", JobKind.DELETE: "deletion"}
    doing_what = kinds.get(JobKind(row.kind), "job") if row else "job"
    since = f" since {row.created_at:%Y-%m-%d %H:%M:%S} UTC" if row else ""
    return Conflict(
        "project-busy",
        f"A {doing_what} of the project {project} is at work{since}, and one at a time is done. "
        "Wait for it to end, or cancel it.",
        {"project": project, "job": row.id if row else None},
    )


def job(workspace: Workspace, actor: AnyActor, project: str | None, job_id: str) -> Job:
    """Return a job; ``project`` None looks in all of them.

    Raises:
        NotFound: code ``unknown-job``; there is none, it is another project's, or it expired.
    """
    settle(workspace)
    with snapshot(workspace, actor, Action.READ_PROJECTS) as tx:
        return shown(found_job(tx.session, project, job_id))


def list_jobs(
    workspace: Workspace, actor: AnyActor, project: str, kind: JobKind | None = None
) -> list[Job]:
    """Return a project's jobs, newest first.

    Raises:
        NotFound: code ``unknown-project``.
    """
    settle(workspace)
    query = select(ProjectJobRow).where(ProjectJobRow.project == project)
    if kind is not None:
        query = query.where(ProjectJobRow.kind == str(kind))
    order = ProjectJobRow.created_at.desc(), ProjectJobRow.id
    with snapshot(workspace, actor, Action.READ_PROJECTS) as tx:
        project_row(tx.session, project)
        return [shown(row) for row in tx.session.scalars(query.order_by(*order))]


def cancel_job(workspace: Workspace, actor: AnyActor, project: str, job_id: str) -> Job:
    """Cancel a job: at once where nobody works on it, else as soon as its worker notices.

    A job that ended already is returned as it is.

    Raises:
        NotFound: code ``unknown-job``.
    """
    settle(workspace)
    with transaction(workspace, actor, Action.WORK_ON_PROJECTS) as tx:
        row = found_job(tx.session, project, job_id)
        if row.ended_at is None:
            if row.status == Status.NOT_STARTED:
                end(row, Status.CANCELLED, tx.at)
            else:
                row.status, row.updated_at = Status.CANCELLING, tx.at
            tx.audit(AuditAction.JOB_CANCELLED, subject_of(project), job=job_id)
        return shown(row)


def found_job(session: Session, project: str | None, job_id: str) -> ProjectJobRow:
    """Return the row of a job; see ``job``."""
    row = session.get(ProjectJobRow, job_id)
    if row is None or (project is not None and row.project != project):
        raise NotFound(
            "unknown-job",
            f"There is no job {job_id[:60]!r}{f' of {project}' if project else ''}; jobs are kept "
            f"for {JOBS_LAST.days} days.",
            {"job": job_id[:60]},
        )
    return row


def shown(row: ProjectJobRow) -> Job:
    """Return what a row says, usable after the session."""
    return Job(
        id=row.id,
        project=row.project,
        kind=JobKind(row.kind),
        status=Status(row.status),
        percent=row.percent,
        parameters=dict(row.parameters),
        phases=dict(row.phases),
        warnings=tuple(row.warnings),
        errors=tuple(row.errors),
        result=row.result,
        created_by=row.created_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
        expires_at=row.expires_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
