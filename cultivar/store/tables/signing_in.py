"""What signing in to the console needs: password hashes, sessions, and links to set one up.

Holds no password, session token or link itself, only their hashes.
"""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cultivar.store.tables.base import Base
from cultivar.store.tables.people import PersonName


class PasswordRow(Base):
    """A person's password as argon2id keeps it, and the wrong ones given since the last right."""

    __tablename__ = "password"
    person: Mapped[str] = mapped_column(PersonName, primary_key=True)
    encoded: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    failed_at: Mapped[datetime | None]


class SessionRow(Base):
    """A browser in which somebody is signed in; ``sha256`` is that of its 256 random bits."""

    __tablename__ = "session"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    person: Mapped[str] = mapped_column(PersonName, index=True)
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class SetUpLinkRow(Base):
    """A link with which a person chooses their password, once; the newest of a person counts."""

    __tablename__ = "set_up_link"
    person: Mapped[str] = mapped_column(PersonName, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    made_by: Mapped[str] = mapped_column(PersonName)
    expires_at: Mapped[datetime]
