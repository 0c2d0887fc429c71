"""The audit log: one chained row per action, and the anchor that says where the log ends.

Triggers of the database refuse to change or remove a row; who appends is no table's concern.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Dialect, String, Text, TypeDecorator
from sqlalchemy.orm import Mapped, mapped_column

from cultivar.core.audit_chain import canonical_json, moment
from cultivar.store.tables.base import Base
from cultivar.store.tables.people import ShownPerson


class HashedMoment(TypeDecorator[datetime]):
    """A moment as the very text that is hashed, on every database; texts compare as moments do."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Return the text of a moment.

        Raises:
            InvalidInput: code ``no-time-zone``.
        """
        return moment(value) if value is not None else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Return the moment, in UTC."""
        return datetime.fromisoformat(value) if value is not None else None


class HashedJson(TypeDecorator[dict[str, Any]]):
    """JSON as the very text that is hashed, on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:
        """Return the canonical text.

        Raises:
            InvalidInput: code ``not-json``.
        """
        return canonical_json(value) if value is not None else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any] | None:
        """Return what the text says."""
        return json.loads(value) if value is not None else None


class AuditRow(Base):
    """Who did what, when: append-only, each row with the hash of itself and the row before it.

    ``id`` is the row's number in the chain, from 1 without gaps.
    """

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(HashedMoment)
    actor: Mapped[str] = mapped_column(ShownPerson)
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(240), index=True)
    details: Mapped[dict[str, Any]] = mapped_column(HashedJson)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    # channel, account and key; null in rows of before it was kept
    origin: Mapped[dict[str, Any] | None] = mapped_column(HashedJson)


class AuditAnchorRow(Base):
    """How long the audit log is, and the hash of its last row: one row, never moved back."""

    __tablename__ = "audit_anchor"
    id: Mapped[int] = mapped_column(primary_key=True, default=1, autoincrement=False)
    count: Mapped[int] = mapped_column(BigInteger)
    head: Mapped[str] = mapped_column(String(64))
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
