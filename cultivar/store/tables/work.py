"""Stages at work, and what is due.

Holds nothing of the orchestrator but a run's id, as its database may be deleted at any time.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Index,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from cultivar.store.tables.base import Base


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
        ),
    )
