"""A trained model judged and kept: validation documents listed, the test set summed up.

The test set's texts are scored here once, and no row of it is kept.
"""

from dataclasses import dataclass
from uuid import uuid4

import pyarrow as pa

from cultivar.core.audit_actions import AuditAction
from cultivar.core.projects.evaluation import Evaluation, evaluate, marks_of
from cultivar.core.projects.guidance import Advice, after_training
from cultivar.core.projects.model import ProjectModel
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action
from cultivar.core.schemas import PROJECT_VALIDATION
from cultivar.operations.projects.job_claim import Work, require_going, succeed
from cultivar.operations.projects.jobs import Job
from cultivar.operations.projects.rows import project_row, subject_of
from cultivar.operations.projects.training import (
    Material,
    SplitDocuments,
    documents_of,
    material_of,
)
from cultivar.operations.transactions import transaction
from cultivar.store.models import read_project_model
from cultivar.store.origin import Producer
from cultivar.store.tables import ProjectModelRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True)
class Outcome:
    """What a training made. ``validation`` and ``evaluation`` are None where nothing was held."""

    model: ArtifactReference
    split: ArtifactReference
    validation: ArtifactReference | None
    evaluation: Evaluation | None
    advice: tuple[Advice, ...]


def judge(
    workspace: Workspace, job: Job, divided: SplitDocuments, model: ArtifactReference
) -> Outcome:
    """Write what the model says of the validation documents, and sum the test set up."""
    trained = read_project_model(workspace.artifacts, model)
    material = material_of(workspace, job, divided)
    parts = material.parts
    validation = None
    if len(parts.validation):
        validation = workspace.artifacts.write(
            PROJECT_VALIDATION.name,
            _validation(material, trained),
            producer=Producer.PROJECT_TRAINING,
            inputs={"model": model, "documents": documents_of(workspace, job)},
        )
    found = _evaluation(material, trained) if len(parts.test) else None
    tags = material.table.column("classes").to_pylist()
    advice = (*divided.advice, *after_training(tags, parts, found))
    return Outcome(model, divided.split, validation, found, advice)


def _evaluation(material: Material, trained: ProjectModel) -> Evaluation:
    test = material.documents(material.parts.test)
    given = trained.decide(trained.score(test.texts))
    return evaluate(trained.classes, marks_of(trained.classes, test.tags), given, trained.single)


def _validation(material: Material, trained: ProjectModel) -> pa.Table:
    chosen = material.table.take(pa.array(material.parts.validation))
    given = trained.classify(chosen.column("text"))
    rows = [
        {
            "document": row["document"],
            "language": row["language"],
            "tagged": row["classes"],
            "predicted": [name for name, _ in classes],
            "scores": [score for _, score in classes],
            "right": int(set(row["classes"]) == {name for name, _ in classes}),
        }
        for row, classes in zip(
            chosen.select(["document", "language", "classes"]).to_pylist(), given, strict=True
        )
    ]
    return pa.Table.from_pylist(rows, schema=PROJECT_VALIDATION.arrow)


def keep(work: Work, outcome: Outcome) -> Job:
    """Make the model the one of its label, and end the job, in one transaction.

    Raises:
        Cancelled: the job was cancelled, or given up, meanwhile; nothing is kept.
    """
    job = work.job
    with transaction(work.workspace, job.created_by, Action.WORK_ON_PROJECTS) as tx:
        row = require_going(tx.session, job.id)
        project = project_row(tx.session, job.project)
        key = (job.project, str(job.parameters["model"]))
        model = tx.session.get(ProjectModelRow, key)
        if model is None:
            model = ProjectModelRow(project=key[0], label=key[1])
            tx.session.add(model)
        _fill(model, job, outcome)
        model.trained_by, model.trained_at = tx.actor, tx.at
        model.seconds = (tx.at - (row.started_at or tx.at)).total_seconds()
        project.trained_at = tx.at
        result = {"model": model.label, "model_id": model.model_id}
        evaluated = outcome.evaluation is not None
        succeed(row, tx.at, result, list(model.warnings), evaluated=evaluated)
        tx.audit(AuditAction.MODEL_TRAINED, subject_of(job.project), model=model.label)
        tx.session.flush()
    return job


def _fill(model: ProjectModelRow, job: Job, outcome: Outcome) -> None:
    model.model_id = str(uuid4())
    model.model_sha256 = outcome.model.sha256
    model.documents_sha256 = str(job.parameters["documents_sha256"])
    model.split_sha256 = outcome.split.sha256
    model.validation_sha256 = outcome.validation.sha256 if outcome.validation else None
    model.config_version = str(job.parameters["config_version"])
    model.evaluation_options = dict(job.parameters["options"])
    model.evaluation = outcome.evaluation.as_dict() if outcome.evaluation else None
    model.warnings = [advice.as_dict() for advice in outcome.advice]
    model.job_id = job.id
