"""Policies with their versions, what was applied where, people's labels, and writers' deeds.

The labels themselves are rows of an artifact; an application points at it. One row moves the
labels of a whole location, so that no crash leaves half of them, a million labels cost one short
transaction, and every earlier state stays readable where its application names it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cultivar.core.policies.basis import Basis
from cultivar.store.tables.base import Base
from cultivar.store.tables.people import PersonName


class PolicyRow(Base):
    """A policy: its name, its newest version, and whether it is applied automatically."""

    __tablename__ = "policy"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    # sensitivity label, retention label, communication compliance
    kind: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    enabled: Mapped[bool] = mapped_column(default=True)
    created_by: Mapped[str] = mapped_column(PersonName)
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    archived_by: Mapped[str | None] = mapped_column(PersonName)
    # raised with every change, so that of two writers one is told
    revision: Mapped[int] = mapped_column(default=0)
    __mapper_args__ = {"version_id_col": revision}


class PolicyVersionRow(Base):
    """One version of a policy as it was written; never changed."""

    __tablename__ = "policy_version"
    policy_id: Mapped[str] = mapped_column(ForeignKey("policy.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    definition: Mapped[dict[str, Any]]
    # names of the writers that carry its labels into the content's own store; none by default
    writers: Mapped[list[Any]]
    created_by: Mapped[str] = mapped_column(PersonName)
    created_at: Mapped[datetime]


class UndoRow(Base):
    """A person undid what a policy version, or a classifier version, had labelled.

    It holds on: what was undone is not assigned again on that version's account.
    """

    __tablename__ = "policy_undo"
    id: Mapped[int] = mapped_column(primary_key=True)
    policy_id: Mapped[str | None] = mapped_column(ForeignKey("policy.id"))
    policy_version: Mapped[int | None]
    classifier_version_id: Mapped[str | None] = mapped_column(ForeignKey("version.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    actor: Mapped[str] = mapped_column(PersonName)
    at: Mapped[datetime]


class PersonLabelRow(Base):
    """A label of one kind that a person gave an item, or took away: ``label`` is null."""

    __tablename__ = "person_label"
    item_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    location: Mapped[str] = mapped_column(ForeignKey("location.name"), index=True)
    label: Mapped[str | None] = mapped_column(String(200))
    person: Mapped[str] = mapped_column(PersonName)
    at: Mapped[datetime]


class ApplicationRow(Base):
    """The labels of a location from one moment on; the highest number is active.

    ``basis`` says what they follow from: versions of policies and classifiers, what was undone.
    """

    __tablename__ = "application"
    location: Mapped[str] = mapped_column(ForeignKey("location.name"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    # apply, undo
    cause: Mapped[str] = mapped_column(String(20))
    items_sha256: Mapped[str] = mapped_column(ForeignKey("artifact.sha256"))
    labels_sha256: Mapped[str] = mapped_column(ForeignKey("artifact.sha256"))
    changes_sha256: Mapped[str] = mapped_column(ForeignKey("artifact.sha256"))
    basis: Mapped[Basis] = mapped_column(JSON)
    # items, labels, added, removed, changed, unchanged, kept for people
    counts: Mapped[dict[str, Any]]
    run_id: Mapped[str | None] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(PersonName)
    at: Mapped[datetime]
    # rows of the changes that were handed to the writers so far
    queued: Mapped[int] = mapped_column(BigInteger, default=0)


class WriteRow(Base):
    """One label to put into the content's own store, or to take out again.

    ``found`` is what stood there before the first attempt: kept before anything is written, so
    that a crash between the writing and the record of it is told from somebody else's label.
    """

    __tablename__ = "write"
    id: Mapped[int] = mapped_column(primary_key=True)
    location: Mapped[str] = mapped_column(String(200))
    application: Mapped[int]
    writer: Mapped[str] = mapped_column(String(40))
    # put, take
    deed: Mapped[str] = mapped_column(String(10))
    item_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(40))
    slot: Mapped[str] = mapped_column(String(80))
    target: Mapped[dict[str, Any]]
    label: Mapped[str] = mapped_column(String(200))
    # due, done, skipped, failed
    state: Mapped[str] = mapped_column(String(10), default="due")
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    found: Mapped[dict[str, Any] | None]
    reason: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        ForeignKeyConstraint(
            ["location", "application"],
            ["application.location", "application.number"],
            name="fk_write_application",
        ),
        Index("ix_write_place", "writer", "item_id", "kind", "slot"),
        Index("ix_write_state", "state", "next_at"),
    )


class WrittenRow(Base):
    """What stands in the content's own store by a writer's hand; undo removes this and no more."""

    __tablename__ = "written"
    writer: Mapped[str] = mapped_column(String(40), primary_key=True)
    item_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    slot: Mapped[str] = mapped_column(String(80), primary_key=True)
    target: Mapped[dict[str, Any]]
    label: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]


class DriveRow(Base):
    """The Microsoft Graph drive whose items a location holds."""

    __tablename__ = "drive"
    location: Mapped[str] = mapped_column(ForeignKey("location.name"), primary_key=True)
    drive_id: Mapped[str] = mapped_column(String(200))
    named_by: Mapped[str] = mapped_column(PersonName)
    at: Mapped[datetime]
