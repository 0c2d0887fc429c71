"""The tenant, its people and its locations.

Holds no rule about who may do what: that is the core's.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Float,
    ForeignKey,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from cultivar.store.tables.base import Base
from cultivar.store.tables.people import PersonName


class Tenant(Base):
    """The organisation: one row."""

    __tablename__ = "tenant"
    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    name: Mapped[str] = mapped_column(String(200))
    entitled: Mapped[bool] = mapped_column(default=True)
    # not opted in, opting in, opted in
    opt_in_status: Mapped[str] = mapped_column(String(20), default="not opted in")
    opted_in_by: Mapped[str | None] = mapped_column(PersonName)
    opted_in_at: Mapped[datetime | None]
    baselined_at: Mapped[datetime | None]
    baseline_sha256: Mapped[str | None] = mapped_column(ForeignKey("artifact.sha256"))
    document_frequencies_sha256: Mapped[str | None] = mapped_column(ForeignKey("artifact.sha256"))
    unlabelled_sha256: Mapped[str | None] = mapped_column(ForeignKey("artifact.sha256"))
    baseline_documents: Mapped[int] = mapped_column(default=0)
    accuracy_target: Mapped[float] = mapped_column(Float, default=0.80)
    # whether publishing waits for the measured grade of the release report
    measured_required: Mapped[bool] = mapped_column(default=False)
    # whether a command line may only act as a person to whom its account is bound
    bound_claims_only: Mapped[bool] = mapped_column(default=False)
    seed: Mapped[int] = mapped_column(default=0)
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)


class RoleAssignment(Base):
    """A person holds a role."""

    __tablename__ = "role_assignment"
    person: Mapped[str] = mapped_column(PersonName, primary_key=True)
    role: Mapped[str] = mapped_column(String(80), primary_key=True)
    granted_by: Mapped[str] = mapped_column(PersonName)
    granted_at: Mapped[datetime]


class LocationRow(Base):
    """A place where content lives, and the newest items artifact of it."""

    __tablename__ = "location"
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    workload: Mapped[str] = mapped_column(String(20))
    # content: part of the baseline; seed or test: set aside for one classifier
    purpose: Mapped[str] = mapped_column(String(20), default="content")
    added_by: Mapped[str] = mapped_column(PersonName)
    added_at: Mapped[datetime]
    crawled_at: Mapped[datetime | None]
    items_sha256: Mapped[str | None] = mapped_column(ForeignKey("artifact.sha256"))
    # counts of the last crawl: found, unchanged, added, changed, deleted, and one a status
    crawl: Mapped[dict[str, Any] | None]
    # the reader's version and the bounds of that crawl: with others, what failed is tried again
    read_with: Mapped[dict[str, Any] | None]


class KeptItemRow(Base):
    """An item that something given by a person rests on, as the last crawl that found it saw it.

    ``left_at`` is when a crawl did not find it any more; it is found again by what it was.
    """

    __tablename__ = "kept_item"
    item_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    location: Mapped[str] = mapped_column(ForeignKey("location.name"), index=True)
    path: Mapped[str] = mapped_column(Text)
    content: Mapped[str] = mapped_column(String(64), default="")
    message_id: Mapped[str | None] = mapped_column(Text)
    store_id: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str | None] = mapped_column(Text)
    left_at: Mapped[datetime | None]
