"""The registry as one SQLite file, whichever database it is in, and back into an empty one.

What it copies it copies at one moment; what the rows mean is known to the layers above.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Table, bindparam, func, select, text

from cultivar.store.failures import file_failures, registry_failures
from cultivar.store.registry import Registry
from cultivar.store.tables import all_tables
from cultivar.store.tables.people import as_stored

_AT_ONCE = 1_000


def copy_to_file(registry: Registry, path: Path) -> None:
    """Write the registry, as it is at one moment, into a new SQLite file; nobody waits for it.

    Raises:
        StoreUnavailable: full, read-only or out of reach.
    """
    if registry.url.drivername == "sqlite":
        # https://www.sqlite.org/lang_vacuum.html#vacuuminto: one moment, and nothing of what
        # was deleted before
        with registry_failures(registry.shown), file_failures(registry.shown):
            source = sqlite3.connect(f"file:{registry.url.database}?mode=ro", uri=True)
            try:
                source.execute("VACUUM INTO ?", (str(path),))
            finally:
                source.close()
        return
    with Registry.open(f"sqlite:///{path}") as target:
        copy_rows(registry, target)
    stand_alone(path)


def copy_rows(source: Registry, target: Registry) -> None:
    """Put every row of a registry into another one, in place of what that held; all or nothing.

    Both must have this release's tables.

    Raises:
        StoreUnavailable: full, read-only, busy or out of reach.
    """
    with source.reading() as read, target.transaction() as written:
        connection = written.connection()
        with _triggers_off(connection):
            tables = all_tables().sorted_tables
            for table in reversed(tables):
                connection.execute(table.delete())
            circles = [
                (table, _copy_table(read.connection(), connection, table)) for table in tables
            ]
            for table, rows in circles:
                _close_circle(connection, table, rows)
        _continue_numbers(connection)


def stand_alone(path: Path, *, for_use: bool = False) -> None:
    """Make a SQLite file whole by itself: nothing of it is left in files beside it.

    ``for_use`` leaves it with write-ahead logging, as a registry in use has it.
    """
    with registry_failures(f"The registry {path.name}"):
        connection = sqlite3.connect(path)
        try:
            connection.execute(f"PRAGMA journal_mode = {'WAL' if for_use else 'DELETE'}")
        finally:
            connection.close()


def _copy_table(read: Connection, written: Connection, table: Table) -> list[Mapping[str, Any]]:
    """Copy the rows; return the references of a circle of tables, which have to wait."""
    waiting = _in_a_circle(table)
    keys = list(table.primary_key.columns)
    left: list[Mapping[str, Any]] = []
    stored = as_stored(table)
    streamed = read.execution_options(yield_per=_AT_ONCE).execute(select(stored))
    for batch in streamed.mappings().partitions():
        rows = [dict(row) for row in batch]
        for row in rows:
            held = {f"to_{each.name}": row[each.name] for each in waiting}
            if any(held.values()):
                left.append(held | {f"of_{key.name}": row[key.name] for key in keys})
            row.update(dict.fromkeys(each.name for each in waiting))
        written.execute(stored.insert(), rows)
    return left


def _in_a_circle(table: Table) -> list[Column[Any]]:
    return [
        column
        for column in table.columns
        if any(
            key.constraint is not None and key.constraint.use_alter for key in column.foreign_keys
        )
    ]


def _close_circle(written: Connection, table: Table, rows: list[Mapping[str, Any]]) -> None:
    if not rows:
        return
    update = table.update().values(
        {each.name: bindparam(f"to_{each.name}") for each in _in_a_circle(table)}
    )
    for key in table.primary_key.columns:
        update = update.where(key == bindparam(f"of_{key.name}"))
    written.execute(update, rows)


@contextmanager
def _triggers_off(connection: Connection) -> Iterator[None]:
    """Let rows be put into tables that can only be appended to, within one transaction."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
        ).all()
        before = [f'DROP TRIGGER "{name}"' for name, _ in found]
        after = [sql for _, sql in found]
    else:
        named = connection.scalars(
            text(
                "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger "
                "JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal "
                "AND relnamespace = current_schema()::regnamespace"
            )
        ).all()
        before = [f"ALTER TABLE {name} DISABLE TRIGGER USER" for name in named]
        after = [f"ALTER TABLE {name} ENABLE TRIGGER USER" for name in named]
    for statement in before:
        connection.exec_driver_sql(statement)
    yield
    for statement in after:
        connection.exec_driver_sql(statement)


def _continue_numbers(connection: Connection) -> None:
    """Let PostgreSQL count on from the rows that came with their numbers."""
    if connection.dialect.name == "sqlite":
        return
    for table in all_tables().sorted_tables:
        for column in table.primary_key.columns:
            sequence = connection.scalar(
                select(func.pg_get_serial_sequence(table.name, column.name))
            )
            if sequence is not None:
                newest = connection.scalar(select(func.max(column)))
                connection.execute(select(func.setval(sequence, newest or 1, newest is not None)))
