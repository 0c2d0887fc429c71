"""The preview generation of the authoring route: projects, training and publishing.

Its words differ from the newer one's; what happens is the same.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import Request, Response
from pydantic import Field

from cultivar.core.errors import InvalidInput
from cultivar.core.projects.jobs import EVALUATION, TRAINING, JobKind, Status, counters
from cultivar.core.projects.labels import read_labels
from cultivar.core.projects.names import Kind, kind_named
from cultivar.operations.projects import deployments, projects
from cultivar.operations.projects.jobs import Job
from cultivar.operations.projects.labels_files import labels_file
from cultivar.operations.projects.projects import Definition
from cultivar.web.context import Context, CurrentUser
from cultivar.web.language.assets import begin_import_of
from cultivar.web.language.lookup import job_of
from cultivar.web.language.training import Wanted, begin_training
from cultivar.web.language.wire import (
    ACCEPTED,
    Body,
    JobId,
    Listing,
    Project,
    accepted,
    moment,
    moment_of,
    polled,
    router_of,
)

PREVIEW = "/language/text/authoring/v1.0-preview.2/projects"
TYPES = {Kind.SINGLE: "SingleClassification", Kind.MULTI: "MultiClassification"}
STATUSES = {
    Status.NOT_STARTED: "notStarted",
    Status.RUNNING: "inProgress",
    Status.SUCCEEDED: "completed",
    Status.FAILED: "failed",
    Status.CANCELLING: "cancelling",
    Status.CANCELLED: "cancelled",
}
router = router_of(PREVIEW, "preview", versioned=False)


class PreviewProjectBody(Body):
    """A project to be made."""

    name: str
    modelType: str
    multiLingual: bool | None = None
    description: str | None = None
    culture: str | None = None
    storageInputContainerName: str | None = None
    labelsLocation: str | None = None


class TaskBody(Body):
    """A model to be trained or published."""

    trainingModelName: str = Field(min_length=1)


class TasksBody(Body):
    """What a training or publishing request holds: one model."""

    tasks: list[TaskBody] = Field(min_length=1)


@router.post("", status_code=201)
def create_project(
    context: Context, user: CurrentUser, given: PreviewProjectBody
) -> dict[str, Any]:
    """Create a project; with ``labelsLocation``, also bring in the documents that the file tags."""
    stated = Definition(
        kind=kind_named(given.modelType),
        language=given.culture,
        multilingual=given.multiLingual,
        description=given.description,
        container=given.storageInputContainerName,
    )
    file = _labels(context, user, given)
    labels = None if file is None else read_labels(file, stated.kind)  # before anything is made
    made, _ = projects.put_project(context.workspace, user.actor, given.name, stated)
    if labels is not None:
        begin_import_of(context, user, given.name, replace(labels, container=None))
    return project_json(made)


def _labels(context: Context, user: CurrentUser, given: PreviewProjectBody) -> bytes | None:
    """Return the labels file, from a container that can be read; None where none is named."""
    container, path = given.storageInputContainerName, given.labelsLocation
    if container:
        return labels_file(context.workspace, user.actor, container, path or None)
    if path:
        sentence = "labelsLocation is a path in storageInputContainerName, which is missing."
        raise InvalidInput("unknown-container", sentence)
    return None


@router.get("", response_model=Listing, response_model_exclude_none=True)
def list_projects(context: Context, user: CurrentUser) -> dict[str, Any]:
    """List the projects by name."""
    found = projects.list_projects(context.workspace, user.actor)
    return {"value": [project_json(each) for each in found]}


@router.get("/{project}")
def show_project(context: Context, user: CurrentUser, project: Project) -> dict[str, Any]:
    """Show a project."""
    return project_json(projects.project_named(context.workspace, user.actor, project))


@router.delete("/{project}", status_code=202, response_class=Response, responses=ACCEPTED)
def delete_project(
    request: Request, context: Context, user: CurrentUser, project: Project
) -> Response:
    """Delete a project with everything in it."""
    job = projects.delete_project(context.workspace, user.actor, project)
    return accepted(request, f"{PREVIEW}/global/deletion-jobs/{job.id}")


@router.get("/global/deletion-jobs/{job_id}")
def show_deletion(context: Context, user: CurrentUser, job_id: JobId) -> dict[str, Any]:
    """Show how a deletion stands."""
    return job_json(job_of(context, user, None, job_id, JobKind.DELETE))


@router.post("/{project}/train", status_code=202, response_class=Response, responses=ACCEPTED)
def train(
    request: Request, context: Context, user: CurrentUser, project: Project, given: TasksBody
) -> Response:
    """Train a model; one of the same name is overwritten once the new one is there."""
    job = begin_training(context, user, project, Wanted(_single(given)))
    return accepted(request, f"{PREVIEW}/{project}/train/jobs/{job.id}")


@router.get("/{project}/train/jobs/{job_id}")
def show_training(context: Context, user: CurrentUser, project: Project, job_id: JobId) -> Response:
    """Show how a training stands."""
    return polled(training_json(job_of(context, user, project, job_id, JobKind.TRAIN)))


@router.post("/{project}/publish", status_code=202, response_class=Response, responses=ACCEPTED)
def publish(
    request: Request, context: Context, user: CurrentUser, project: Project, given: TasksBody
) -> Response:
    """Let a model answer to predictions by its id."""
    label = _single(given)
    job = deployments.deploy(context.workspace, user.actor, project, label, label)
    return accepted(request, f"{PREVIEW}/{project}/publish/jobs/{job.id}")


@router.get("/{project}/publish/jobs/{job_id}")
def show_publishing(
    context: Context, user: CurrentUser, project: Project, job_id: JobId
) -> Response:
    """Show how a publishing stands, and the id by which the model answers."""
    found = job_of(context, user, project, job_id, JobKind.DEPLOY)
    return polled(publishing_json(found))


def _single(given: TasksBody) -> str:
    if len(given.tasks) > 1:
        raise InvalidInput(
            "several-models",
            f"A project trains or publishes one model at a time; found {len(given.tasks)} tasks.",
        )
    return given.tasks[0].trainingModelName


def project_json(found: projects.Project) -> dict[str, Any]:
    """Return a project."""
    return {
        "name": found.name,
        "modelType": TYPES[found.kind],
        "multiLingual": found.multilingual,
        "description": found.description,
        "culture": found.language,
        "storageInputContainerName": found.container,
        "createdDateTime": moment(found.created_at),
        "lastModifiedDateTime": moment(found.modified_at),
        "lastTrainedDateTime": moment(found.trained_at) if found.trained_at else None,
        "lastPublishedDateTime": moment(found.deployed_at) if found.deployed_at else None,
    }


def job_json(job: Job) -> dict[str, Any]:
    """Return what every job's reply holds in this generation."""
    return {
        "jobId": job.id,
        "createdDateTime": moment(job.created_at),
        "lastUpdatedDateTime": moment(job.updated_at),
        "expirationDateTime": moment(job.expires_at),
        "status": STATUSES[job.status],
        "errors": [error_json(each) for each in job.errors],
    }


