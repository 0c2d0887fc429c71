"""Jobs whose worker is gone or never came are failed, with the reason; expired ones are dropped.

Whoever reads or opens a job settles first, so no job runs without end.
"""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from cultivar.core.projects.jobs import Status
from cultivar.core.projects.limits import BEGINS_WITHIN
from cultivar.operations.projects.job_rows import end
from cultivar.operations.runs import process_ended, run_ended
from cultivar.store.tables import ProjectJobRow
from cultivar.store.workspace import Workspace


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


def give_up(workspace: Workspace, job_id: str) -> None:
    """Fail a job whose run ended before it began the job; one that began is left to ``settle``."""
    with workspace.registry.transaction() as session:
        row = session.get(ProjectJobRow, job_id)
        if row is not None and row.ended_at is None and row.run_id is None:
            _close(row, "worker-ended", workspace.clock())


def _settled(session: Session, row: ProjectJobRow, at: datetime) -> bool:
    verdict = _verdict(session, row, at)
    if verdict == _EXPIRED:
        session.execute(delete(ProjectJobRow).where(ProjectJobRow.id == row.id))
        return False
    if verdict is None:
        return False
    _close(row, verdict, at)
    return True


def _close(row: ProjectJobRow, reason: str, at: datetime) -> None:
    if row.status == Status.CANCELLING:
        end(row, Status.CANCELLED, at)
    else:
        end(row, Status.FAILED, at, {"code": reason, "sentence": _REASONS[reason]})


_EXPIRED = "expired"
_REASONS = {
    "worker-ended": "The process that worked on this job ended silently. Nothing of it was "
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
        return "worker-ended" if run_ended(session, row.run_id, at) else None
    if row.waits_for is not None and process_ended(row.waits_for):
        return "server-ended"
    return "never-began" if row.created_at + BEGINS_WITHIN < at else None
