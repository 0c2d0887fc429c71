"""Fixtures of the command line's tests: homes at points of the lifecycle, and ways to run it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.base.program import run
from cultivar.settings import read_settings
from cultivar.store.workspace import Workspace, open_workspace
from tests.operations.mail import in_use
from tests.operations.organisation import Organisation
from tests.operations.policing import publish_and_label


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The code of the error that was answered as JSON."""
        return str(self.json["error"]["code"])


Command = Callable[..., Answer]


@pytest.fixture
def cultivar(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command line in this process; ``typed`` is what is piped in."""

    def command(*arguments: str, typed: str = "") -> Answer:
        import io

        capsys.readouterr()
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        code = run([str(each) for each in arguments])
        printed = capsys.readouterr()
        return Answer(code, printed.out, printed.err)

    return command


@pytest.fixture
def process() -> Command:
    """Run a command line in a process of its own."""

    def command(*arguments: str, typed: str = "", **environment: str) -> Answer:
        import os

        done = subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            input=typed,
            capture_output=True,
            text=True,
            env=os.environ | environment,
            check=False,
            timeout=280,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    return command


@pytest.fixture(scope="session")
def _reviewable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the classifier ``contracts`` in review, made once and copied."""
    home = tmp_path_factory.mktemp("cli") / "home"
    settings = read_settings({"CULTIVAR_HOME": str(home), "CULTIVAR_USER": "alex"})
    with open_workspace(settings) as workspace:
        made = Organisation(workspace)
        made.come_to_review()
    return home


@pytest.fixture
def reviewable(_reviewable: Path, tmp_path: Path) -> Iterator[Workspace]:
    """The test's own home, whose classifier ``contracts`` has 240 test items to review."""
    home = tmp_path / "home"
    shutil.copytree(_reviewable, home)
    settings = read_settings({"CULTIVAR_HOME": str(home), "CULTIVAR_USER": "alex"})
    with open_workspace(settings) as workspace:
        yield workspace


@pytest.fixture(scope="session")
def _in_use(_reviewable: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same home with the classifier published and in use over mail, made once and copied."""
    home = tmp_path_factory.mktemp("in-use") / "home"
    shutil.copytree(_reviewable, home)
    settings = read_settings({"CULTIVAR_HOME": str(home), "CULTIVAR_USER": "alex"})
    with open_workspace(settings) as workspace:
        made = Organisation(workspace)
        made.agree()
        in_use(made)
    return home


@pytest.fixture
def used(_in_use: Path, tmp_path: Path) -> Iterator[Organisation]:
    """The test's own home, whose classifier ``contracts`` may be given feedback."""
    home = tmp_path / "home"
    shutil.copytree(_in_use, home)
    settings = read_settings({"CULTIVAR_HOME": str(home), "CULTIVAR_USER": "alex"})
    with open_workspace(settings) as workspace:
        yield Organisation(workspace)


@pytest.fixture
def labelled(reviewable: Workspace) -> Workspace:
    """The same home with the classifier reviewed, published, and all content labelled by it."""
    made = Organisation(reviewable)
    made.agree()
    publish_and_label(made)
    return reviewable
