"""Training of a project's model: asked for, its documents divided, learned.

It brings documents to the learner and writes what comes back; what is learned is the core's. The
test set stays behind.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cultivar import encoder
from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict, InvalidInput
from cultivar.core.projects.guidance import Advice, before_training
from cultivar.core.projects.jobs import JobKind
from cultivar.core.projects.limits import MODELS_AT_MOST
from cultivar.core.projects.names import Kind, checked_name
from cultivar.core.projects.splitting import (
    TEST,
    TRAIN,
    VALIDATION,
    EvaluationOptions,
    Split,
    split,
    text_form,
)
from cultivar.core.projects.training import Documents, TrainingData, train
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action, AnyActor
from cultivar.core.schemas import PROJECT_SPLIT
from cultivar.core.texts.reading_status import has_text
from cultivar.operations.projects.dead_jobs import settle
from cultivar.operations.projects.documents import counted, require_documents
from cultivar.operations.projects.job_claim import Work
from cultivar.operations.projects.jobs import Job, opened
from cultivar.operations.projects.projects import shown
from cultivar.operations.projects.rows import project_row, subject_of
from cultivar.operations.transactions import tenant_of, transaction
from cultivar.store.models import write_project_model
from cultivar.store.origin import Producer
from cultivar.store.tables import ProjectModelRow
from cultivar.store.workspace import Workspace

CONFIG_VERSION = "2022-05-01"
LATEST = "latest"


def submit_training(
    workspace: Workspace,
    actor: AnyActor,
    project: str,
    label: str,
    *,
    config_version: str = LATEST,
    options: EvaluationOptions | None = None,
    replace: bool = True,
    in_this_process: bool = False,
) -> Job:
    """Open the job that trains a model, in place of one of the same label.

    ``replace`` False refuses where there is one. ``in_this_process``: the calling
    process itself runs the flow; else a worker does.

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
    with transaction(workspace, actor, Action.WORK_ON_PROJECTS) as tx:
        row = project_row(tx.session, project)
        documents = require_documents(shown(row))
        _check_label(tx.session, project, label, replace)
        parameters["documents_sha256"] = documents
        parameters["classes"] = list(row.classes)
        parameters["kind"] = row.kind
        parameters["seed"] = tenant_of(tx.session).seed
        tx.audit(AuditAction.TRAINING_SUBMITTED, subject_of(project), model=label)
        return opened(tx, project, JobKind.TRAIN, parameters, in_this_process=in_this_process)


def _config(version: str) -> str:
    known = {LATEST, CONFIG_VERSION, "2022-05-15-preview", "2023-04-01"}
    if version not in known:
        raise InvalidInput(
            "unknown-config-version",
            f"Unknown training configuration {version[:40]!r}. "
            f"Known are {', '.join(sorted(known))}.",
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


@dataclass(frozen=True, slots=True)
class SplitDocuments:
    """The recorded part of each document that takes part, and advice on the documents."""

    split: ArtifactReference
    advice: tuple[Advice, ...]


@dataclass(frozen=True)
class Material:
    """The documents that take part, in order, with texts, and the positions of each part."""

    table: pa.Table
    parts: Split

    def documents(self, places: npt.NDArray[np.int64]) -> Documents:
        """Return the texts and tags of some documents."""
        chosen = self.table.take(pa.array(places))
        return Documents(chosen.column("text"), chosen.column("classes").to_pylist())


def divide(workspace: Workspace, job: Job) -> SplitDocuments:
    """Divide the readable tagged documents of a train job, and record the part of each.

    Raises:
        NotReady: code ``not-tagged``; none is left.
    """
    documents = documents_of(workspace, job)
    rows = list(_documents(workspace, documents))
    used = [row for row in rows if _takes_part(row)]
    parts = split(
        [row["classes"] for row in used],
        int(job.parameters["seed"]),
        EvaluationOptions(**job.parameters["options"]),
        [row["dataset"] for row in used],
        [row["form"] for row in used],
    )
    kept = ("document", "text_sha256", "class_count")
    recorded = [
        {**{name: row[name] for name in kept}, "part": part}
        for row, part in zip(used, parts.parts(), strict=True)
    ]
    written = workspace.artifacts.write(
        PROJECT_SPLIT.name,
        pa.Table.from_pylist(recorded, schema=PROJECT_SPLIT.arrow),
        producer=Producer.PROJECT_TRAINING,
        inputs={"documents": documents},
    )
    return SplitDocuments(written, tuple(before_training(counted(_classes(job), rows))))


def _documents(workspace: Workspace, documents: ArtifactReference) -> Iterator[dict[str, Any]]:
    """Yield the documents, each text as what it shares with others of nearly the same letters."""
    for batch in workspace.artifacts.batches(documents, [*_DIVIDED_BY, "text"]):
        for row in batch.to_pylist():
            text = row.pop("text")
            yield row | {"form": None if text is None else text_form(text)}


_DIVIDED_BY = [
    "document",
    "classes",
    "class_count",
    "dataset",
    "text_sha256",
    "characters",
    "status",
    "repeated",
]


def _takes_part(row: Mapping[str, Any]) -> bool:
    return has_text(row["status"]) and row["class_count"] > 0


def _classes(job: Job) -> tuple[str, ...]:
    return tuple(job.parameters["classes"])


def material_of(workspace: Workspace, job: Job, divided: SplitDocuments) -> Material:
    """Return the documents that take part, as a train job's split has them."""
    table = workspace.artifacts.read(documents_of(workspace, job))
    taking = [_takes_part(row) for row in table.select(["status", "class_count"]).to_pylist()]
    parts = workspace.artifacts.read(divided.split, columns=["part"]).column("part").to_numpy()
    places = [np.flatnonzero(parts == part) for part in (TRAIN, VALIDATION, TEST)]
    return Material(table.filter(pa.array(taking)), Split(*places))


def documents_of(workspace: Workspace, job: Job) -> ArtifactReference:
    """Return the documents that a train job learns from: those at the moment it was asked for."""
    return workspace.artifacts.reference(str(job.parameters["documents_sha256"]))


def learn(work: Work, divided: SplitDocuments) -> ArtifactReference:
    """Train on the training documents, choose on the validation documents, write the model.

    Raises:
        InvalidInput: code ``nothing-to-learn-from``.
        Cancelled: somebody cancelled the job.
    """
    job, material = work.job, material_of(work.workspace, work.job, divided)
    inputs = {"documents": str(job.parameters["documents_sha256"]), "split": divided.split.sha256}
    fits = itertools.count(1)
    given = TrainingData(
        kind=Kind(job.parameters["kind"]),
        classes=_classes(job),
        train=material.documents(material.parts.train),
        validation=material.documents(material.parts.validation),
        seed=int(job.parameters["seed"]),
        inputs=inputs,
    )
    model = train(given, encoder.load(), lambda: work.progress(next(fits)))
    return write_project_model(
        work.workspace.artifacts, model, producer=Producer.PROJECT_TRAINING, inputs=inputs
    )
