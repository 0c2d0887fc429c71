"""Fixtures of the web tests: the application over a workspace at several points of the life."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cultivar.operations.tenant.tenant import bootstrap
from cultivar.settings import Settings, read_settings
from cultivar.store.workspace import open_workspace
from tests.operations.mail import in_use
from tests.operations.organisation import Organisation
from tests.web.talking import Web


def settings_of(home: Path) -> Settings:
    return read_settings({"CULTIVAR_HOME": str(home), "CULTIVAR_USER": "alex"})


@pytest.fixture(scope="session")
def reviewable_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the classifier ``contracts`` in review, made once."""
    home = tmp_path_factory.mktemp("web-reviewable") / "home"
    with open_workspace(settings_of(home)) as workspace:
        made = Organisation(workspace)
        made.come_to_review()
    return home


@pytest.fixture(scope="session")
def used_home(reviewable_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same home with the classifier published, mail labelled, and a retention policy on."""
    home = tmp_path_factory.mktemp("web-used") / "home"
    shutil.copytree(reviewable_home, home)
    with open_workspace(settings_of(home)) as workspace:
        made = Organisation(workspace)
        made.agree()
        in_use(made)
    return home


def copied_home(home: Path, folder: Path) -> Path:
    """Return a copy of a home in a folder."""
    shutil.copytree(home, folder / "home")
    return folder / "home"


Opener = Callable[[Path | None], Web]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    """Open the application over a copy of a home, or over a new tenant where none is named."""
    open_ones: list[Web] = []

    def open_copy(home: Path | None) -> Web:
        copy = tmp_path / "home"
        if home is not None:
            shutil.copytree(home, copy)
        workspace = open_workspace(settings_of(copy))
        bootstrap(workspace, "alex")
        open_ones.append(Web(workspace))
        return open_ones[-1]

    yield open_copy
    for each in open_ones:
        each.close()


@pytest.fixture
def web(opened: Opener) -> Web:
    """The application over a new tenant, which alex administers."""
    return opened(None)


@pytest.fixture
def reviewable(opened: Opener, reviewable_home: Path) -> Web:
    """The application over ``contracts`` in review."""
    return opened(reviewable_home)


@pytest.fixture
def used(opened: Opener, used_home: Path) -> Web:
    """The application over ``contracts``, published and in use over mail."""
    return opened(used_home)
