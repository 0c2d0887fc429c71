"""A home on SQLite and local files, copied to wherever a test keeps its workspace."""

import shutil
from pathlib import Path

from fsspec.core import url_to_fs

from cultivar.settings import Settings
from cultivar.store.backups.registry_copies import copy_rows
from cultivar.store.workspace import Workspace, open_workspace


def copied(home: Path, source: Workspace, settings: Settings) -> Workspace:
    """Return a workspace of ``settings`` that holds what ``source``, kept in ``home``, does."""
    if settings.registry_url.startswith("sqlite"):
        shutil.copytree(home, settings.home)
        return open_workspace(settings)
    workspace = open_workspace(settings)
    copy_rows(source.registry, workspace.registry)
    file_system, root = url_to_fs(settings.artifacts_url)
    file_system.put(f"{home / 'artifacts'}/", root, recursive=True)
    return workspace
