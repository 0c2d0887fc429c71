"""A workspace whose process dies at a chosen write: a commit, or an artifact's final rename.

The writes are the real ones: of a commit either nothing is kept or all of it, of a rename likewise,
and whoever asked never hears which.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from cultivar.core.errors import CultivarError
from cultivar.settings import Settings, read_settings
from cultivar.store.artifacts import ArtifactStore
from cultivar.store.files import HashedFile, LocalFiles
from cultivar.store.registry import Registry
from cultivar.store.workspace import Workspace, now

Act = Callable[[Workspace], object]


class Crash(BaseException):
    """The process is gone: no handler of exceptions may do anything about it."""


class Crashes:
    """Counts the writes of one process and lets it die at the one that is asked for."""

    def __init__(self, at: int | None = None) -> None:
        self.at = at
        self.reached = 0
        self.dead = False

    def reach(self) -> None:
        """Count one moment before or after a write; die when it is the one."""
        self.reached += 1
        self.dead = self.dead or self.reached == self.at
        if self.dead:
            raise Crash


class CrashingRegistry(Registry):
    """A registry that may die before or after each commit."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.crashes = Crashes()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a session as the registry does."""
        if self.crashes.dead:
            raise Crash
        with super().transaction() as session:
            yield session
            self.crashes.reach()
        self.crashes.reach()


class CrashingFiles(LocalFiles):
    """Local files that may die before or after each final rename."""

    crashes: Crashes

    def publish(self, staged: HashedFile, name: str) -> None:
        """Rename as local files do."""
        self.crashes.reach()
        super().publish(staged, name)
        self.crashes.reach()


def open_crashing(settings: Settings, crashes: Crashes, clock: Callable[[], datetime]) -> Workspace:
    """Open a workspace on SQLite and local files that dies as ``crashes`` says."""
    registry = CrashingRegistry.open(settings.registry_url)
    registry.crashes = crashes
    artifacts = ArtifactStore(settings.artifacts_url, registry, clock=clock)
    files = CrashingFiles(settings.home / "artifacts")
    files.crashes = crashes
    artifacts.files = files
    return Workspace(settings, registry, artifacts, clock)


def copy_of(template: Path, folder: Path) -> Path:
    """Copy a home into a folder and return it."""
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(template, home)
    return home


class World:
    """A home that processes open, die in, and open again; its clock can be put on."""

    def __init__(self, template: Path) -> None:
        self.folder = Path(tempfile.mkdtemp())
        home = copy_of(template, self.folder)
        environment = {"CULTIVAR_HOME": str(home), "CULTIVAR_USER": "alex"}
        self.settings = read_settings(environment)
        self.passed = timedelta(0)
        self.workspace = self._opened(None)

    def _opened(self, at: int | None) -> Workspace:
        return open_crashing(self.settings, Crashes(at), self.clock)

    def clock(self) -> datetime:
        """The present moment in UTC, as far as it was put on."""
        return now() + self.passed

    def reset(self, template: Path) -> None:
        """Begin again from a home."""
        self.workspace.close()
        copy_of(template, self.folder)
        self.workspace = self._opened(None)

    def do(self, act: Act, dies_at: int | None) -> CultivarError | None:
        """Do something in a process that may die; the next process finds what it left."""
        self.workspace.close()
        self.workspace = self._opened(dies_at)
        try:
            act(self.workspace)
        except Crash:
            self.workspace.close()
            self.workspace = self._opened(None)
            raise
        except CultivarError as refusal:
            return refusal
        return None

    def close(self) -> None:
        """Remove the home."""
        self.workspace.close()
        shutil.rmtree(self.folder)
