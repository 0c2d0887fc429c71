"""Jobs looked up for a route: the right kind of the right project, or none.

It reads; what a job is, is the operations'.
"""

from cultivar.core.errors import NotFound
from cultivar.core.projects.jobs import JobKind
from cultivar.core.roles import Action
from cultivar.operations.projects.jobs import Job, job
from cultivar.operations.transactions import snapshot
from cultivar.web.context import Context, CurrentUser


def job_of(
    context: Context, user: CurrentUser, project: str | None, job_id: str, *kinds: JobKind
) -> Job:
    """Return a project's job of one of the kinds.

    Raises:
        NotFound: code ``unknown-job``; also where the job is of another kind.
    """
    return _of_kinds(job(context.workspace, user.actor, project, job_id), *kinds)


def prediction_of(context: Context, user: CurrentUser, job_id: str) -> Job:
    """Return a prediction's job.

    Raises:
        NotFound: code ``unknown-job``; also where the job is of another kind.
    """
    return _of_kinds(context.predictions.named(user.actor, job_id), JobKind.PREDICT)


def _of_kinds(found: Job, *kinds: JobKind) -> Job:
    if found.kind not in kinds:
        raise NotFound("unknown-job", f"There is no {kinds[0]} job {found.id!r}.")
    return found


def require_working(context: Context, user: CurrentUser) -> None:
    """Do nothing when the caller may work on projects; who may not learns nothing else.

    Raises:
        NotPermitted: code ``wrong-role``.
    """
    with snapshot(context.workspace, user.actor, Action.WORK_ON_PROJECTS):
        return
