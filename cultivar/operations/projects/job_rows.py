"""What becomes of a job's row and its phases when it moves on or ends.

It opens no session and decides no outcome.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cultivar.core.projects.jobs import Status
from cultivar.store.tables import ProjectJobRow


def end(
    row: ProjectJobRow, status: Status, at: datetime, error: dict[str, Any] | None = None
) -> None:
    """End a job, and every phase of it that has not ended, with the reason if there is one."""
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
    return moved(phase, status, at) | {"error": error}


def phase_of(status: Status) -> dict[str, Any]:
    """Return a phase that has a status and no history."""
    return {
        "status": str(status), "percent": 0, "started_at": None, "ended_at": None, "error": None
    }  # fmt: skip


def moved(phase: Mapping[str, Any], status: Status, at: datetime) -> dict[str, Any]:
    """Return a phase as it is once it has another status."""
    moment = at.isoformat()
    return {
        **phase,
        "status": str(status),
        "percent": 100 if status is Status.SUCCEEDED else phase["percent"],
        "started_at": phase["started_at"] or moment,
        "ended_at": moment if status.is_final else None,
    }
