"""Keys to the web interface, and replies kept for requests that may be sent twice.

Holds no key itself, only its hash.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cultivar.store.tables.base import Base
from cultivar.store.tables.people import PersonName


class KeyRow(Base):
    """A key that acts as a person, with no more than some of that person's roles.

    ``sha256`` is that of the whole key, whose secret part holds 256 random bits.
    """

    __tablename__ = "api_key"
    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    person: Mapped[str] = mapped_column(PersonName, index=True)
    # names of roles; empty stands for whatever roles the person holds
    roles: Mapped[list[Any]]
    created_by: Mapped[str] = mapped_column(PersonName)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None] = mapped_column(PersonName)


class KeptReplyRow(Base):
    """The reply to a request that named an idempotency key; without a status it is at work."""

    __tablename__ = "kept_reply"
    key_id: Mapped[str] = mapped_column(ForeignKey("api_key.id"), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(200), primary_key=True)
    # sha256 of method, path, query and body: the same key may not stand for another request
    request_sha256: Mapped[str] = mapped_column(String(64))
    began_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None]
    body: Mapped[str | None] = mapped_column(Text)
    # those that the key acted with: one that has lost any is not given the reply again
    roles: Mapped[list[Any] | None]
