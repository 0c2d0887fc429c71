"""Feedback on published matches, retrainings, release samples and drift reports.

Holds no rule about when a retraining is due or what it recommends: that is the core's.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cultivar.store.tables.base import Base
from cultivar.store.tables.people import PersonName


class FeedbackRow(Base):
    """A person's verdict on an item of the published version: append-only.

    A later row of the same person and item replaces it; ``verdict`` null takes it back.
    """

    __tablename__ = "feedback"
    id: Mapped[int] = mapped_column(primary_key=True)
    classifier_id: Mapped[str] = mapped_column(ForeignKey("classifier.id"), index=True)
    item_id: Mapped[str] = mapped_column(String(64))
    person: Mapped[str] = mapped_column(PersonName)
    # match, not a match
    verdict: Mapped[str | None] = mapped_column(String(20))
    version_id: Mapped[str] = mapped_column(ForeignKey("version.id"))
    # what the version said of the item, and the crawl that holds the item's text
    score: Mapped[float] = mapped_column(Float)
    prediction: Mapped[str] = mapped_column(String(20))
    location: Mapped[str] = mapped_column(ForeignKey("location.name"))
    items_sha256: Mapped[str] = mapped_column(ForeignKey("artifact.sha256"))
    suggested: Mapped[list[Any]]
    at: Mapped[datetime]


class SuggestionRow(Base):
    """Another classifier that somebody suggested for an item, and what it says of the item."""

    __tablename__ = "suggestion"
    id: Mapped[int] = mapped_column(primary_key=True)
    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id"), index=True)
    classifier_id: Mapped[str] = mapped_column(ForeignKey("classifier.id"), index=True)
    item_id: Mapped[str] = mapped_column(String(64))
    version_id: Mapped[str] = mapped_column(ForeignKey("version.id"))
    score: Mapped[float] = mapped_column(Float)
    prediction: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]


class RetrainingRow(Base):
    """One retraining: what it started from, what it made, and what a person decided.

    It learns from the feedback up to ``until_feedback_id``. One open row a classifier.
    """

    __tablename__ = "retraining"
    id: Mapped[int] = mapped_column(primary_key=True)
    classifier_id: Mapped[str] = mapped_column(ForeignKey("classifier.id"), index=True)
    number: Mapped[int]
    started_by: Mapped[str] = mapped_column(PersonName)
    started_at: Mapped[datetime]
    until_feedback_id: Mapped[int]
    published_version_id: Mapped[str] = mapped_column(ForeignKey("version.id"))
    ended_at: Mapped[datetime | None]
    # finished, failed
    outcome: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)
    retrained_version_id: Mapped[str | None] = mapped_column(ForeignKey("version.id"))
    feedback_sha256: Mapped[str | None] = mapped_column(ForeignKey("artifact.sha256"))
    comparison_sha256: Mapped[str | None] = mapped_column(ForeignKey("artifact.sha256"))
    overview_sha256: Mapped[str | None] = mapped_column(ForeignKey("artifact.sha256"))
    figures: Mapped[dict[str, Any] | None]
    # republished, kept
    decision: Mapped[str | None] = mapped_column(String(20))
    decided_by: Mapped[str | None] = mapped_column(PersonName)
    decided_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("classifier_id", "number"),
        Index(
            "uq_retraining_open",
            "classifier_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
        ),
    )


class ReleaseSampleRow(Base):
    """The release sample of a version: what was scored, and how many items of each stratum."""

    __tablename__ = "release_sample"
    version_id: Mapped[str] = mapped_column(ForeignKey("version.id"), primary_key=True)
    scores_sha256: Mapped[str] = mapped_column(ForeignKey("artifact.sha256"))
    plan: Mapped[dict[str, Any]]
    drawn_by: Mapped[str] = mapped_column(PersonName)
    drawn_at: Mapped[datetime]


class ReleaseItemRow(Base):
    """One item of a release sample, and a person's verdict on its prediction once there is one."""

    __tablename__ = "release_item"
    version_id: Mapped[str] = mapped_column(
        ForeignKey("release_sample.version_id"), primary_key=True
    )
    item_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int]
    # the prediction is the stratum
    prediction: Mapped[str] = mapped_column(String(20))
    score: Mapped[float] = mapped_column(Float)
    verdict: Mapped[str | None] = mapped_column(String(20))
    person: Mapped[str | None] = mapped_column(PersonName)
    at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("version_id", "position"),)


class DriftRow(Base):
    """What a look at the live version found, compared with its release."""

    __tablename__ = "drift"
    id: Mapped[int] = mapped_column(primary_key=True)
    classifier_id: Mapped[str] = mapped_column(ForeignKey("classifier.id"), index=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("version.id"))
    at: Mapped[datetime]
    # steady, changed, sample more
    verdict: Mapped[str] = mapped_column(String(20))
    report: Mapped[dict[str, Any]]
