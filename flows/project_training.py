"""Train a model of a project: the job that somebody asked for, from its documents to an evaluation.

One training of a project at a time; whatever happens, the job ends with a status and a reason.
"""

from collections.abc import Mapping
from typing import Any

from prefect.runtime import flow_run

from cultivar.core.projects.evaluation_tables import (
    ClassMeasures,
    class_measures,
    confusions,
)
from cultivar.core.projects.jobs import EVALUATION, TRAINING, Status
from cultivar.core.reference import ArtifactReference
from cultivar.operations.projects.dead_jobs import give_up
from cultivar.operations.projects.job_claim import Work, working_on
from cultivar.operations.projects.judging import Outcome
from cultivar.operations.projects.training import documents_of
from cultivar.operations.tenant.accounts import actor_id
from cultivar.store.workspace import open_workspace
from flows.base.stage import project_tag, stage, tag_run
from tasks import Progress, Told, plots, reporting, say
from tasks.checking import Asked, check
from tasks.projects import (
    divide_documents,
    evaluated,
    judge_model,
    keep_model,
    learn_classes,
)


def _give_up(parameters: Mapping[str, Any]) -> None:
    with open_workspace() as workspace:
        give_up(workspace, str(parameters["job_id"]))


@stage("project training: {job_id}", on_crash=_give_up)
def project_training(job_id: str) -> Told[str]:
    """Train, evaluate, keep the model, and return the id of the job.

    Args:
        job_id: The job that ``submit_training`` opened.
    """
    with (
        open_workspace() as workspace,
        working_on(workspace, job_id, str(flow_run.id or "") or None) as work,
        reporting.progress("project training", work.job.project, work.run.progress) as advance,
    ):
        project, model = work.job.project, work.job.parameters["model"]
        tag_run(project_tag(project), name=f"project training: {project}, {model}")
        asked = f"asked for by {actor_id(workspace, work.job.created_by)}; job {job_id}"
        say(f"training of model {model} of {project} begins, {asked}")
        outcome = _trained(work, advance)
        _show(work, outcome)
        keep_model(work, outcome)
        return Told(job_id, f"Model {model} of {project} is trained; {evaluated(outcome)}.")


def _trained(work: Work, advance: Progress) -> Outcome:
    workspace, job = work.workspace, work.job
    work.advance(1, **{TRAINING: Status.RUNNING})
    _check(work, "project_documents", documents_of(workspace, job), kind=job.parameters["kind"])
    divided = divide_documents(workspace, job)
    _check(work, "project_split", divided.split)
    work.advance(10)
    advance(1, 4)
    model = learn_classes(work, divided)
    work.advance(80, **{TRAINING: Status.SUCCEEDED, EVALUATION: Status.RUNNING})
    advance(3, 4)
    outcome = judge_model(workspace, job, divided, model)
    if outcome.validation is not None:
        _check(work, "project_validation", outcome.validation)
    return outcome


def _check(work: Work, gate: str, artifact: ArtifactReference, **facts: object) -> None:
    check(work.workspace, gate, artifact, work.job.project, asked=Asked(facts))


def _show(work: Work, outcome: Outcome) -> None:
    if outcome.evaluation is None:
        return
    found, name = outcome.evaluation.as_dict(), work.job.project
    reporting.show_table("classes", name, [_row(each) for each in class_measures(found)])
    if found["confusion"] is not None:
        title = f"Confusion matrix: {name}, {work.job.parameters['model']}"
        plot = plots.confusion_matrix(found["confusion"], title)
        pairs = "\n".join(f"- `{pair.replace('`', '')}`" for pair in confusions(found["confusion"]))
        reporting.show_page("confusion", name, f"{plot}\n\n{pairs or 'No class is confused.'}")


def _row(found: ClassMeasures) -> dict[str, object]:
    measures = {each: f"{getattr(found, each):.3f}" for each in ("precision", "recall", "f1")}
    return {"class": found.name, **measures, "tested": "" if found.is_average else found.tested}
