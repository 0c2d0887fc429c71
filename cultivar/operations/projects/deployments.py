"""Deployments: a model as it is today put under a name, exchanged, listed and taken away.

A deployment keeps answering with the model that was put there; retraining does not change it until
it is deployed again.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from cultivar.core.audit_actions import AuditAction
from cultivar.core.projects.jobs import JobKind
from cultivar.core.projects.names import checked_name
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.projects.jobs import Job, finished
from cultivar.operations.projects.rows import deployment_row, model_row, project_row, subject_of
from cultivar.operations.transactions import Transaction, snapshot, transaction
from cultivar.store.tables import ProjectDeploymentRow, ProjectModelRow
from cultivar.store.workspace import Workspace

_CARRIED = ("model_label", "model_id", "model_sha256", "config_version", "trained_at")


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment as the registry has it; ``trained_at`` is its model's."""

    project: str
    name: str
    model_label: str
    model_id: str
    model_sha256: str
    config_version: str
    trained_at: datetime
    deployed_by: str
    deployed_at: datetime


def deploy(workspace: Workspace, actor: AnyActor, project: str, name: str, label: str) -> Job:
    """Put a model under a name, in place of what answered there; return the finished job.

    Raises:
        InvalidInput: code ``bad-name``.
        NotFound: codes ``unknown-project``, ``unknown-model``.
    """
    checked_name("deployment", name)
    with transaction(workspace, actor, Action.WORK_ON_PROJECTS) as tx:
        model = model_row(tx.session, project, label)
        row = tx.session.get(ProjectDeploymentRow, (project, name))
        if row is None:
            row = ProjectDeploymentRow(project=project, name=name)
            tx.session.add(row)
        _put(tx, row, model)
        project_row(tx.session, project).deployed_at = tx.at
        tx.audit(AuditAction.MODEL_DEPLOYED, subject_of(project), deployment=name, model=label)
        parameters = {"deployment": name, "model": label}
        return finished(tx, project, JobKind.DEPLOY, parameters, {"model_id": model.model_id})


def _put(tx: Transaction, row: ProjectDeploymentRow, model: ProjectModelRow) -> None:
    row.model_label, row.model_id = model.label, model.model_id
    row.model_sha256, row.config_version = model.model_sha256, model.config_version
    row.trained_at = model.trained_at
    row.deployed_by, row.deployed_at = tx.actor, tx.at


def swap_deployments(
    workspace: Workspace, actor: AnyActor, project: str, first: str, second: str
) -> Job:
    """Exchange what two deployments answer with; return the finished job.

    Raises:
        NotFound: codes ``unknown-project``, ``unknown-deployment``.
    """
    with transaction(workspace, actor, Action.WORK_ON_PROJECTS) as tx:
        one, other = (deployment_row(tx.session, project, name) for name in (first, second))
        for column in _CARRIED:
            mine, theirs = getattr(one, column), getattr(other, column)
            setattr(one, column, theirs)
            setattr(other, column, mine)
        for row in (one, other):
            row.deployed_by, row.deployed_at = tx.actor, tx.at
        project_row(tx.session, project).deployed_at = tx.at
        tx.audit(AuditAction.DEPLOYMENTS_SWAPPED, subject_of(project), first=first, second=second)
        return finished(tx, project, JobKind.SWAP, {"first": first, "second": second})


def delete_deployment(workspace: Workspace, actor: AnyActor, project: str, name: str) -> Job:
    """Take a deployment away; return the finished job.

    Raises:
        NotFound: codes ``unknown-project``, ``unknown-deployment``.
    """
    with transaction(workspace, actor, Action.WORK_ON_PROJECTS) as tx:
        tx.session.delete(deployment_row(tx.session, project, name))
        tx.audit(AuditAction.DEPLOYMENT_DELETED, subject_of(project), deployment=name)
        return finished(tx, project, JobKind.DELETE_DEPLOYMENT, {"deployment": name})


def list_deployments(workspace: Workspace, actor: AnyActor, project: str) -> list[Deployment]:
    """Return a project's deployments by name.

    Raises:
        NotFound: code ``unknown-project``.
    """
    query = select(ProjectDeploymentRow).where(ProjectDeploymentRow.project == project)
    with snapshot(workspace, actor, Action.READ_PROJECTS) as tx:
        project_row(tx.session, project)
        rows = tx.session.scalars(query.order_by(ProjectDeploymentRow.name))
        return [shown(row) for row in rows]


def deployment_named(workspace: Workspace, actor: AnyActor, project: str, name: str) -> Deployment:
    """Return a deployment.

    Raises:
        NotFound: codes ``unknown-project``, ``unknown-deployment``.
    """
    with snapshot(workspace, actor, Action.READ_PROJECTS) as tx:
        return shown(deployment_row(tx.session, project, name))


def deployment_of_model(workspace: Workspace, actor: AnyActor, model_id: str) -> Deployment | None:
    """Return a deployment that answers with the model of that id, or None."""
    query = select(ProjectDeploymentRow).where(ProjectDeploymentRow.model_id == model_id)
    with snapshot(workspace, actor, Action.READ_PROJECTS) as tx:
        row = tx.session.scalars(query.order_by(ProjectDeploymentRow.name)).first()
        return shown(row) if row is not None else None


def shown(row: ProjectDeploymentRow) -> Deployment:
    """Return what a row says, usable after the session."""
    return Deployment(
        project=row.project,
        name=row.name,
        model_label=row.model_label,
        model_id=row.model_id,
        model_sha256=row.model_sha256,
        config_version=row.config_version,
        trained_at=row.trained_at,
        deployed_by=row.deployed_by,
        deployed_at=row.deployed_at,
    )