def tasks_json(job: Job, task: Mapping[str, Any]) -> dict[str, Any]:
    """Return a job of one task with its counters."""
    found = counters([job.status])
    return {
        "tasks": [dict(task)],
        "inProgress": found["in_progress"],
        "completed": found["completed"],
        "failed": found["failed"],
        "total": found["total"],
        **job_json(job),
    }


def training_json(job: Job) -> dict[str, Any]:
    """Return a training's job."""
    training, evaluation = job.phases[TRAINING], job.phases[EVALUATION]
    task = {
        "trainingModelName": job.parameters["model"],
        "evaluationStatus": _phase_json(job, evaluation),
        **_phase_json(job, training),
    }
    return tasks_json(job, task)


def publishing_json(job: Job) -> dict[str, Any]:
    """Return a publishing's job."""
    task = {
        "trainingModelName": job.parameters["model"],
        "modelId": (job.result or {}).get("model_id"),
        "status": STATUSES[job.status],
        "lastUpdatedDateTime": moment(job.updated_at),
        "error": None,
    }
    return tasks_json(job, task)


def _phase_json(job: Job, phase: Mapping[str, Any]) -> dict[str, Any]:
    at = phase["ended_at"] or phase["started_at"]
    error = phase["error"]
    return {
        "status": STATUSES[Status(phase["status"])],
        "lastUpdatedDateTime": moment_of(at) if at else moment(job.created_at),
        "error": error_json(error) if error else None,
    }


def error_json(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return an error: code and message."""
    return {"code": found["code"], "message": found["sentence"]}
