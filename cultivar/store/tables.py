"""The registry's tables: everything that a person decided and where each artifact is.

Rules live in the core; a table only keeps what must never contradict itself.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, also on databases that forget the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(  # noqa: D102
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Declarative base with stable constraint names, so that migrations can name them."""

    metadata = MetaData(naming_convention=_NAMING)
    type_annotation_map = {datetime: Instant, dict[str, Any]: JSON, list[Any]: JSON}


class Tenant(Base):
    """The organisation: one row."""

    __tablename__ = "tenant"
    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    name: Mapped[str] = mapped_column(String(200))
    entitled: Mapped[bool] = mapped_column(default=True)
    # not opted in, opting in, opted in
    opt_in_status: Mapped[str] = mapped_column(String(20), default="not opted in")
    opted_in_by: Mapped[str | None] = mapped_column(String(200))
    opted_in_at: Mapped[datetime | None]
    baselined_at: Mapped[datetime | None]
    baseline_sha256: Mapped[str | None] = mapped_column(ForeignKey("artifact.sha256"))
    document_frequencies_sha256: Mapped[str | None] = mapped_column(ForeignKey("artifact.sha256"))
    unlabelled_sha256: Mapped[str | None] = mapped_column(ForeignKey("artifact.sha256"))
    baseline_documents: Mapped[int] = mapped_column(default=0)
    accuracy_target: Mapped[float] = mapped_column(Float, default=0.80)
    seed: Mapped[int] = mapped_column(default=0)
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)


class RoleAssignment(Base):
    """A person holds a role."""

    __tablename__ = "role_assignment"
    person: Mapped[str] = mapped_column(String(200), primary_key=True)
    role: Mapped[str] = mapped_column(String(80), primary_key=True)
    granted_by: Mapped[str] = mapped_column(String(200))
    granted_at: Mapped[datetime]


class LocationRow(Base):
    """A place where content lives, and the newest items artifact of it."""

    __tablename__ = "location"
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    workload: Mapped[str] = mapped_column(String(20))
    # content: part of the baseline; seed or test: set aside for one classifier
    purpose: Mapped[str] = mapped_column(String(20), default="content")
    added_by: Mapped[str] = mapped_column(String(200))
    added_at: Mapped[datetime]
    crawled_at: Mapped[datetime | None]
    items_sha256: Mapped[str | None] = mapped_column(ForeignKey("artifact.sha256"))
    # counts of the last crawl: found, unchanged, added, changed, deleted, and one a status
    crawl: Mapped[dict[str, Any] | None]


class ArtifactRow(Base):
    """One immutable file of the artifact store, with where it came from."""

    __tablename__ = "artifact"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    schema_name: Mapped[str] = mapped_column(String(60))
    rows: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int] = mapped_column(BigInteger)
    producer: Mapped[str] = mapped_column(String(100))
    run_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]


class ArtifactInput(Base):
    """An edge of the lineage: ``output`` was made from ``input`` in the named part."""

    __tablename__ = "artifact_input"
    output_sha256: Mapped[str] = mapped_column(ForeignKey("artifact.sha256"), primary_key=True)
    part: Mapped[str] = mapped_column(String(60), primary_key=True)
    input_sha256: Mapped[str] = mapped_column(ForeignKey("artifact.sha256"), index=True)


class ClassifierRow(Base):
    """A classifier with its one status; what is live is the separate published pointer."""

    __tablename__ = "classifier"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    description: Mapped[str] = mapped_column(Text, default="")
    # custom, built-in
    kind: Mapped[str] = mapped_column(String(20), default="custom")
    owner: Mapped[str] = mapped_column(String(200))
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
    person: Mapped[str] = mapped_column(String(200), primary_key=True)
    granted_by: Mapped[str] = mapped_column(String(200))
    granted_at: Mapped[datetime]


class TestSourceRow(Base):
    """A folder from which test items were added."""

    __tablename__ = "test_source"
    __test__ = False
    classifier_id: Mapped[str] = mapped_column(ForeignKey("classifier.id"), primary_key=True)
    site: Mapped[str] = mapped_column(ForeignKey("location.name"), primary_key=True)
    library: Mapped[str] = mapped_column(String(500), primary_key=True, default="")
    folder: Mapped[str] = mapped_column(String(500), primary_key=True, default="")
    added_by: Mapped[str] = mapped_column(String(200))
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
    """A person moved the published pointer."""

    __tablename__ = "publication"
    id: Mapped[int] = mapped_column(primary_key=True)
    classifier_id: Mapped[str] = mapped_column(ForeignKey("classifier.id"), index=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("version.id"))
    number: Mapped[int]
    actor: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    evidence: Mapped[dict[str, Any]]
    __table_args__ = (UniqueConstraint("classifier_id", "number"),)


