"""A project's job as a script reads it."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cultivar.operations.projects.jobs import Job


def as_json(job: "Job") -> dict[str, Any]:
    """Return what a script reads of a job."""
    return {
        "id": job.id,
        "kind": job.kind,
        "status": job.status,
        "percent": job.percent,
        "phases": dict(job.phases),
        "warnings": list(job.warnings),
        "errors": list(job.errors),
        "created_at": job.created_at,
        "ended_at": job.ended_at,
    }
