"""Rows of projects, models and deployments by name, or an error that says what there is.

It asks nobody's permission and changes nothing; whoever calls is inside a transaction.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.errors import NotFound
from cultivar.operations.transactions import near_matches
from cultivar.store.tables import ProjectDeploymentRow, ProjectModelRow, ProjectRow

_SHOWN = 60


def project_row(session: Session, name: str) -> ProjectRow:
    """Return a project's row.

    Raises:
        NotFound: code ``unknown-project``; names are case-sensitive.
    """
    row = session.get(ProjectRow, name)
    if row is not None:
        return row
    known = session.scalars(select(ProjectRow.name).order_by(ProjectRow.name)).all()
    raise NotFound(
        "unknown-project",
        f"There is no project named {name[:_SHOWN]!r}; names are case-sensitive."
        f"{near_matches(name, known)}",
        {"project": name[:_SHOWN]},
    )


def model_row(session: Session, project: str, label: str) -> ProjectModelRow:
    """Return the row of a project's model.

    Raises:
        NotFound: codes ``unknown-project``, ``unknown-model``.
    """
    project_row(session, project)
    row = session.get(ProjectModelRow, (project, label))
    if row is not None:
        return row
    query = select(ProjectModelRow.label).where(ProjectModelRow.project == project)
    known = session.scalars(query.order_by(ProjectModelRow.label)).all()
    raise NotFound(
        "unknown-model",
        f"The project {project} has no model named {label[:_SHOWN]!r}; names are case-sensitive."
        f"{near_matches(label, known)}",
        {"project": project, "model": label[:_SHOWN]},
    )


def deployment_row(session: Session, project: str, name: str) -> ProjectDeploymentRow:
    """Return the row of a project's deployment.

    Raises:
        NotFound: codes ``unknown-project``, ``unknown-deployment``.
    """
    project_row(session, project)
    row = session.get(ProjectDeploymentRow, (project, name))
    if row is not None:
        return row
    query = select(ProjectDeploymentRow.name).where(ProjectDeploymentRow.project == project)
    known = session.scalars(query.order_by(ProjectDeploymentRow.name)).all()
    raise NotFound(
        "unknown-deployment",
        f"The project {project} has no deployment named {name[:_SHOWN]!r}."
        f"{near_matches(name, known)}",
        {"project": project, "deployment": name[:_SHOWN]},
    )


def subject_of(project: str) -> str:
    """Return how the audit log and the claims call a project."""
    return f"project:{project}"
