"""Import and export of a project's documents on the authoring route.

A file is checked while its sender waits; its documents are read by a flow.
"""

from typing import Annotated, Any

from fastapi import Query, Request, Response

from cultivar.core.errors import InvalidInput
from cultivar.core.projects.jobs import JobKind
from cultivar.core.projects.labels import Labels
from cultivar.operations.projects import documents, importing
from cultivar.operations.projects.jobs import Job
from cultivar.web.context import Context, CurrentUser
from cultivar.web.language.lookup import job_of, require_working
from cultivar.web.language.wire import (
    ACCEPTED,
    AUTHORING,
    JobId,
    JobState,
    Project,
    accepted,
    job_json,
    polled,
    router_of,
)
from cultivar.web.load import Work

router = router_of(AUTHORING, "authoring")
_FILE = {
    "requestBody": {
        "required": True,
        "description": "A labels file: metadata, and assets with classes and documents.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


@router.post(
    "/{project}/:import",
    status_code=202,
    response_class=Response,
    responses=ACCEPTED,
    openapi_extra=_FILE,
)
async def import_project(
    request: Request, context: Context, user: CurrentUser, project: Project
) -> Response:
    """Bring in documents with tags; a project that does not exist is made."""
    body = await request.body()
    job = await context.load.run(Work.WRITING, begin_import, context, user, project, body)
    return accepted(request, f"{AUTHORING}/{project}/import/jobs/{job.id}")


def begin_import(context: Context, user: CurrentUser, project: str, body: bytes) -> Job:
    """Check a labels file and have its documents read."""
    job = importing.submit_import(
        context.workspace, user.actor, project, body, in_this_process=context.run.is_here
    )
    return context.started(job, "project_import", user)


def begin_import_of(context: Context, user: CurrentUser, project: str, labels: Labels) -> Job:
    """Have the documents of labels that were checked already read."""
    job = importing.submit_labels(
        context.workspace, user.actor, project, labels, in_this_process=context.run.is_here
    )
    return context.started(job, "project_import", user)


@router.get("/{project}/import/jobs/{job_id}", response_model=JobState)
def show_import(context: Context, user: CurrentUser, project: Project, job_id: JobId) -> Response:
    """Show how an import stands."""
    return polled(job_json(job_of(context, user, project, job_id, JobKind.IMPORT)))


@router.post("/{project}/:export", status_code=202, response_class=Response, responses=ACCEPTED)
def export_project(
    request: Request,
    context: Context,
    user: CurrentUser,
    project: Project,
    snapshot: Annotated[str | None, Query(alias="trainedModelLabel")] = None,
) -> Response:
    """Fix what the project holds at this moment, to be fetched as a file."""
    if snapshot is not None:
        raise InvalidInput(
            "no-snapshot",
            "Models keep no snapshot of the documents that they were trained on. Leave "
            "trainedModelLabel out to export what the project holds at this moment.",
        )
    job = documents.submit_export(context.workspace, user.actor, project)
    return accepted(request, f"{AUTHORING}/{project}/export/jobs/{job.id}")


@router.get("/{project}/export/jobs/{job_id}", response_model=JobState)
def show_export(
    request: Request, context: Context, user: CurrentUser, project: Project, job_id: JobId
) -> Response:
    """Show how an export stands, and where its file is."""
    found = job_of(context, user, project, job_id, JobKind.EXPORT)
    base = str(request.base_url).rstrip("/")
    address = f"{base}{AUTHORING}/{project}/export/jobs/{job_id}/result?{request.url.query}"
    return polled(job_json(found) | {"resultUrl": address})


@router.get("/{project}/export/jobs/{job_id}/result")
def show_exported(
    context: Context, user: CurrentUser, project: Project, job_id: JobId
) -> dict[str, Any]:
    """Return the exported labels file, which can be imported again."""
    found = job_of(context, user, project, job_id, JobKind.EXPORT)
    # without a container the file is all that there is of the documents
    texts = not (found.result or {}).get("container")
    if texts:
        require_working(context, user)
    return documents.exported(context.workspace, user.actor, project, job_id, with_texts=texts)
