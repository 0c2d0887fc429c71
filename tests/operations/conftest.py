"""Fixtures of the operations' tests: an organisation at several points of the lifecycle."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cultivar.settings import Settings, read_settings
from cultivar.store.workspace import Workspace, open_workspace
from tests.operations.organisation import Organisation


@pytest.fixture
def organisation(workspace: Workspace) -> Organisation:
    """An empty organisation: nobody set it up yet."""
    return Organisation(workspace)


def _settings(home: Path) -> Settings:
    return read_settings({"CULTIVAR_HOME": str(home), "CULTIVAR_USER": "alex"})


@pytest.fixture(scope="session")
def _reviewable_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the classifier ``contracts`` in review, made once and copied for each test."""
    home = tmp_path_factory.mktemp("reviewable") / "home"
    with open_workspace(_settings(home)) as workspace:
        made = Organisation(workspace)
        made.opt_in()
        made.create()
        made.train("contracts")
        made.test("contracts")
    return home


@pytest.fixture
def reviewable(_reviewable_home: Path, tmp_path: Path) -> Iterator[Organisation]:
    """An organisation whose classifier ``contracts`` has 240 scored test items to review."""
    home = tmp_path / "copy"
    shutil.copytree(_reviewable_home, home)
    with open_workspace(_settings(home)) as workspace:
        yield Organisation(workspace)
