"""Training on the authoring route: begun, polled, listed, cancelled.

The work is a flow's; the registry's job says how far it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from cultivar.core.projects.jobs import EVALUATION, TRAINING, JobKind, Status
from cultivar.core.projects.splitting import EvaluationOptions
from cultivar.operations.projects import jobs
from cultivar.operations.projects.jobs import Job
from cultivar.operations.projects.training import submit_training
from cultivar.web.context import Context, CurrentUser
from cultivar.web.language.lookup import job_of, require_working
from cultivar.web.language.wire import (
    ACCEPTED,
    AUTHORING,
    STATUSES,
    Body,
    JobId,
    JobState,
    Listing,
    Paging,
    Project,
    accepted,
    job_json,
    listing,
    moment_of,
    polled,
    router_of,
    without_none,
)

router = router_of(AUTHORING, "authoring")


class OptionsBody(Body):
    """How documents are split for the evaluation."""

    kind: str = "percentage"
    trainingSplitPercentage: int | None = None
    testingSplitPercentage: int | None = None


class TrainingBody(Body):
    """Which model to train, and how it is evaluated."""

    modelLabel: str
    trainingConfigVersion: str = "latest"
    evaluationOptions: OptionsBody | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The model that a training is to make."""

    label: str
    config: str = "latest"
    options: EvaluationOptions | None = None


@router.post("/{project}/:train", status_code=202, response_class=Response, responses=ACCEPTED)
def train(
    request: Request, context: Context, user: CurrentUser, project: Project, given: TrainingBody
) -> Response:
    """Train a model; one of the same label is overwritten once the new one is there."""
    options = _options(given.evaluationOptions)
    model = Wanted(given.modelLabel, given.trainingConfigVersion, options)
    job = begin_training(context, user, project, model)
    return accepted(request, f"{AUTHORING}/{project}/train/jobs/{job.id}")


def begin_training(context: Context, user: CurrentUser, project: str, wanted: Wanted) -> Job:
    """Open a training job and start its flow; where that cannot start, the job is cancelled."""
    job = submit_training(
        context.workspace,
        user.actor,
        project,
        wanted.label,
        config_version=wanted.config,
        options=wanted.options,
        in_this_process=context.run.is_here,
    )
    return context.started(job, "project_training", user)


def _options(given: OptionsBody | None) -> EvaluationOptions | None:
    if given is None:
        return None
    train, test = given.trainingSplitPercentage, given.testingSplitPercentage
    if train is None and test is None:
        return EvaluationOptions(kind=given.kind)
    train = 100 - (test or 0) if train is None else train
    test = 100 - train if test is None else test
    return EvaluationOptions(kind=given.kind, training=train, testing=test)


@router.get("/{project}/train/jobs", response_model=Listing, response_model_exclude_none=True)
def list_trainings(
    context: Context,
    user: CurrentUser,
    project: Project,
    paging: Paging,
) -> dict[str, Any]:
    """List the project's trainings, newest first."""
    found = jobs.list_jobs(context.workspace, user.actor, project, JobKind.TRAIN)
    return listing(paging, [training_json(each) for each in found])


@router.get("/{project}/train/jobs/{job_id}", response_model=JobState)
def show_training(context: Context, user: CurrentUser, project: Project, job_id: JobId) -> Response:
    """Show how a training stands."""
    return polled(training_json(job_of(context, user, project, job_id, JobKind.TRAIN)))


@router.post(
    "/{project}/train/jobs/{job_id}/:cancel",
    status_code=202,
    response_class=Response,
    responses=ACCEPTED,
)
def cancel_training(
    request: Request, context: Context, user: CurrentUser, project: Project, job_id: JobId
) -> Response:
    """Cancel a training; one that has ended stays as it is."""
    require_working(context, user)
    job_of(context, user, project, job_id, JobKind.TRAIN)
    jobs.cancel_job(context.workspace, user.actor, project, job_id)
    return accepted(request, f"{AUTHORING}/{project}/train/jobs/{job_id}")


def training_json(job: Job) -> dict[str, Any]:
    """Return a training's job with both of its phases."""
    result = {
        "modelLabel": job.parameters["model"],
        "trainingConfigVersion": job.parameters["config_version"],
        "trainingStatus": _phase_json(job, job.phases[TRAINING]),
        "evaluationStatus": _phase_json(job, job.phases[EVALUATION]),
    }
    return job_json(job) | {"result": result}


def _phase_json(job: Job, phase: Mapping[str, Any]) -> dict[str, Any]:
    ended = phase["ended_at"]
    return without_none(
        {
            "percentComplete": phase["percent"],
            "startDateTime": moment_of(phase["started_at"] or job.created_at.isoformat()),
            "endDateTime": moment_of(ended) if ended else None,
            "status": STATUSES[Status(phase["status"])],
        }
    )
