"""Deployments on the authoring route: put, swapped, shown, listed, deleted.

Each is done while its caller waits; the job that it returns has ended already.
"""

from typing import Any

from fastapi import Request, Response

from cultivar.core.errors import NotFound
from cultivar.core.projects.jobs import JobKind
from cultivar.operations.projects import deployments
from cultivar.web.context import Context, CurrentUser
from cultivar.web.language.lookup import job_of
from cultivar.web.language.models import NEVER
from cultivar.web.language.wire import (
    ACCEPTED,
    AUTHORING,
    Body,
    JobId,
    JobState,
    Listing,
    Name,
    Paging,
    Project,
    accepted,
    job_json,
    listing,
    moment,
    polled,
    router_of,
)

router = router_of(AUTHORING, "authoring")


class DeploymentBody(Body):
    """Which model answers under the deployment's name."""

    trainedModelLabel: str
    assignedResourceIds: list[Any] | None = None


class SwapBody(Body):
    """Two deployments that exchange their models."""

    firstDeploymentName: str
    secondDeploymentName: str


class DeploymentResponse(Body):
    """A deployment."""

    deploymentName: str
    modelId: str
    lastTrainedDateTime: str
    lastDeployedDateTime: str
    deploymentExpirationDate: str
    modelTrainingConfigVersion: str
    assignedResources: list[dict[str, Any]]


@router.put(
    "/{project}/deployments/{name}",
    status_code=202,
    response_class=Response,
    responses=ACCEPTED,
)
def deploy(
    *,
    request: Request,
    context: Context,
    user: CurrentUser,
    project: Project,
    name: Name,
    given: DeploymentBody,
) -> Response:
    """Let a model answer under a name, in place of what answered there."""
    label = given.trainedModelLabel
    job = deployments.deploy(context.workspace, user.actor, project, name, label)
    return accepted(request, f"{AUTHORING}/{project}/deployments/{name}/jobs/{job.id}")


@router.post(
    "/{project}/deployments/:swap", status_code=202, response_class=Response, responses=ACCEPTED
)
def swap(
    request: Request, context: Context, user: CurrentUser, project: Project, given: SwapBody
) -> Response:
    """Exchange what two deployments answer with."""
    names = given.firstDeploymentName, given.secondDeploymentName
    job = deployments.swap_deployments(context.workspace, user.actor, project, *names)
    return accepted(request, f"{AUTHORING}/{project}/deployments/swap/jobs/{job.id}")


@router.delete(
    "/{project}/deployments/{name}",
    status_code=202,
    response_class=Response,
    responses=ACCEPTED,
)
def delete_deployment(
    request: Request, context: Context, user: CurrentUser, project: Project, name: Name
) -> Response:
    """Take a deployment away."""
    job = deployments.delete_deployment(context.workspace, user.actor, project, name)
    return accepted(request, f"{AUTHORING}/{project}/deployments/{name}/jobs/{job.id}")


@router.get("/{project}/deployments", response_model=Listing, response_model_exclude_none=True)
def list_deployments(
    context: Context,
    user: CurrentUser,
    project: Project,
    paging: Paging,
) -> dict[str, Any]:
    """List the project's deployments by name."""
    found = deployments.list_deployments(context.workspace, user.actor, project)
    return listing(paging, [deployment_json(each) for each in found])


@router.get("/{project}/deployments/{name}", response_model=DeploymentResponse)
def show_deployment(
    context: Context, user: CurrentUser, project: Project, name: Name
) -> dict[str, Any]:
    """Show a deployment."""
    found = deployments.deployment_named(context.workspace, user.actor, project, name)
    return deployment_json(found)


@router.get("/{project}/deployments/swap/jobs/{job_id}", response_model=JobState)
def show_swap(context: Context, user: CurrentUser, project: Project, job_id: JobId) -> Response:
    """Show how an exchange stands."""
    return polled(job_json(job_of(context, user, project, job_id, JobKind.SWAP)))


@router.get("/{project}/deployments/{name}/jobs/{job_id}", response_model=JobState)
def show_deploying(
    context: Context, user: CurrentUser, project: Project, name: Name, job_id: JobId
) -> Response:
    """Show how a deployment's job stands, or that of its deletion."""
    found = job_of(context, user, project, job_id, JobKind.DEPLOY, JobKind.DELETE_DEPLOYMENT)
    if found.parameters["deployment"] != name:
        raise NotFound("unknown-job", f"There is no job {job_id[:60]!r} of {name[:60]!r}.")
    return polled(job_json(found))


def deployment_json(found: deployments.Deployment) -> dict[str, Any]:
    """Return a deployment."""
    return {
        "deploymentName": found.name,
        "modelId": found.model_id,
        "lastTrainedDateTime": moment(found.trained_at),
        "lastDeployedDateTime": moment(found.deployed_at),
        "deploymentExpirationDate": NEVER,
        "modelTrainingConfigVersion": found.config_version,
        "assignedResources": [],
    }
