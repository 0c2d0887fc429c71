"""Both databases and all three kinds of artifact store, for every test that asks."""

import subprocess
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cultivar.store.artifacts import ArtifactStore
from cultivar.store.registry import Registry
from tests.disks import mounted


@pytest.fixture(params=["sqlite", "postgres"])
def registry_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a registry that does not exist yet, on each database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'home' / 'registry.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def registry(registry_url: str) -> Iterator[Registry]:
    """An empty registry, on each database."""
    with Registry.open(registry_url) as opened:
        yield opened


@pytest.fixture
def sqlite_registry(tmp_path: Path) -> Iterator[Registry]:
    """An empty registry where the database does not matter."""
    with Registry.open(f"sqlite:///{tmp_path / 'registry.db'}") as opened:
        yield opened


@pytest.fixture(params=["local", "memory", "s3"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty artifact store of each kind."""
    if request.param == "s3":
        bucket: str = request.getfixturevalue("s3_url")
        return f"{bucket}/artifacts"
    if request.param == "memory":
        return f"memory://{uuid.uuid4().hex}"
    return str(tmp_path / "artifacts")


def noon() -> datetime:
    """A clock that stands still."""
    return datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def store(store_url: str, sqlite_registry: Registry) -> ArtifactStore:
    """An empty artifact store of each kind."""
    return ArtifactStore(store_url, sqlite_registry, clock=noon)


@pytest.fixture
def local_store(tmp_path: Path, sqlite_registry: Registry) -> ArtifactStore:
    """An empty artifact store where its kind does not matter."""
    return ArtifactStore(str(tmp_path / "artifacts"), sqlite_registry, clock=noon)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a real file system of 1 MB."""
    with mounted(tmp_path / "small", "-t", "tmpfs", "-o", "size=1m", "tmpfs") as folder:
        yield folder


@pytest.fixture
def disk_to_protect(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of its own, which ``protect`` makes read-only."""
    with mounted(tmp_path / "protected", "-t", "tmpfs", "-o", "size=8m", "tmpfs") as folder:
        yield folder


def protect(folder: Path) -> None:
    """Make the file system of a folder read-only."""
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
