"""The registry: one database of everything that people decided, in short transactions.

Knows how to open, migrate and guard it; what may be written is decided by the layers above.
"""

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from cultivar.core.closing import Closing
from cultivar.store import engines, migrating
from cultivar.store.failures import file_failures, registry_failures


class Registry(Closing):
    """An open registry on SQLite (the default) or PostgreSQL.

    Safe to share between threads. ``close`` gives its connections back; a registry that is
    forgotten or left open at exit closes itself.
    """

    def __init__(self, url: URL, engine: Engine) -> None:
        self.url = url
        self.shown = engines.shown(url)
        self._engine = engine
        self._writer = engines.writing(engine)
        self._busy = threading.local()
        self._dispose = weakref.finalize(self, engine.dispose)

    @classmethod
    def open(cls, url: str, *, create: bool = True) -> Self:
        """Open the registry and bring its tables to this release's form.

        Cheap when nothing is to be done. Two processes may open a new registry at once. Without
        ``create`` a registry that does not exist is an error instead of being made.

        Raises:
            NotFound: there is no registry and none shall be made.
            Conflict: the database belongs to another program, or to a newer Cultivar.
            InvalidInput: the URL is not one of SQLite or PostgreSQL.
            StoreUnavailable: full, read-only, busy or out of reach.
        """
        parsed = engines.parsed_url(url)
        registry = cls(parsed, engines.engine_of(parsed))
        try:
            registry._prepare(create)
        except BaseException:
            registry.close()
            raise
        return registry

    def _prepare(self, create: bool) -> None:
        if self.url.drivername == "sqlite":
            with registry_failures(self.shown), file_failures(self.shown):
                migrating.prepare_sqlite_file(Path(self.url.database or ""), create)
        with registry_failures(self.shown):
            migrating.bring_to_head(self._engine, self._writer, create)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a session that writes; commit at the end, or keep nothing on any exception.

        Writers take turns, from the first statement to the commit, so what was read inside still
        holds when it commits. Keep it short, and never open one inside another.

        Raises:
            StoreUnavailable: full, read-only, busy or out of reach.
            sqlalchemy.exc.IntegrityError: a constraint was broken; the caller knows what it means.
        """
        if getattr(self._busy, "writing", False):
            raise RuntimeError("a transaction of this registry is open already in this thread")
        self._busy.writing = True
        try:
            with (
                registry_failures(self.shown),
                Session(self._writer, expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session
        finally:
            self._busy.writing = False

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session that sees one moment of the registry and cannot write to it."""
        with (
            registry_failures(self.shown),
            Session(self._engine, expire_on_commit=False, autoflush=False) as session,
        ):
            yield session

    def compact(self) -> None:
        """Write the database afresh, so that no free page of it holds what was changed or removed.

        What was kept of it before migrations is removed, as it holds that too. It needs as much
        free space as the database takes. Whoever else uses it waits.

        Raises:
            StoreUnavailable: full, read-only, busy or out of reach.
        """
        sqlite = self.url.drivername == "sqlite"
        wanted = (
            ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)")
            if sqlite
            else ("SET lock_timeout = '30s'", "VACUUM FULL")
        )
        with registry_failures(self.shown), engines.outside_transactions(self._engine) as run:
            for statement in wanted:
                run(statement)
        if sqlite:
            with file_failures(self.shown):
                migrating.remove_copies(Path(self.url.database or ""))

    def close(self) -> None:
        """Give the connections back."""
        self._dispose()