class ReviewItemRow(Base):
    """A test item at its place in the order of review, with the prediction that is judged.

    ``batch`` is null until the item is presented. The prediction is the one of the version that
    was the candidate when the batch was opened: it is never changed afterwards.
    """

    __tablename__ = "review_item"
    classifier_id: Mapped[str] = mapped_column(ForeignKey("classifier.id"), primary_key=True)
    item_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int]
    batch: Mapped[int | None]
    version_id: Mapped[str | None] = mapped_column(ForeignKey("version.id"))
    score: Mapped[float | None] = mapped_column(Float)
    prediction: Mapped[str | None] = mapped_column(String(20))
    __table_args__ = (UniqueConstraint("classifier_id", "position"),)


class ReviewRow(Base):
    """A person's verdict on one prediction: yes, no or not sure."""

    __tablename__ = "review"
    classifier_id: Mapped[str] = mapped_column(ForeignKey("classifier.id"), primary_key=True)
    item_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    verdict: Mapped[str] = mapped_column(String(20))
    person: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]


class BatchRow(Base):
    """A batch of 30 reviews: open while a person works, closed when it counts."""

    __tablename__ = "batch"
    classifier_id: Mapped[str] = mapped_column(ForeignKey("classifier.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("version.id"))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    # of this batch alone
    presented: Mapped[int] = mapped_column(default=0)
    decided: Mapped[int] = mapped_column(default=0)
    agreed: Mapped[int] = mapped_column(default=0)
    # over all closed batches up to this one
    accuracy: Mapped[float | None] = mapped_column(Float)
    lower: Mapped[float | None] = mapped_column(Float)
    upper: Mapped[float | None] = mapped_column(Float)


class GateResultRow(Base):
    """The outcome of one gate with its figures; an override is kept beside it for ever."""

    __tablename__ = "gate_result"
    id: Mapped[int] = mapped_column(primary_key=True)
    classifier_id: Mapped[str | None] = mapped_column(ForeignKey("classifier.id"), index=True)
    gate: Mapped[str] = mapped_column(String(60))
    # pass, fail, not evaluated
    outcome: Mapped[str] = mapped_column(String(20))
    # list of {check, outcome, observed, expected, sentence, code}
    checks: Mapped[list[Any]]
    artifact_sha256: Mapped[str | None] = mapped_column(ForeignKey("artifact.sha256"))
    at: Mapped[datetime]
    run_id: Mapped[str | None] = mapped_column(String(64))
    overridden_by: Mapped[str | None] = mapped_column(String(200))
    override_reason: Mapped[str | None] = mapped_column(Text)
    overridden_at: Mapped[datetime | None]


class LabellingRow(Base):
    """One location labelled by one published version: the newest assignments artifact."""

    __tablename__ = "labelling"
    location: Mapped[str] = mapped_column(ForeignKey("location.name"), primary_key=True)
    classifier_id: Mapped[str] = mapped_column(ForeignKey("classifier.id"), primary_key=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("version.id"))
    items_sha256: Mapped[str] = mapped_column(ForeignKey("artifact.sha256"))
    assignments_sha256: Mapped[str] = mapped_column(ForeignKey("artifact.sha256"))
    items: Mapped[int] = mapped_column(BigInteger)
    matches: Mapped[int] = mapped_column(BigInteger)
    close_matches: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]


class RunRow(Base):
    """A stage at work. One open row a subject: two trainings at once cannot both hold it.

    ``holder`` is host:pid:random; ``alive_at`` is refreshed while the work goes on, so that a
    killed run can be told from a slow one.
    """

    __tablename__ = "run"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    # opt_in, seed_ingest, training, test_scoring, review_gate, publish, labelling, ...
    stage: Mapped[str] = mapped_column(String(40))
    # the classifier's id, or "tenant", or "location:<name>"
    subject: Mapped[str] = mapped_column(String(240), index=True)
    holder: Mapped[str] = mapped_column(String(240))
    flow_run_id: Mapped[str | None] = mapped_column(String(64))
    started_at: Mapped[datetime]
    alive_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    # completed, failed, abandoned
    outcome: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)
    done: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int | None] = mapped_column(BigInteger)
    __table_args__ = (
        Index(
            "uq_run_open_subject",
            "subject",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class OutboxRow(Base):
    """Something that must happen, written in the transaction that made it due."""

    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(primary_key=True)
    # batch complete, training due, ...
    kind: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(240))
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "uq_outbox_due",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )


class AuditRow(Base):
    """Who did what, when: append-only."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(240), index=True)
    details: Mapped[dict[str, Any]]
