"""Training of a project's model: asked for, prepared, learned, judged, and kept in one transaction.

It brings documents to the learner and keeps what comes back; what is learned is the core's. The
test set's texts are scored here once, summed up, and no row of it is kept.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pyarrow as pa
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cultivar.core.errors import Conflict, InvalidInput
from cultivar.core.projects.evaluation import Evaluation, evaluate, marks_of
from cultivar.core.projects.guidance import Advice, after_training, before_training
from cultivar.core.projects.jobs import JobKind
from cultivar.core.projects.limits import MODELS_AT_MOST
from cultivar.core.projects.model import ProjectModel
from cultivar.core.projects.names import Kind, checked_name
from cultivar.core.projects.splitting import EvaluationOptions, Split, split
from cultivar.core.projects.training import Documents, Given, train
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action
from cultivar.core.schemas import PROJECT_SPLIT, PROJECT_VALIDATION
from cultivar.operations.deeds import doing, tenant_of
from cultivar.operations.projects.documents import counted, require_documents
from cultivar.operations.projects.jobs import (
    Job,
    Work,
    opened,
    require_going,
    settle,
    succeed,
)
from cultivar.operations.projects.projects import shown
from cultivar.operations.projects.rows import project_row, subject_of
from cultivar.store.models import read_project_model, write_project_model
from cultivar.store.tables import ProjectModelRow
from cultivar.store.workspace import Workspace
from data import encoder

PRODUCER = "project_training"
CONFIG_VERSION = "2022-05-01"
LATEST = "latest"


def submit_training(
    workspace: Workspace,
    actor: str,
    project: str,
    label: str,
    *,
    config_version: str = LATEST,
    options: EvaluationOptions | None = None,
    replace: bool = True,
    here: bool = False,
) -> Job:
    """Open the job that trains a model, in place of one of the same label.

    ``replace`` False refuses where there is one. ``here``: the calling process itself runs the
    flow; else a worker does.

    Raises:
        NotFound: code ``unknown-project``.
        InvalidInput: codes ``bad-name``, ``unknown-config-version``, ``too-many-models``.
        NotReady: codes ``no-documents``, ``not-tagged``.
        Conflict: codes ``project-busy``, ``model-exists``.
    """
    checked_name("model", label)
    settle(workspace)
    parameters: dict[str, Any] = {
        "model": label,
        "config_version": _config(config_version),
        "options": (options or EvaluationOptions()).as_dict(),
    }
    with doing(workspace, actor, Action.WORK_ON_PROJECTS) as deed:
        row = project_row(deed.session, project)
        documents = require_documents(shown(row))
        _check_label(deed.session, project, label, replace)
        parameters["documents_sha256"] = documents
        parameters["classes"] = list(row.classes)
        parameters["kind"] = row.kind
        parameters["seed"] = tenant_of(deed.session).seed
        deed.record("training submitted", subject_of(project), model=label)
        return opened(deed, project, JobKind.TRAIN, parameters, here=here)


def _config(version: str) -> str:
    known = {LATEST, CONFIG_VERSION, "2022-05-15-preview", "2023-04-01"}
    if version not in known:
        raise InvalidInput(
            "unknown-config-version",
            f"{version[:40]!r} is no training configuration. Known are {', '.join(sorted(known))}.",
        )
    return CONFIG_VERSION if version == LATEST else version


def _check_label(session: Session, project: str, label: str, replace: bool) -> None:
    if session.get(ProjectModelRow, (project, label)) is not None:
        if not replace:
            raise Conflict(
                "model-exists",
                f"The project {project} has a model {label} already. Training it again overwrites "
                "it: confirm, or choose another name.",
                {"project": project, "model": label},
            )
        return
    query = select(func.count()).select_from(ProjectModelRow)
    count = session.scalar(query.where(ProjectModelRow.project == project)) or 0
    if count >= MODELS_AT_MOST:
        raise InvalidInput(
            "too-many-models",
            f"The project {project} has {count} models, and at most {MODELS_AT_MOST} are kept. "
            "Delete one, or train one of them again.",
        )


@dataclass(frozen=True)
class Prepared:
    """The documents that take part, in order, and their parts; texts stay in the artifact store."""

    table: pa.Table
    parts: Split
    split: ArtifactReference
    advice: tuple[Advice, ...]

    def documents(self, places: Any) -> Documents:
        """Return the texts and tags of some documents."""
        chosen = self.table.take(pa.array(places))
        return Documents(chosen.column("text"), chosen.column("classes").to_pylist())


def prepare(workspace: Workspace, job: Job) -> Prepared:
    """Divide the readable tagged documents of a train job, and record the part of each.

    Raises:
        NotReady: code ``not-tagged``; none is left.
    """
    documents = documents_of(workspace, job)
    table = workspace.artifacts.read(documents)
    wanted = [
        status == "ok" and count > 0
        for status, count in zip(
            table.column("status").to_pylist(),
            table.column("class_count").to_pylist(),
            strict=True,
        )
    ]
    used = table.filter(pa.array(wanted))
    tags = used.column("classes").to_pylist()
    declared = used.column("dataset").to_pylist()
    parts = split(tags, job.parameters["seed"], _options(job), declared)
    rows = pa.table(
        [used.column("document").combine_chunks(), pa.array(parts.parts(), pa.string())],
        schema=PROJECT_SPLIT.arrow,
    )
    written = workspace.artifacts.write(
        PROJECT_SPLIT.name, rows, producer=PRODUCER, inputs={"documents": documents}
    )
    columns = table.select(["classes", "characters", "status", "repeated"]).to_pylist()
    found = before_training(counted(tuple(job.parameters["classes"]), columns))
    return Prepared(used, parts, written, tuple(found))


def documents_of(workspace: Workspace, job: Job) -> ArtifactReference:
    """Return the documents that a train job learns from: those at the moment it was asked for."""
    return workspace.artifacts.reference(str(job.parameters["documents_sha256"]))


def _options(job: Job) -> EvaluationOptions:
    return EvaluationOptions(**job.parameters["options"])


def learn(work: Work, prepared: Prepared) -> ArtifactReference:
    """Train on the training documents, choose on the validation documents, write the model.

    Raises:
        InvalidInput: code ``nothing-to-learn-from``.
        Cancelled: somebody cancelled the job.
    """
    job, store = work.job, work.workspace.artifacts
    inputs = {"documents": str(job.parameters["documents_sha256"]), "split": prepared.split.sha256}
    fits = iter(range(1, 1_000_000))
    given = Given(
        kind=Kind(job.parameters["kind"]),
        classes=tuple(job.parameters["classes"]),
        train=prepared.documents(prepared.parts.train),
        validation=prepared.documents(prepared.parts.validation),
        seed=int(job.parameters["seed"]),
        inputs=inputs,
    )
    model = train(given, encoder.load(), lambda: work.progress(next(fits)))
    return write_project_model(store, model, producer=PRODUCER, inputs=inputs)


@dataclass(frozen=True)
class Outcome:
    """What a training made. ``validation`` and ``evaluation`` are None where nothing was held."""

    model: ArtifactReference
    split: ArtifactReference
    validation: ArtifactReference | None
    evaluation: Evaluation | None
    advice: tuple[Advice, ...]


def judge(workspace: Workspace, job: Job, prepared: Prepared, model: ArtifactReference) -> Outcome:
    """Write what the model says of the validation documents, and sum the test set up."""
    trained = read_project_model(workspace.artifacts, model)
    parts = prepared.parts
    validation = None
    if len(parts.validation):
        rows = _validation(prepared, trained)
        validation = workspace.artifacts.write(
            PROJECT_VALIDATION.name,
            rows,
            producer=PRODUCER,
            inputs={"model": model, "documents": documents_of(workspace, job)},
        )
    found = _evaluation(prepared, trained) if len(parts.test) else None
    tags = prepared.table.column("classes").to_pylist()
    advice = (*prepared.advice, *after_training(tags, parts, found))
    return Outcome(model, prepared.split, validation, found, advice)


def _evaluation(prepared: Prepared, trained: ProjectModel) -> Evaluation:
    test = prepared.documents(prepared.parts.test)
    given = trained.decide(trained.score(test.texts))
    return evaluate(trained.classes, marks_of(trained.classes, test.tags), given, trained.single)


def _validation(prepared: Prepared, trained: ProjectModel) -> pa.Table:
    chosen = prepared.table.take(pa.array(prepared.parts.validation))
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
    with doing(work.workspace, job.created_by, Action.WORK_ON_PROJECTS) as deed:
        row = require_going(deed.session, job.id)
        project = project_row(deed.session, job.project)
        key = (job.project, str(job.parameters["model"]))
        model = deed.session.get(ProjectModelRow, key)
        if model is None:
            model = ProjectModelRow(project=key[0], label=key[1])
            deed.session.add(model)
        _fill(model, job, outcome)
        model.trained_by, model.trained_at = deed.actor, deed.at
        model.seconds = (deed.at - (row.started_at or deed.at)).total_seconds()
        project.trained_at = deed.at
        result = {"model": model.label, "model_id": model.model_id}
        evaluated = outcome.evaluation is not None
        succeed(row, deed.at, result, list(model.warnings), evaluated=evaluated)
        deed.record("model trained", subject_of(job.project), model=model.label)
        deed.session.flush()
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
