"""Artifacts and registries as an earlier release made them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import sqlalchemy as sa
from alembic import command
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import ITEMS, SCHEMAS, DeclaredSchema
from cultivar.store import migrating
from cultivar.store.artifacts import ArtifactStore
from cultivar.store.registry import Registry

MIGRATIONS = ScriptDirectory(str(Path(migrating.__file__).parent / "migrations"))


def written_as(store: ArtifactStore, version: int, rows: pa.Table) -> ArtifactReference:
    """Write items as a version of their schema had them, columns of later ones left out."""
    columns = ITEMS.at(version)
    assert columns is not None
    older = DeclaredSchema(ITEMS.name, version, columns, ITEMS.about)
    with patch("cultivar.store.parquet.SCHEMAS", {**SCHEMAS, ITEMS.name: older}):
        return store.write(ITEMS.name, rows.select(columns.names), producer="crawl")


def make_registry_of(revision: str, url: str) -> None:
    """Make an empty registry with the tables that a revision had."""
    upgrade: Callable[..., Any] = command.upgrade
    with patch.object(command, "upgrade", lambda config, _head: upgrade(config, revision)):
        Registry.open(url).close()


def before(revision: str) -> str:
    """Return the revision that a migration begins from."""
    script = MIGRATIONS.get_revision(revision)
    assert script is not None
    return str(script.down_revision)


def run_migration(connection: sa.Connection, revision: str) -> None:
    """Run one migration alone, whatever revision the registry is at."""
    script = MIGRATIONS.get_revision(revision)
    assert script is not None
    with Operations.context(MigrationContext.configure(connection)):
        script.module.upgrade()
