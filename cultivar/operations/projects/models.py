"""Trained models of a project: listed, shown with their evaluation and validation errors, deleted.

Of the test set it shows sums alone: no row of it is kept anywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict, NotReady
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.projects.dead_jobs import settle
from cultivar.operations.projects.jobs import require_free
from cultivar.operations.projects.rows import model_row, project_row, subject_of
from cultivar.operations.transactions import snapshot, transaction
from cultivar.store.tables import ProjectDeploymentRow, ProjectModelRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model as the registry has it.

    ``evaluation`` is None without a test set, else ``Evaluation.as_dict`` of the core: ``classes``
    (class to counts, precision, recall, f1), ``micro``, ``macro`` and, for single-label,
    ``confusion`` (predicted to actual to count, zeros left out). ``seconds`` is how long the
    training took. Models do not expire.
    """

    project: str
    label: str
    model_id: str
    model_sha256: str
    documents_sha256: str
    validation_sha256: str | None
    config_version: str
    evaluation_options: Mapping[str, Any]
    evaluation: Mapping[str, Any] | None
    warnings: tuple[Mapping[str, Any], ...]
    trained_by: str
    trained_at: datetime
    seconds: float
    job_id: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A validation document: what it is tagged, what the model predicts, and how sure it is."""

    document: str
    language: str
    tagged: tuple[str, ...]
    predicted: tuple[str, ...]
    scores: tuple[float, ...]
    right: bool


def list_models(workspace: Workspace, actor: AnyActor, project: str) -> list[TrainedModel]:
    """Return a project's models by label.

    Raises:
        NotFound: code ``unknown-project``.
    """
    query = select(ProjectModelRow).where(ProjectModelRow.project == project)
    with snapshot(workspace, actor, Action.READ_PROJECTS) as tx:
        project_row(tx.session, project)
        rows = tx.session.scalars(query.order_by(ProjectModelRow.label))
        return [shown(row) for row in rows]


def model_named(workspace: Workspace, actor: AnyActor, project: str, label: str) -> TrainedModel:
    """Return a project's model.

    Raises:
        NotFound: codes ``unknown-project``, ``unknown-model``.
    """
    with snapshot(workspace, actor, Action.READ_PROJECTS) as tx:
        return shown(model_row(tx.session, project, label))


def evaluation_of(
    workspace: Workspace, actor: AnyActor, project: str, label: str
) -> Mapping[str, Any]:
    """Return the evaluation over the test set; see ``TrainedModel``.

    Raises:
        NotFound: codes ``unknown-project``, ``unknown-model``.
        NotReady: code ``not-evaluated``; fewer than ten documents were tagged.
    """
    found = model_named(workspace, actor, project, label)
    if found.evaluation is None:
        raise _not_evaluated(found)
    return found.evaluation


def validation_of(
    workspace: Workspace, actor: AnyActor, project: str, label: str, *, only_wrong: bool = False
) -> list[Judged]:
    """Return the validation documents in their order, or those that were predicted wrongly.

    Raises: as ``evaluation_of``.
    """
    found = model_named(workspace, actor, project, label)
    if found.validation_sha256 is None:
        raise _not_evaluated(found)
    table = workspace.artifacts.read(workspace.artifacts.reference(found.validation_sha256))
    judged = (_judged(row) for row in table.to_pylist())
    return [each for each in judged if not (only_wrong and each.right)]


def _judged(row: Mapping[str, Any]) -> Judged:
    return Judged(
        document=row["document"],
        language=row["language"],
        tagged=tuple(row["tagged"]),
        predicted=tuple(row["predicted"]),
        scores=tuple(row["scores"]),
        right=bool(row["right"]),
    )


def _not_evaluated(found: TrainedModel) -> NotReady:
    return NotReady(
        "not-evaluated",
        f"The model {found.label} was not evaluated: its project had fewer than 10 tagged "
        "documents, or set none aside for testing. Tag more documents and train again.",
        {"project": found.project, "model": found.label},
    )


def delete_model(workspace: Workspace, actor: AnyActor, project: str, label: str) -> None:
    """Delete a model with its evaluation.

    Raises:
        NotFound: codes ``unknown-project``, ``unknown-model``.
        Conflict: codes ``model-deployed`` (delete or change the deployment first) and
            ``project-busy``.
    """
    settle(workspace)
    with transaction(workspace, actor, Action.WORK_ON_PROJECTS) as tx:
        row = model_row(tx.session, project, label)
        require_free(tx.session, project)
        query = select(ProjectDeploymentRow.name).where(
            ProjectDeploymentRow.project == project, ProjectDeploymentRow.model_label == label
        )
        names = sorted(tx.session.scalars(query))
        if names:
            raise Conflict(
                "model-deployed",
                f"The model {label} is deployed as {', '.join(names[:5])}. Delete that deployment, "
                "or give it another model, first.",
                {"deployments": names},
            )
        tx.session.delete(row)
        tx.audit(AuditAction.MODEL_DELETED, subject_of(project), model=label)


def shown(row: ProjectModelRow) -> TrainedModel:
    """Return what a row says, usable after the session."""
    return TrainedModel(
        project=row.project,
        label=row.label,
        model_id=row.model_id,
        model_sha256=row.model_sha256,
        documents_sha256=row.documents_sha256,
        validation_sha256=row.validation_sha256,
        config_version=row.config_version,
        evaluation_options=dict(row.evaluation_options),
        evaluation=row.evaluation,
        warnings=tuple(row.warnings),
        trained_by=row.trained_by,
        trained_at=row.trained_at,
        seconds=row.seconds,
        job_id=row.job_id,
    )
