"""Classifiers with their steps, versions, publications and labelled locations.

Holds no transition rule: that is the core's.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Float,
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from cultivar.store.tables.base import Base
from cultivar.store.tables.people import PersonName


class ClassifierRow(Base):
    """A classifier with its one status; what is live is the separate published pointer."""

    __tablename__ = "classifier"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    description: Mapped[str] = mapped_column(Text, default="")
    # custom, built-in
    kind: Mapped[str] = mapped_column(String(20), default="custom")
    owner: Mapped[str] = mapped_column(PersonName)
    status: Mapped[str] = mapped_column(String(40))
    status_reason: Mapped[str | None] = mapped_column(Text)
    status_at: Mapped[datetime]
    created_at: Mapped[datetime]
    seed_site: Mapped[str | None] = mapped_column(ForeignKey("location.name"))
    seed_library: Mapped[str] = mapped_column(Text, default="")
    seed_folder: Mapped[str] = mapped_column(Text, default="")
    seed_set_sha256: Mapped[str | None] = mapped_column(ForeignKey("artifact.sha256"))
    test_set_sha256: Mapped[str | None] = mapped_column(ForeignKey("artifact.sha256"))
    predictions_sha256: Mapped[str | None] = mapped_column(ForeignKey("artifact.sha256"))
    candidate_version_id: Mapped[str | None] = mapped_column(
        ForeignKey("version.id", use_alter=True, name="fk_classifier_candidate")
    )
    published_version_id: Mapped[str | None] = mapped_column(
        ForeignKey("version.id", use_alter=True, name="fk_classifier_published")
    )
    # at which the published version labels content; None: at its review's threshold
    operating_point: Mapped[str | None] = mapped_column(String(20))
    archived_at: Mapped[datetime | None]
    archived_by: Mapped[str | None] = mapped_column(PersonName)
    # raised with every change, so that of two writers one is told
    revision: Mapped[int] = mapped_column(default=0)
    __mapper_args__ = {"version_id_col": revision}


class StepRow(Base):
    """One of a classifier's three steps: add test items, review items, publish."""

    __tablename__ = "step"
    classifier_id: Mapped[str] = mapped_column(ForeignKey("classifier.id"), primary_key=True)
    step: Mapped[str] = mapped_column(String(40), primary_key=True)
    item_count: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(String(40))


class TrainerGrant(Base):
    """The creator lets somebody else train and review a classifier."""

    __tablename__ = "trainer_grant"
    classifier_id: Mapped[str] = mapped_column(ForeignKey("classifier.id"), primary_key=True)
    person: Mapped[str] = mapped_column(PersonName, primary_key=True)
    granted_by: Mapped[str] = mapped_column(PersonName)
    granted_at: Mapped[datetime]


class TestSourceRow(Base):
    """A folder from which test items were added."""

    __tablename__ = "test_source"
    __test__ = False
    classifier_id: Mapped[str] = mapped_column(ForeignKey("classifier.id"), primary_key=True)
    site: Mapped[str] = mapped_column(ForeignKey("location.name"), primary_key=True)
    library: Mapped[str] = mapped_column(String(500), primary_key=True, default="")
    folder: Mapped[str] = mapped_column(String(500), primary_key=True, default="")
    added_by: Mapped[str] = mapped_column(PersonName)
    added_at: Mapped[datetime]


class VersionRow(Base):
    """One immutable trained model. The id is derived from the model's hash."""

    __tablename__ = "version"
    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    classifier_id: Mapped[str] = mapped_column(ForeignKey("classifier.id"), index=True)
    number: Mapped[int]
    model_sha256: Mapped[str] = mapped_column(ForeignKey("artifact.sha256"))
    # training, review, retraining
    reason: Mapped[str] = mapped_column(String(20))
    threshold: Mapped[float] = mapped_column(Float)
    prior: Mapped[float] = mapped_column(Float)
    evidence: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("classifier_id", "number"),)


class PublicationRow(Base):
    """A person moved the published pointer, or chose another operating point for what is live."""

    __tablename__ = "publication"
    id: Mapped[int] = mapped_column(primary_key=True)
    classifier_id: Mapped[str] = mapped_column(ForeignKey("classifier.id"), index=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("version.id"))
    number: Mapped[int]
    actor: Mapped[str] = mapped_column(PersonName)
    at: Mapped[datetime]
    evidence: Mapped[dict[str, Any]]
    operating_point: Mapped[str | None] = mapped_column(String(20))
    __table_args__ = (UniqueConstraint("classifier_id", "number"),)


class LabellingRow(Base):
    """One location labelled by one published version: the newest assignments artifact.

    ``operating_point`` is the one at which it was labelled; None: the review's threshold.
    """

    __tablename__ = "labelling"
    location: Mapped[str] = mapped_column(ForeignKey("location.name"), primary_key=True)
    classifier_id: Mapped[str] = mapped_column(ForeignKey("classifier.id"), primary_key=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("version.id"))
    operating_point: Mapped[str | None] = mapped_column(String(20))
    items_sha256: Mapped[str] = mapped_column(ForeignKey("artifact.sha256"))
    assignments_sha256: Mapped[str] = mapped_column(ForeignKey("artifact.sha256"))
    items: Mapped[int] = mapped_column(BigInteger)
    matches: Mapped[int] = mapped_column(BigInteger)
    close_matches: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
