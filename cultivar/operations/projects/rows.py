"""Rows of projects, models and deployments by name, or an error that says what there is.

It asks nobody's permission and changes nothing; whoever calls is inside a transaction.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.operations.lookups import unknown
from cultivar.store.tables import ProjectDeploymentRow, ProjectModelRow, ProjectRow

_SHOWN = 60
_CASE = "; names are case-sensitive"


def project_row(session: Session, name: str) -> ProjectRow:
    """Return a project's row.

    Raises:
        NotFound: code ``unknown-project``; names are case-sensitive.
    """
    row = session.get(ProjectRow, name)
    if row is not None:
        return row
    known = session.scalars(select(ProjectRow.name).order_by(ProjectRow.name)).all()
    raise unknown("project", name, known, {"project": name[:_SHOWN]}, note=_CASE)


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
    facts: dict[str, object] = {"project": project, "model": label[:_SHOWN]}
    raise unknown("model", label, known, facts, of=f"The project {project} has", note=_CASE)


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
    facts: dict[str, object] = {"project": project, "deployment": name[:_SHOWN]}
    raise unknown("deployment", name, known, facts, of=f"The project {project} has")


def subject_of(project: str) -> str:
    """Return how the audit log and the claims call a project."""
    return f"project:{project}"
