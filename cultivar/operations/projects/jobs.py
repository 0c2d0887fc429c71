"""Jobs of projects: opened, looked at, cancelled, worked on, and never left running for ever.

Whoever reads or opens a job first settles those whose worker is gone. What a job does is decided
by the module that opens it.
"""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cultivar.core.errors import Conflict, CultivarError, NotFound, StoreUnavailable
from cultivar.core.projects.jobs import EXCLUSIVE, PHASES, JobKind, Status
from cultivar.core.projects.limits import BEGINS_WITHIN, JOBS_LAST
from cultivar.core.roles import Action
from cultivar.operations.deeds import Deed, doing, viewing
from cultivar.operations.projects.rows import project_row, subject_of
from cultivar.operations.runs import Run, claim, has_died, is_gone, own_holder
from cultivar.store.tables import ProjectJobRow
from cultivar.store.workspace import Workspace

SECONDS_BETWEEN_SIGNS = 0.5


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


class Cancelled(Conflict):
    """Somebody cancelled the job while it was worked on."""


def opened(
    deed: Deed, project: str, kind: JobKind, parameters: Mapping[str, Any], *, here: bool
) -> Job:
    """Open a job inside a deed; ``here``: it ends with this process if that begins it no more.

    Raises:
        Conflict: code ``project-busy``; an exclusive job of the project is open.
    """
    if kind in EXCLUSIVE:
        require_free(deed.session, project)
    row = _row(deed, project, kind, parameters)
    row.holds = project if kind in EXCLUSIVE else None
    row.waits_for = own_holder() if here else None
    if kind is JobKind.TRAIN:
        row.phases = {phase: _phase(Status.NOT_STARTED) for phase in PHASES}
    deed.session.add(row)
    try:
        deed.session.flush()
    except IntegrityError as error:
        raise _busy(project, None) from error
    return shown(row)


def finished(
    deed: Deed,
    project: str,
    kind: JobKind,
    parameters: Mapping[str, Any] | None = None,
    result: Mapping[str, Any] | None = None,
) -> Job:
    """Record a job that is done already, as its whole work was one transaction."""
    row = _row(deed, project, kind, parameters or {})
    row.status, row.percent = Status.SUCCEEDED, 100
    row.started_at = row.ended_at = deed.at
    row.result = dict(result) if result is not None else None
    deed.session.add(row)
    return shown(row)


def record_finished(
    workspace: Workspace,
    actor: str,
    project: str,
    kind: JobKind,
    *,
    parameters: Mapping[str, Any],
    result: Mapping[str, Any],
) -> Job:
    """Record work that was done while its caller waited, such as a prediction."""
    with doing(workspace, actor, Action.READ_PROJECTS) as deed:
        return finished(deed, project, kind, parameters, result)


