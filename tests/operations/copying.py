"""A home on SQLite and local files, copied to wherever a test keeps its workspace."""

import shutil
from pathlib import Path
from typing import Any

from fsspec.core import url_to_fs
from sqlalchemy import Integer, insert, select, text, update

from cultivar.settings import Settings
from cultivar.store.tables import AuditAnchorRow, ClassifierRow, all_tables
from cultivar.store.workspace import Workspace, open_workspace

POINTERS = ("candidate_version_id", "published_version_id")


def copied(home: Path, source: Workspace, settings: Settings) -> Workspace:
    """Return a workspace of ``settings`` that holds what ``source``, kept in ``home``, does."""
    if settings.registry_url.startswith("sqlite"):
        shutil.copytree(home, settings.home)
        return open_workspace(settings)
    workspace = open_workspace(settings)
    _copy_rows(source, workspace)
    file_system, root = url_to_fs(settings.artifacts_url)
    file_system.put(f"{home / 'artifacts'}/", root, recursive=True)
    return workspace


def _copy_rows(source: Workspace, target: Workspace) -> None:
    pointers = []
    for table in all_tables().sorted_tables:
        with source.registry.reading() as session:
            rows = [dict(row) for row in session.execute(select(table)).mappings()]
        if table.name == ClassifierRow.__tablename__:
            # Versions point at classifiers and classifiers at versions: those come last.
            pointers = [{"key": row["id"], **{p: row.pop(p) for p in POINTERS}} for row in rows]
        if rows:
            _insert(target, table, rows)
    for values in pointers:
        key = values.pop("key")
        with target.registry.transaction() as session:
            session.execute(update(ClassifierRow).where(ClassifierRow.id == key).values(values))


def _insert(target: Workspace, table: Any, rows: list[dict[str, Any]]) -> None:
    with target.registry.transaction() as session:
        if table.name == AuditAnchorRow.__tablename__:
            session.execute(update(table), rows)  # a new registry has its row already
            return
        session.execute(insert(table), rows)
        if "id" in table.c and isinstance(table.c.id.type, Integer):
            sequence = session.scalar(text(f"SELECT pg_get_serial_sequence('{table.name}', 'id')"))
            if sequence:
                last = max(row["id"] for row in rows)
                session.execute(text(f"SELECT setval('{sequence}', {last})"))
