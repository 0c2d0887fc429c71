"""Projects on the authoring route: made, changed, shown, listed, deleted.

What may be a project is the operations' to say.
"""

from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from cultivar.core.errors import InvalidInput
from cultivar.core.projects.jobs import JobKind
from cultivar.core.projects.names import kind_named
from cultivar.operations.projects import projects
from cultivar.operations.projects.projects import Definition
from cultivar.web.context import Context, CurrentUser
from cultivar.web.language.lookup import job_of
from cultivar.web.language.wire import (
    ACCEPTED,
    AUTHORING,
    KINDS,
    Body,
    JobId,
    JobState,
    Listing,
    Paging,
    Project,
    accepted,
    job_json,
    listing,
    moment,
    polled,
    router_of,
    without_none,
)

router = router_of(AUTHORING, "authoring")


class ProjectBody(Body):
    """What a client states of a project; what it leaves out stays as it is."""

    projectName: str | None = None
    projectKind: str | None = None
    storageInputContainerName: str | None = None
    language: str | None = None
    multilingual: bool | None = None
    description: str | None = None
    settings: dict[str, Any] | None = None


class ProjectResponse(Body):
    """A project."""

    projectName: str
    projectKind: str
    storageInputContainerName: str
    language: str
    multilingual: bool
    description: str
    settings: dict[str, Any]
    createdDateTime: str
    lastModifiedDateTime: str
    lastTrainedDateTime: str | None = None
    lastDeployedDateTime: str | None = None


@router.patch(
    "/{project}", response_model=ProjectResponse, responses={201: {"model": ProjectResponse}}
)
def put_project(
    context: Context, user: CurrentUser, project: Project, given: ProjectBody
) -> Response:
    """Create a project, or change one that exists."""
    if given.projectName not in (None, project):
        sentence = "The body names another project than the address."
        raise InvalidInput("wrong-project-name", sentence)
    stated = Definition(
        kind=kind_named(given.projectKind) if given.projectKind is not None else None,
        language=given.language,
        multilingual=given.multilingual,
        description=given.description,
        container=given.storageInputContainerName,
        settings=given.settings,
    )
    made, is_new = projects.put_project(context.workspace, user.actor, project, stated)
    return JSONResponse(project_json(made), 201 if is_new else 200)


@router.get("", response_model=Listing, response_model_exclude_none=True)
def list_projects(
    context: Context,
    user: CurrentUser,
    paging: Paging,
) -> dict[str, Any]:
    """List the projects by name."""
    found = projects.list_projects(context.workspace, user.actor)
    return listing(paging, [project_json(each) for each in found])


@router.get("/{project}", response_model=ProjectResponse, response_model_exclude_none=True)
def show_project(context: Context, user: CurrentUser, project: Project) -> dict[str, Any]:
    """Show a project."""
    return project_json(projects.project_named(context.workspace, user.actor, project))


@router.delete("/{project}", status_code=202, response_class=Response, responses=ACCEPTED)
def delete_project(
    request: Request, context: Context, user: CurrentUser, project: Project
) -> Response:
    """Delete a project with everything in it."""
    job = projects.delete_project(context.workspace, user.actor, project)
    return accepted(request, f"{AUTHORING}/global/deletion-jobs/{job.id}")


@router.get("/global/deletion-jobs/{job_id}", response_model=JobState)
def show_deletion(context: Context, user: CurrentUser, job_id: JobId) -> Response:
    """Show how a deletion stands."""
    return polled(job_json(job_of(context, user, None, job_id, JobKind.DELETE)))


def project_json(found: projects.Project) -> dict[str, Any]:
    """Return a project."""
    return without_none(
        {
            "projectName": found.name,
            "projectKind": KINDS[found.kind],
            "storageInputContainerName": found.container,
            "language": found.language,
            "multilingual": found.multilingual,
            "description": found.description,
            "settings": dict(found.settings),
            "createdDateTime": moment(found.created_at),
            "lastModifiedDateTime": moment(found.modified_at),
            "lastTrainedDateTime": moment(found.trained_at) if found.trained_at else None,
            "lastDeployedDateTime": moment(found.deployed_at) if found.deployed_at else None,
        }
    )
