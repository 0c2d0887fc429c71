"""Work on a job: claimed, kept alive, told how far it is, and ended in one transaction, or not.

What the work is, is decided by the module that does it.
"""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cultivar.core.errors import Conflict, CultivarError, StoreUnavailable
from cultivar.core.projects.jobs import Status
from cultivar.operations.projects.job_rows import end, moved
from cultivar.operations.projects.jobs import Job, found_job, shown
from cultivar.operations.projects.rows import subject_of
from cultivar.operations.runs import Run, claim
from cultivar.store.tables import ProjectJobRow
from cultivar.store.workspace import Workspace

SECONDS_BETWEEN_SIGNS = 0.5


class Cancelled(Conflict):
    """Somebody cancelled the job while it was worked on."""


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
                name: moved(phase, phases[name], at) if name in phases else phase
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
        found = shown(found_job(session, None, job_id))
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
            end(row, Status.CANCELLED, workspace.clock())
        else:
            end(row, Status.FAILED, workspace.clock(), _told(error))


def _told(error: BaseException) -> dict[str, Any]:
    if isinstance(error, CultivarError):
        return {"code": error.code, "sentence": error.sentence}
    if not isinstance(error, Exception):  # Ctrl-C, or an end that somebody asked for
        sentence = "The process that worked on this job was stopped. Start it again."
        return {"code": "interrupted", "sentence": sentence}
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
    end(row, Status.SUCCEEDED, at)
    if row.phases and not evaluated:
        error = {
            "code": "too-few-documents",
            "sentence": "No document is left to evaluate by: fewer than 10 tagged documents have a "
            "text of their own, or the evaluation is manual and none is marked as test.",
        }
        phase = moved(row.phases["evaluation"], Status.FAILED, at) | {"error": error}
        row.phases = {**row.phases, "evaluation": phase}
