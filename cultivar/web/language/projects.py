"""Projects on the authoring route: made, changed, shown, listed, deleted.

What may be a project is the operations' to say.
"""

from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from cultivar.core.projects.jobs import JobKind
from cultivar.core.projects.names import kind_named
from cultivar.operations.projects import projects
from cultivar.operations.projects.projects import Definition
from cultivar.web.context import Calling, Here
from cultivar.web.language.lookup import job_of
from cultivar.web.language.wire import (
    ACCEPTED,
    AUTHORING,
    KINDS,
    Given,
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
from cultivar.web.problems import refusal

router = router_of(AUTHORING, "authoring")


class ProjectGiven(Given):
    """What a client states of a project; what it leaves out stays as it is."""

    projectName: str | None = None
    projectKind: str | None = None
    storageInputContainerName: str | None = None
    language: str | None = None
    multilingual: bool | None = None
    description: str | None = None
    settings: dict[str, Any] | None = None


class ProjectShown(Given):
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


@router.patch("/{project}", response_model=ProjectShown, responses={201: {"model": ProjectShown}})
def put_project(
    request: Request, here: Here, calling: Calling, project: Project, given: ProjectGiven
) -> Response:
    """Create a project, or change one that exists."""
    if given.projectName not in (None, project):
        sentence = "The body names another project than the address."
        return refusal(request.url.path, 400, "wrong-project-name", sentence)
    stated = Definition(
        kind=kind_named(given.projectKind) if given.projectKind is not None else None,
        language=given.language,
        multilingual=given.multilingual,
        description=given.description,
        container=given.storageInputContainerName,
        settings=given.settings,
    )
    made, is_new = projects.put_project(here.workspace, calling.person, project, stated)
    return JSONResponse(project_json(made), 201 if is_new else 200)


@router.get("", response_model=Listing, response_model_exclude_none=True)
def list_projects(
    here: Here,
    calling: Calling,
    paging: Paging,
) -> dict[str, Any]:
    """List the projects by name."""
    found = projects.list_projects(here.workspace, calling.person)
    return listing(paging, [project_json(each) for each in found])


@router.get("/{project}", response_model=ProjectShown, response_model_exclude_none=True)
def show_project(here: Here, calling: Calling, project: Project) -> dict[str, Any]:
    """Show a project."""
    return project_json(projects.project_named(here.workspace, calling.person, project))


@router.delete("/{project}", status_code=202, response_class=Response, responses=ACCEPTED)
def delete_project(request: Request, here: Here, calling: Calling, project: Project) -> Response:
    """Delete a project with everything in it."""
    job = projects.delete_project(here.workspace, calling.person, project)
    return accepted(request, f"{AUTHORING}/global/deletion-jobs/{job.id}")


@router.get("/global/deletion-jobs/{job_id}", response_model=JobState)
def show_deletion(here: Here, calling: Calling, job_id: JobId) -> Response:
    """Show how a deletion stands."""
    return polled(job_json(job_of(here, calling, None, job_id, JobKind.DELETE)))


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