def _row(deed: Deed, project: str, kind: JobKind, parameters: Mapping[str, Any]) -> ProjectJobRow:
    return ProjectJobRow(
        id=str(uuid4()), project=project, kind=str(kind), status=str(Status.NOT_STARTED),
        percent=0, parameters=dict(parameters), phases={}, warnings=[], errors=[],
        created_by=deed.actor, created_at=deed.at, updated_at=deed.at,
        expires_at=deed.at + JOBS_LAST,
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


def job(workspace: Workspace, actor: str, project: str | None, job_id: str) -> Job:
    """Return a job; ``project`` None looks in all of them.

    Raises:
        NotFound: code ``unknown-job``; there is none, it is another project's, or it expired.
    """
    settle(workspace)
    with viewing(workspace, actor, Action.READ_PROJECTS) as deed:
        return shown(_found(deed.session, project, job_id))


def list_jobs(
    workspace: Workspace, actor: str, project: str, kind: JobKind | None = None
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
    with viewing(workspace, actor, Action.READ_PROJECTS) as deed:
        project_row(deed.session, project)
        return [shown(row) for row in deed.session.scalars(query.order_by(*order))]


def cancel_job(workspace: Workspace, actor: str, project: str, job_id: str) -> Job:
    """Cancel a job: at once where nobody works on it, else as soon as its worker notices.

    A job that ended already is returned as it is.

    Raises:
        NotFound: code ``unknown-job``.
    """
    settle(workspace)
    with doing(workspace, actor, Action.WORK_ON_PROJECTS) as deed:
        row = _found(deed.session, project, job_id)
        if row.ended_at is None:
            if row.status == Status.NOT_STARTED:
                _end(row, Status.CANCELLED, deed.at)
            else:
                row.status, row.updated_at = Status.CANCELLING, deed.at
            deed.record("job cancelled", subject_of(project), job=job_id)
        return shown(row)


def _found(session: Session, project: str | None, job_id: str) -> ProjectJobRow:
    row = session.get(ProjectJobRow, job_id)
    if row is None or (project is not None and row.project != project):
        raise NotFound(
            "unknown-job",
            f"There is no job {job_id[:60]!r}{f' of {project}' if project else ''}; jobs are kept "
            f"for {JOBS_LAST.days} days.",
            {"job": job_id[:60]},
        )
    return row


def settle(workspace: Workspace) -> int:
    """Fail the jobs whose worker is gone or never came, drop the expired; return how many failed.

    Costs one query where nothing is open.
    """
    at = workspace.clock()
    unsettled = select(ProjectJobRow).where(
        ProjectJobRow.ended_at.is_(None) | (ProjectJobRow.expires_at < at)
    )
    with workspace.registry.reading() as session:
        wanted = [row.id for row in session.scalars(unsettled) if _verdict(session, row, at)]
    if not wanted:
        return 0
    failed = 0
    with workspace.registry.transaction() as session:
        for row in session.scalars(select(ProjectJobRow).where(ProjectJobRow.id.in_(wanted))):
            failed += _settled(session, row, at)
    return failed


def _settled(session: Session, row: ProjectJobRow, at: datetime) -> bool:
    verdict = _verdict(session, row, at)
    if verdict == _EXPIRED:
        session.execute(delete(ProjectJobRow).where(ProjectJobRow.id == row.id))
        return False
    if verdict is None:
        return False
    if row.status == Status.CANCELLING:
        _end(row, Status.CANCELLED, at)
    else:
        _end(row, Status.FAILED, at, {"code": verdict, "sentence": _REASONS[verdict]})
    return True


_EXPIRED = "expired"
_REASONS = {
    "worker-ended": "The process that worked on this job ended without a word. Nothing of it was "
    "kept; start it again.",
    "server-ended": "The process that was to begin this job ended first. Start it again.",
    "never-began": "No worker took this job up. Check that one runs (`cultivar up`) and start it "
    "again.",
}


def _verdict(session: Session, row: ProjectJobRow, at: datetime) -> str | None:
    """Return why a job cannot go on, or None where it may."""
    if row.ended_at is not None:
        return _EXPIRED if row.expires_at < at else None
    if row.run_id is not None:
        return "worker-ended" if has_died(session, row.run_id, at) else None
    if row.waits_for is not None and is_gone(row.waits_for):
        return "server-ended"
    return "never-began" if row.created_at + BEGINS_WITHIN < at else None


@dataclass(slots=True)
class Work:
    """A job that this process works on."""

    workspace: Workspace = field(repr=False)
    job: Job
    run: Run = field(repr=False)
    _told: float = field(default=-math.inf, repr=False)

    def advance(self, percent: int, **phases: Status) -> None:
        """Record how far the job is, and the phases that changed.

        Raises:
            Cancelled: code ``job-cancelled``; somebody cancelled it, or it was given up.
        """
        with self.workspace.registry.transaction() as session:
            row = require_going(session, self.job.id)
            at = self.workspace.clock()
            row.percent, row.updated_at = percent, at
            row.phases = {
                name: _moved(phase, phases[name], at) if name in phases else phase
                for name, phase in row.phases.items()
            }

    def progress(self, done: int, total: int | None = None) -> None:
        """Say that the work goes on, at most twice a second; see ``advance`` for what it raises."""
        if time.monotonic() - self._told < SECONDS_BETWEEN_SIGNS:
            return
        self._told = time.monotonic()
        self.run.progress(done, total)
        with self.workspace.registry.reading() as session:
            require_going(session, self.job.id)


def require_going(session: Session, job_id: str) -> ProjectJobRow:
    """Return the row of a job that may still end well.

    Raises:
        Cancelled: code ``job-cancelled``.
    """
    row = session.get(ProjectJobRow, job_id)
    if row is None or row.ended_at is not None or row.status == Status.CANCELLING:
        raise Cancelled("job-cancelled", "The job was cancelled, so nothing of it is kept.")
    return row


@contextmanager
def working_on(workspace: Workspace, job_id: str, flow_run_id: str | None = None) -> Iterator[Work]:
    """Work on a job until the block ends; a failure is the job's, with its reason.

    The block itself ends the job well, by ``succeed`` in the transaction that keeps its work.

    Raises:
        NotFound: code ``unknown-job``.
        Cancelled: code ``job-cancelled``; it ended before anybody began.
        Conflict: code ``already-running``; another process works on it.
    """
    with workspace.registry.reading() as session:
        found = shown(_found(session, None, job_id))
    with claim(workspace, found.kind, subject_of(found.project), flow_run_id) as run:
        try:
            with workspace.registry.transaction() as session:
                row = require_going(session, job_id)
                row.run_id, row.status = run.id, Status.RUNNING
                row.started_at = row.updated_at = workspace.clock()
            yield Work(workspace, found, run)
        except BaseException as error:
            with suppress(StoreUnavailable):  # then the settling finds that the run has ended
                _fail(workspace, job_id, error)
            raise


def _fail(workspace: Workspace, job_id: str, error: BaseException) -> None:
    with workspace.registry.transaction() as session:
        row = session.get(ProjectJobRow, job_id)
        if row is None or row.ended_at is not None:
            return
        if row.status == Status.CANCELLING:
            _end(row, Status.CANCELLED, workspace.clock())
        else:
            _end(row, Status.FAILED, workspace.clock(), _told(error))


def _told(error: BaseException) -> dict[str, Any]:
    if isinstance(error, CultivarError):
        return {"code": error.code, "sentence": error.sentence}
    # What an unforeseen exception says may hold anything, so only its type is kept.
    sentence = f"A defect of Cultivar ended the job: {type(error).__name__}."
    return {"code": "defect", "sentence": sentence}


def succeed(
    row: ProjectJobRow,
    at: datetime,
    result: Mapping[str, Any],
    warnings: list[dict[str, Any]],
    *,
    evaluated: bool = True,
) -> None:
    """End a job well, in the transaction that keeps what it made.

    Without evaluation that phase ends as failed, with the reason.
    """
    row.result, row.warnings = dict(result), warnings
    _end(row, Status.SUCCEEDED, at)
    if row.phases and not evaluated:
        error = {
            "code": "too-few-documents",
            "sentence": "Fewer than 10 tagged documents: all of them trained, none evaluates.",
        }
        phase = _moved(row.phases["evaluation"], Status.FAILED, at) | {"error": error}
        row.phases = {**row.phases, "evaluation": phase}


def _end(
    row: ProjectJobRow, status: Status, at: datetime, error: dict[str, Any] | None = None
) -> None:
    row.status, row.ended_at, row.updated_at = status, at, at
    row.errors = [*row.errors, error] if error else row.errors
    if status is Status.SUCCEEDED:
        row.percent = 100
    row.phases = {name: _ended(phase, status, at, error) for name, phase in row.phases.items()}


def _ended(
    phase: Mapping[str, Any], status: Status, at: datetime, error: dict[str, Any] | None
) -> dict[str, Any]:
    if Status(phase["status"]).is_final:
        return dict(phase)
    return _moved(phase, status, at) | {"error": error}


def _phase(status: Status) -> dict[str, Any]:
    return {
        "status": str(status), "percent": 0, "started_at": None, "ended_at": None, "error": None
    }  # fmt: skip


def _moved(phase: Mapping[str, Any], status: Status, at: datetime) -> dict[str, Any]:
    moment = at.isoformat()
    return {
        **phase,
        "status": str(status),
        "percent": 100 if status is Status.SUCCEEDED else phase["percent"],
        "started_at": phase["started_at"] or moment,
        "ended_at": moment if status.is_final else None,
    }


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
