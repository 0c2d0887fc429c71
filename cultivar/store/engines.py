"""Database engines that give SQLite and PostgreSQL the same transactions.

One writer at a time on both, so that a rule checked inside a transaction still holds when it
commits; readers are never blocked. Knows no table.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from cultivar.core.errors import InvalidInput

BUSY_SECONDS = 30
# any fixed number: the name of the lock that a writer holds on PostgreSQL
_WRITER_LOCK = 0x43554C54


def parsed_url(url: str) -> URL:
    """Return the registry's URL.

    Raises:
        InvalidInput: neither a SQLite file nor PostgreSQL.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise _bad_url() from error
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    in_memory = parsed.drivername == "sqlite" and not _is_file(parsed)
    if parsed.drivername not in ("sqlite", "postgresql+psycopg") or in_memory:
        raise _bad_url()
    return parsed


def _is_file(url: URL) -> bool:
    return bool(url.database) and url.database != ":memory:" and "mode" not in url.query


def _bad_url() -> InvalidInput:
    return InvalidInput(
        "bad-registry-url",
        "The setting `registry_url` is not one that Cultivar can use. It takes "
        "sqlite:////absolute/path.db or postgresql+psycopg://user:password@host/database.",
    )


def shown(url: URL) -> str:
    """Return how the registry is called in sentences; no password, no machine path."""
    if url.drivername == "sqlite":
        return f"The registry {Path(url.database or '').name}"
    return f"The registry {url.database} on {url.host or 'the local PostgreSQL'}"


def engine_of(url: URL) -> Engine:
    """Return an engine that reads; ``writing`` derives the one that writes."""
    return _sqlite(url) if url.drivername == "sqlite" else _postgres(url)


def writing(engine: Engine) -> Engine:
    """Return the engine whose transactions take the writer's lock when they begin."""
    return engine.execution_options(cultivar_writes=True)


@contextmanager
def outside_transactions(engine: Engine) -> Iterator[Callable[[str], object]]:
    """Yield what runs one statement outside any transaction, on a connection of its own."""
    raw = engine.raw_connection()

    def run(statement: str) -> object:
        try:
            return driver.execute(statement)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DBAPIError(statement, None, error) from error

    try:
        driver: Any = raw.driver_connection
        if engine.dialect.name == "sqlite":
            driver.execute("PRAGMA query_only = OFF")
        else:
            driver.rollback()
            driver.autocommit = True
        yield run
    finally:
        # not returned to the pool: others expect it as it was
        raw.invalidate()


def _writes(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("cultivar_writes"))


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return _guarded_from_forks(engine)


def _guarded_from_forks(engine: Engine) -> Engine:
    """Let a forked child open connections of its own: two users of one would ruin both."""

    def note(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["process"] = os.getpid()

    def check(_connection: Any, record: Any, proxy: Any) -> None:
        if record.info["process"] != os.getpid():
            record.dbapi_connection = proxy.dbapi_connection = None
            raise DisconnectionError("the connection belongs to another process")

    event.listen(engine, "connect", note)
    event.listen(engine, "checkout", check)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver must not open transactions by itself: it would open deferred ones.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")


def _begin_sqlite(connection: Connection) -> None:
    if _writes(connection):
        connection.exec_driver_sql("PRAGMA query_only = OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("PRAGMA query_only = ON")
        connection.exec_driver_sql("BEGIN")


def _postgres(url: URL) -> Engine:
    try:
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": 10,
                "options": f"-c lock_timeout={BUSY_SECONDS}s -c timezone=UTC",
            },
        )
    except ModuleNotFoundError as error:
        raise InvalidInput(
            "postgres-not-installed",
            "The registry is on PostgreSQL, but its driver is missing. "
            "Install it with: pip install 'cultivar[postgres]'.",
        ) from error
    event.listen(engine, "begin", _begin_postgres)
    return _guarded_from_forks(engine)


def _begin_postgres(connection: Connection) -> None:
    if _writes(connection):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")
    else:
        # one moment for all statements of a session, as on SQLite
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
