"""Brings a registry's tables to the form that this release knows, in one transaction.

Alembic is imported only where something is to be done; an up-to-date registry costs one query.
"""

import glob
import os
import sqlite3
import time
from pathlib import Path

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, inspect, select

from cultivar.core.errors import Conflict, NotFound
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.store import engines
from cultivar.store.engines import BUSY_SECONDS
from cultivar.store.failures import READ_ONLY, registry_failures, unavailable

# The newest revision in migrations/versions; a test holds the two together.
HEAD = "0017"
VERSION_TABLE = "cultivar_revision"
_MIGRATIONS = Path(__file__).parent / "migrations"
_REVISION = Table(VERSION_TABLE, MetaData(), Column("version_num", String(32)))


def prepare_sqlite_file(path: Path, create: bool) -> None:
    """Make the file's folder, and switch a new file to write-ahead logging.

    Raises:
        NotFound: the file does not exist and none shall be made.
        StoreUnavailable: the file or its folder cannot be written to.
    """
    if path.exists() and path.stat().st_size:
        # Write-ahead logging writes beside the file, for readers too; SQLite's own message for
        # that is that the file cannot be opened.
        if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
            raise unavailable(READ_ONLY, f"The registry {path.name}")
        return
    if not create:
        raise _no_registry()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
    _switch_to_wal(path)


def _switch_to_wal(path: Path) -> None:
    # SQLite does not wait for this lock by itself, so two first openings need patience.
    give_up = time.monotonic() + BUSY_SECONDS
    while True:
        connection = sqlite3.connect(path)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.02)
        else:
            return
        finally:
            connection.close()


def known_revisions() -> frozenset[str]:
    """Return every form that this release brings up to its own, and that."""
    return frozenset(
        each.name.partition("_")[0] for each in (_MIGRATIONS / "versions").glob("[0-9]*_*.py")
    )


def revision_at(url: str) -> str | None:
    """Return the form that a registry has, None where there is none; nothing is made or changed.

    Raises:
        InvalidInput: the URL is not one of SQLite or PostgreSQL.
        Conflict: the database belongs to another program.
        StoreUnavailable, Damaged: it cannot be read.
    """
    parsed = engines.parsed_url(url)
    if parsed.drivername == "sqlite" and not Path(parsed.database or "").is_file():
        return None
    engine = engines.engine_of(parsed)
    try:
        with registry_failures(engines.shown(parsed)), engine.connect() as connection:
            revision = _revision(connection)
            if revision is None:
                _refuse_foreign(connection, create=True)
            return revision
    finally:
        engine.dispose()


def bring_to_head(reader: Engine, writer: Engine, create: bool) -> None:
    """Upgrade the registry where it is older than this release; make it where there is none.

    Raises:
        NotFound: there is no registry and none shall be made.
        Conflict: the database belongs to another program, or to a newer Cultivar.
    """
    with reader.connect() as connection:
        if _revision(connection) == HEAD:
            return
    with writer.begin() as connection:
        # Another process may have done it while this one waited for the writer's lock.
        revision = _revision(connection)
        if revision == HEAD:
            return
        if revision is None:
            _refuse_foreign(connection, create)
        _upgrade(connection, revision)


def copy_of(registry: Path, revision: str) -> Path:
    """Return where a SQLite registry is kept as it was before a migration from a revision."""
    return registry.with_name(f"{registry.stem}-{revision}{registry.suffix}")


def remove_copies(registry: Path) -> None:
    """Remove what was kept of a SQLite registry before migrations."""
    for copy in registry.parent.glob(f"{glob.escape(registry.stem)}-[0-9]*{registry.suffix}"):
        copy.unlink(missing_ok=True)


def _keep_copy(connection: Connection, revision: str) -> None:
    """Keep a SQLite registry as it is; the release that made it opens the copy."""
    if connection.dialect.name != "sqlite":
        return
    registry = Path(connection.engine.url.database or "")
    copy, unfinished = copy_of(registry, revision), registry.with_name(f"{registry.name}.copied")
    unfinished.unlink(missing_ok=True)
    # another connection, as nothing can be copied from within a transaction
    source = sqlite3.connect(registry)
    try:
        source.execute("VACUUM INTO ?", (str(unfinished),))
    finally:
        source.close()
    unfinished.chmod(0o600)
    unfinished.replace(copy)


def _revision(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, VERSION_TABLE):
        return None
    return connection.execute(select(_REVISION.c.version_num)).scalar()


def _refuse_foreign(connection: Connection, create: bool) -> None:
    if inspect(connection).get_table_names():
        raise Conflict(
            "registry-foreign",
            "The database that the setting `registry_url` names holds tables of another program. "
            "Give Cultivar a database of its own.",
        )
    if not create:
        raise _no_registry()


def _no_registry() -> NotFound:
    return NotFound(
        "no-registry",
        "There is no registry yet. Check the settings `home` and `registry_url`;",
        remedy=Remedy(NextStep.OPT_IN, effect="sets one up"),
    )


def _upgrade(connection: Connection, revision: str | None) -> None:
    from alembic import command  # noqa: PLC0415 - costs more than all the rest of opening
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise Conflict(
            "registry-newer",
            f"The registry was last opened by a newer Cultivar (its form is {revision}, this "
            f"release knows up to {HEAD}). Install that release or a later one.",
        )
    if revision is not None:
        _keep_copy(connection, revision)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
