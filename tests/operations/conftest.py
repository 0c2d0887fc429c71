"""Fixtures of the operations' tests: an organisation at several points of the lifecycle."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cultivar.settings import Settings, read_settings
from cultivar.store.workspace import Workspace, open_workspace
from tests.operations import life
from tests.operations.copying import copied
from tests.operations.crashing import copy_of
from tests.operations.mail import in_use
from tests.operations.organisation import Organisation


@pytest.fixture
def organisation(workspace: Workspace) -> Organisation:
    """An empty organisation: nobody set it up yet."""
    return Organisation(workspace)


@pytest.fixture(scope="session")
def reviewable_home(_reviewable_home: Path) -> Path:
    """The home behind ``reviewable``, to be copied and never written to."""
    return _reviewable_home


def _settings(home: Path) -> Settings:
    return read_settings({"CULTIVAR_HOME": str(home), "CULTIVAR_USER": "alex"})


@pytest.fixture(scope="session")
def _reviewable_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the classifier ``contracts`` in review, made once and copied for each test."""
    home = tmp_path_factory.mktemp("reviewable") / "home"
    with open_workspace(_settings(home)) as workspace:
        made = Organisation(workspace)
        made.come_to_review()
    return home


@pytest.fixture(scope="session")
def _stable_home(_reviewable_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same home with seven batches reviewed, all of them agreed."""
    home = tmp_path_factory.mktemp("stable") / "home"
    shutil.copytree(_reviewable_home, home)
    with open_workspace(_settings(home)) as workspace:
        made = Organisation(workspace)
        made.agree()
    return home


@pytest.fixture
def stable(_stable_home: Path, settings: Settings) -> Iterator[Organisation]:
    """An organisation whose classifier ``contracts`` is ready to use."""
    with _copy(_stable_home, settings) as workspace:
        yield Organisation(workspace)


@pytest.fixture
def reviewable(_reviewable_home: Path, settings: Settings) -> Iterator[Organisation]:
    """An organisation whose classifier ``contracts`` has 240 scored test items to review."""
    with _copy(_reviewable_home, settings) as workspace:
        yield Organisation(workspace)


def _copy(home: Path, settings: Settings) -> Workspace:
    with open_workspace(_settings(home)) as source:
        return copied(home, source, settings)


@pytest.fixture(scope="session")
def _in_use_home(_stable_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same home with the classifier published, mail labelled, and a retention policy on."""
    home = tmp_path_factory.mktemp("in-use") / "home"
    shutil.copytree(_stable_home, home)
    with open_workspace(_settings(home)) as workspace:
        in_use(Organisation(workspace))
    return home


@pytest.fixture
def used(_in_use_home: Path, settings: Settings) -> Iterator[Organisation]:
    """An organisation whose classifier ``contracts`` is published and in use over mail."""
    with _copy(_in_use_home, settings) as workspace:
        yield Organisation(workspace)


@pytest.fixture(scope="session")
def life_home(_in_use_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two published classifiers in use over mail, and three policies."""
    home = copy_of(_in_use_home, tmp_path_factory.mktemp("life"))
    with open_workspace(_settings(home)) as workspace:
        life.settle(Organisation(workspace))
    return home
