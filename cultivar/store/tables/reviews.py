"""The order of review, people's verdicts, batches and gate results.

Holds no accuracy rule: that is the core's.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Float,
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from cultivar.store.tables.base import Base
from cultivar.store.tables.people import PersonName


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
    person: Mapped[str] = mapped_column(PersonName)
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


class ContentBatchRow(Base):
    """Items of the content that people judge, never a review: nothing of it counts as accuracy.

    A comparison belongs to a retraining; ``plan`` keeps how many items its two versions differ on.
    """

    __tablename__ = "content_batch"
    classifier_id: Mapped[str] = mapped_column(ForeignKey("classifier.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    # teaching, comparison
    purpose: Mapped[str] = mapped_column(String(20))
    version_id: Mapped[str] = mapped_column(ForeignKey("version.id"))
    retraining: Mapped[int | None]
    plan: Mapped[dict[str, Any]]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str] = mapped_column(PersonName)
    closed_at: Mapped[datetime | None]


class ContentItemRow(Base):
    """One item of such a batch, the prediction that is judged, and the verdict on it, if any.

    ``only`` says which version of a comparison labels the item: published or retrained.
    """

    __tablename__ = "content_item"
    classifier_id: Mapped[str] = mapped_column(ForeignKey("classifier.id"), primary_key=True)
    item_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    batch: Mapped[int]
    position: Mapped[int]
    score: Mapped[float] = mapped_column(Float)
    threshold: Mapped[float] = mapped_column(Float)
    prediction: Mapped[str] = mapped_column(String(20))
    only: Mapped[str | None] = mapped_column(String(20))
    # the crawl that holds the item's text
    items_sha256: Mapped[str] = mapped_column(ForeignKey("artifact.sha256"))
    verdict: Mapped[str | None] = mapped_column(String(20))
    person: Mapped[str | None] = mapped_column(PersonName)
    at: Mapped[datetime | None]


class GateResultRow(Base):
    """The outcome of one gate with its figures; an override is kept beside it permanently."""

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
    overridden_by: Mapped[str | None] = mapped_column(PersonName)
    override_reason: Mapped[str | None] = mapped_column(Text)
    overridden_at: Mapped[datetime | None]
