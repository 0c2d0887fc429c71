"""A workspace whose first person may work on projects, and one with a trained project."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cultivar.operations.tenant.tenant import bootstrap
from cultivar.settings import read_settings
from cultivar.store.workspace import Workspace, open_workspace
from tests.operations.projects.material import ACTOR, imported, trained


@pytest.fixture
def desk(workspace: Workspace) -> Workspace:
    """A set-up workspace without projects."""
    bootstrap(workspace, ACTOR)
    return workspace


@pytest.fixture(scope="session")
def _trained_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("projects") / "home"
    settings = read_settings({"CULTIVAR_HOME": str(home), "CULTIVAR_USER": ACTOR})
    with open_workspace(settings) as opened:
        bootstrap(opened, ACTOR)
        imported(opened)
        trained(opened)
    return home


@pytest.fixture
def news(_trained_home: Path, tmp_path: Path) -> Iterator[Workspace]:
    """A copy of a workspace whose project ``news`` has the model ``first``."""
    home = tmp_path / "news"
    shutil.copytree(_trained_home, home)
    settings = read_settings({"CULTIVAR_HOME": str(home), "CULTIVAR_USER": ACTOR})
    with open_workspace(settings) as opened:
        yield opened
