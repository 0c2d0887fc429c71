"""The preview generation's predictions: by the id of a published model.

It keeps classes and scores for as long as jobs are kept, and no text.
"""

from typing import Any

from fastapi import Request, Response
from pydantic import Field

from cultivar.core.errors import InvalidInput, NotFound
from cultivar.core.projects.names import Kind
from cultivar.operations.projects.deployments import deployment_of_model
from cultivar.operations.projects.jobs import Job
from cultivar.web.context import Context, CurrentUser
from cultivar.web.idempotency import read_only
from cultivar.web.language.lookup import prediction_of
from cultivar.web.language.predictions import (
    DocumentBody,
    InputBody,
    Place,
    checked,
    classes_json,
    errors_json,
    predicted,
    warnings_json,
)
from cultivar.web.language.runtime import TASKS_AT_MOST
from cultivar.web.language.wire import ACCEPTED, Body, JobId, accepted_prediction, moment, router_of

ANALYZE = "/text/analytics/v3.1-preview.ct.1/analyze"
router = router_of(ANALYZE, "preview", versioned=False)


class ParametersBody(Body):
    """The published model of a task."""

    modelId: str = Field(min_length=1, max_length=100)


class TaskBody(Body):
    """A classification of all documents by one published model."""

    parameters: ParametersBody


class TasksBody(Body):
    """The tasks of a request, by kind."""

    customClassificationTasks: list[TaskBody] = Field(default=[], max_length=TASKS_AT_MOST)
    customMultiClassificationTasks: list[TaskBody] = Field(default=[], max_length=TASKS_AT_MOST)


class AnalyzeBody(Body):
    """Documents, and what is to be said of them."""

    displayName: str | None = Field(default=None, max_length=500)
    analysisInput: InputBody
    tasks: TasksBody


@router.post("", status_code=202, response_class=Response, responses=ACCEPTED)
@read_only
def analyze(request: Request, context: Context, user: CurrentUser, given: AnalyzeBody) -> Response:
    """Classify documents by published models."""
    documents = checked(given.analysisInput)
    asked = [
        *((Kind.SINGLE, task) for task in given.tasks.customClassificationTasks),
        *((Kind.MULTI, task) for task in given.tasks.customMultiClassificationTasks),
    ]
    if not asked:
        raise InvalidInput("no-tasks", "The request names no task.")
    tasks = [_done(context, user, kind, task, documents) for kind, task in asked]
    job = context.predictions.add(
        user.actor, tasks[0]["project"], {"name": given.displayName}, {"tasks": tasks}
    )
    return accepted_prediction(request, f"{ANALYZE}/jobs/{job.id}")


def _done(
    context: Context, user: CurrentUser, kind: Kind, task: TaskBody, documents: list[DocumentBody]
) -> dict[str, Any]:
    model_id = task.parameters.modelId
    found = deployment_of_model(context.workspace, user.actor, model_id)
    if found is None:
        raise NotFound(
            "unknown-model", f"No published model has the id {model_id!r}. Publish it first."
        )
    place = Place(found.project, found.name, kind)
    named = {"kind": str(kind), "project": found.project, "model_id": model_id}
    return named | predicted(context, user, place, documents)


@router.get("/jobs/{job_id}")
def show_job(context: Context, user: CurrentUser, job_id: JobId) -> dict[str, Any]:
    """Show a prediction job with its results."""
    return _job_json(prediction_of(context, user, job_id))


def _job_json(job: Job) -> dict[str, Any]:
    tasks = [task for task in (job.result or {})["tasks"] if "model_id" in task]
    return {
        "jobId": job.id,
        "createdDateTime": moment(job.created_at),
        "lastUpdateDateTime": moment(job.updated_at),
        "expirationDateTime": moment(job.expires_at),
        "status": "completed",
        "errors": [],
        "displayName": job.parameters.get("name"),
        "tasks": {
            "completed": len(tasks),
            "failed": 0,
            "inProgress": 0,
            "total": len(tasks),
            "customClassificationTasks": _of_kind(job, tasks, Kind.SINGLE),
            "customMultiClassificationTasks": _of_kind(job, tasks, Kind.MULTI),
        },
    }


def _of_kind(job: Job, tasks: list[dict[str, Any]], kind: Kind) -> list[dict[str, Any]]:
    return [
        {
            "lastUpdateDateTime": moment(job.updated_at),
            "status": "completed",
            "results": {
                "documents": [
                    {
                        "id": each["id"],
                        **_named(kind, classes_json(each)),
                        "warnings": warnings_json(each),
                    }
                    for each in task["documents"]
                ],
                "errors": errors_json(task),
                "modelId": task["model_id"],
            },
        }
        for task in tasks
        if task["kind"] == kind
    ]


def _named(kind: Kind, classes: list[dict[str, Any]]) -> dict[str, Any]:
    if kind is Kind.SINGLE:
        return {"classification": next(iter(classes), None)}
    return {"classifications": classes}
