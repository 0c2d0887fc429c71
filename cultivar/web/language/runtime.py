"""Predictions on the runtime route: a job that has ended by the time that its address is given.

It keeps classes and scores for as long as jobs are kept, and no text.
"""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from cultivar.core.projects.names import Kind
from cultivar.operations.projects.jobs import Job
from cultivar.web.context import Context, CurrentUser
from cultivar.web.idempotency import read_only
from cultivar.web.language.lookup import prediction_of
from cultivar.web.language.predictions import (
    InputBody,
    Place,
    checked,
    classes_json,
    document_statistics_json,
    errors_json,
    predicted,
    statistics_json,
    warnings_json,
)
from cultivar.web.language.wire import (
    ACCEPTED,
    MULTI,
    SINGLE,
    Body,
    JobId,
    accepted,
    accepted_prediction,
    moment,
    router_of,
    without_none,
)

RUNTIME = "/language/analyze-text/jobs"
TASKS_AT_MOST = 10
_KINDS = {SINGLE: Kind.SINGLE, MULTI: Kind.MULTI}
router = router_of(RUNTIME, "runtime")
ShowStats = Annotated[bool, Query(alias="showStats")]


class ParametersBody(Body):
    """Where the model of a task answers."""

    projectName: str = Field(min_length=1, max_length=100)
    deploymentName: str = Field(min_length=1, max_length=100)


class TaskBody(Body):
    """A classification of all documents by one deployment."""

    kind: Literal["CustomSingleLabelClassification", "CustomMultiLabelClassification"]
    taskName: str | None = Field(default=None, max_length=200)
    parameters: ParametersBody


class JobBody(Body):
    """Documents, and what is to be said of them."""

    displayName: str | None = Field(default=None, max_length=500)
    analysisInput: InputBody
    tasks: list[TaskBody] = Field(min_length=1, max_length=TASKS_AT_MOST)


class RuntimeJob(Body):
    """A prediction job with its results."""

    jobId: str
    createdDateTime: str
    lastUpdatedDateTime: str
    expirationDateTime: str
    status: str
    errors: list[dict[str, Any]]
    displayName: str | None = None
    tasks: dict[str, Any]


@router.post("", status_code=202, response_class=Response, responses=ACCEPTED)
@read_only
def analyze(request: Request, context: Context, user: CurrentUser, given: JobBody) -> Response:
    """Classify documents by one or several deployments."""
    documents = checked(given.analysisInput)
    tasks = [
        {
            "kind": task.kind,
            "name": task.taskName if task.taskName is not None else str(number),
            "project": task.parameters.projectName,
            "deployment": task.parameters.deploymentName,
            **predicted(context, user, _place(task), documents),
        }
        for number, task in enumerate(given.tasks)
    ]
    job = context.predictions.add(
        user.person,
        given.tasks[0].parameters.projectName,
        {"name": given.displayName},
        {"tasks": tasks},
    )
    return accepted_prediction(request, f"{RUNTIME}/{job.id}")


def _place(task: TaskBody) -> Place:
    stated = task.parameters
    return Place(stated.projectName, stated.deploymentName, _KINDS[task.kind])


@router.get("/{job_id}", response_model=RuntimeJob)
def show_job(
    context: Context, user: CurrentUser, job_id: JobId, stats: ShowStats = False
) -> Response:
    """Show a prediction job with its results."""
    job = prediction_of(context, user, job_id)
    return JSONResponse(_job_json(job, stats))


@router.post("/{job_id}:cancel", status_code=202, response_class=Response, responses=ACCEPTED)
@read_only
def cancel(request: Request, context: Context, user: CurrentUser, job_id: JobId) -> Response:
    """Cancel a prediction: it has ended already, so its results stay."""
    prediction_of(context, user, job_id)
    return accepted(request, f"{RUNTIME}/{job_id}")


def _job_json(job: Job, stats: bool) -> dict[str, Any]:
    tasks = (job.result or {})["tasks"]
    return without_none(
        {
            "jobId": job.id,
            "createdDateTime": moment(job.created_at),
            "lastUpdatedDateTime": moment(job.updated_at),
            "expirationDateTime": moment(job.expires_at),
            "status": "succeeded",
            "errors": [],
            "displayName": job.parameters.get("name"),
            "tasks": {
                "completed": len(tasks),
                "failed": 0,
                "inProgress": 0,
                "total": len(tasks),
                "items": [_task_json(job, task, stats) for task in tasks],
            },
        }
    )


def _document_json(found: dict[str, Any], stats: bool) -> dict[str, Any]:
    said = {"id": found["id"], "class": classes_json(found), "warnings": warnings_json(found)}
    return said | ({"statistics": document_statistics_json(found)} if stats else {})


def _task_json(job: Job, task: dict[str, Any], stats: bool) -> dict[str, Any]:
    results = {
        "documents": [_document_json(each, stats) for each in task["documents"]],
        "errors": errors_json(task),
        "projectName": task["project"],
        "deploymentName": task["deployment"],
    }
    if stats:
        results["statistics"] = statistics_json(task)
    return {
        "kind": f"{task['kind']}LROResults",
        "taskName": task["name"],
        "lastUpdateDateTime": moment(job.updated_at),
        "status": "succeeded",
        "results": results,
    }
