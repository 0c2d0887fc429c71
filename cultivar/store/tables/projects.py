"""Projects of tagged documents, their models, deployments and jobs.

Holds neither a document nor a metric's rule: documents are artifacts, rules are the core's.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from cultivar.store.tables.base import Base
from cultivar.store.tables.people import PersonName

_NAME = 50


class ProjectRow(Base):
    """A project; names are case-sensitive. Its documents are one artifact, replaced as a whole."""

    __tablename__ = "project"
    name: Mapped[str] = mapped_column(String(_NAME), primary_key=True)
    # single-label, multi-label
    kind: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(20))
    multilingual: Mapped[bool] = mapped_column(default=False)
    description: Mapped[str] = mapped_column(Text, default="")
    # the location that the documents' names are paths of; empty where texts came with the import
    container: Mapped[str] = mapped_column(String(200), default="")
    settings: Mapped[dict[str, Any]]
    classes: Mapped[list[Any]]
    documents_sha256: Mapped[str | None] = mapped_column(ForeignKey("artifact.sha256"))
    documents: Mapped[int] = mapped_column(default=0)
    tagged: Mapped[int] = mapped_column(default=0)
    owner: Mapped[str] = mapped_column(PersonName)
    created_at: Mapped[datetime]
    modified_at: Mapped[datetime]
    trained_at: Mapped[datetime | None]
    deployed_at: Mapped[datetime | None]
    # raised with every change, so that of two writers one is told
    revision: Mapped[int] = mapped_column(default=0)
    __mapper_args__ = {"version_id_col": revision}


class ProjectModelRow(Base):
    """A trained model of a project; retraining replaces the row of the same label."""

    __tablename__ = "project_model"
    project: Mapped[str] = mapped_column(ForeignKey("project.name"), primary_key=True)
    label: Mapped[str] = mapped_column(String(_NAME), primary_key=True)
    # new with each training, so that what was published by id stays what it was
    model_id: Mapped[str] = mapped_column(String(36), unique=True)
    model_sha256: Mapped[str] = mapped_column(ForeignKey("artifact.sha256"))
    documents_sha256: Mapped[str] = mapped_column(ForeignKey("artifact.sha256"))
    split_sha256: Mapped[str] = mapped_column(ForeignKey("artifact.sha256"))
    validation_sha256: Mapped[str | None] = mapped_column(ForeignKey("artifact.sha256"))
    config_version: Mapped[str] = mapped_column(String(40))
    # kind percentage or manual, and the shares
    evaluation_options: Mapped[dict[str, Any]]
    # the summary over the test set; None where there was no test set
    evaluation: Mapped[dict[str, Any] | None]
    warnings: Mapped[list[Any]]
    trained_by: Mapped[str] = mapped_column(PersonName)
    trained_at: Mapped[datetime]
    seconds: Mapped[float] = mapped_column(Float)
    job_id: Mapped[str] = mapped_column(String(36))


class ProjectDeploymentRow(Base):
    """A named place that answers predictions with a model as it was when it was put there."""

    __tablename__ = "project_deployment"
    project: Mapped[str] = mapped_column(ForeignKey("project.name"), primary_key=True)
    name: Mapped[str] = mapped_column(String(_NAME), primary_key=True)
    model_label: Mapped[str] = mapped_column(String(_NAME))
    model_id: Mapped[str] = mapped_column(String(36), index=True)
    model_sha256: Mapped[str] = mapped_column(ForeignKey("artifact.sha256"))
    config_version: Mapped[str] = mapped_column(String(40))
    trained_at: Mapped[datetime]
    deployed_by: Mapped[str] = mapped_column(PersonName)
    deployed_at: Mapped[datetime]


class ProjectJobRow(Base):
    """Work on a project that a person may ask after until it expires.

    ``project`` is no foreign key: the job that deleted a project outlives it. ``holds`` names the
    project where the job excludes others, and is null otherwise.
    """

    __tablename__ = "project_job"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    project: Mapped[str] = mapped_column(String(_NAME), index=True)
    # train, import, export, deploy, swap, delete, delete-deployment, predict
    kind: Mapped[str] = mapped_column(String(20))
    holds: Mapped[str | None] = mapped_column(String(_NAME))
    # not started, running, succeeded, failed, cancelling, cancelled
    status: Mapped[str] = mapped_column(String(20))
    percent: Mapped[int] = mapped_column(default=0)
    parameters: Mapped[dict[str, Any]]
    # training and evaluation, each with status, percent, started_at, ended_at and error
    phases: Mapped[dict[str, Any]]
    warnings: Mapped[list[Any]]
    errors: Mapped[list[Any]]
    result: Mapped[dict[str, Any] | None]
    created_by: Mapped[str] = mapped_column(PersonName)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    # the process that must live for the job to begin, where no worker waits for it
    waits_for: Mapped[str | None] = mapped_column(String(240))
    run_id: Mapped[str | None] = mapped_column(String(64))
    __table_args__ = (
        Index(
            "uq_project_job_open",
            "holds",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
        ),
    )
