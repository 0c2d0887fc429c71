"""Fixtures of the tests that run flows: a real Prefect server, and homes at each stage.

A stage is reached once a session, by the real flows, and copied for every test that starts there.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cultivar.operations.classifiers.classifiers import create_classifier
from cultivar.operations.content.locations import add_location, resolve_source
from cultivar.operations.review.items import next_items
from cultivar.operations.review.verdicts import close_batch, open_batch, record_verdict
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.settings import Settings
from cultivar.store.workspace import Workspace, open_workspace
from processes.prefect_server import settings as prefect_settings
from tests.orchestration import Orchestrator, settings_of
from tests.small import Organisation, grow

ACTOR = "alex"
NAME = "Supplier contracts"
CLASSIFIER = "supplier-contracts"


@pytest.fixture(autouse=True)
def _prefect_follows_the_environment() -> None:
    """Let Prefect read its settings again, as the test before may have had a server of its own."""
    prefect_settings.restore(dict(os.environ))


@pytest.fixture(scope="session")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Organisation:
    """A small organisation of text files; tests must not change it."""
    return grow(tmp_path_factory.mktemp("organisation"))


Stage = Callable[[Workspace], None]


class Stages:
    """Homes at each stage, reached once and copied."""

    def __init__(self, root: Path, organisation: Organisation) -> None:
        self._root = root
        self._steps: dict[str, Stage] = {
            "located": lambda workspace: add_locations(workspace, organisation),
            "opted in": _opt_in,
            "trained": _train,
            "tested": _test,
            "stable": _review,
            "published": _publish,
        }

    def at(self, stage: str) -> Path:
        """Return the home at a stage."""
        home = self._root / stage.replace(" ", "-")
        if home.is_dir():
            return home
        names = list(self._steps)
        before = names[names.index(stage) - 1] if stage != names[0] else None
        making = home.with_suffix(".making")
        if before is None:
            making.mkdir(parents=True)
        else:
            shutil.rmtree(making, ignore_errors=True)
            shutil.copytree(self.at(before), making)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CULTIVAR_HOME", str(making))
            patch.setenv("CULTIVAR_USER", ACTOR)
            with open_workspace(settings_of(making)) as workspace:
                self._steps[stage](workspace)
        making.rename(home)
        return home


@pytest.fixture(scope="session")
def stages(
    orchestrator: Orchestrator,
    organisation: Organisation,
    tmp_path_factory: pytest.TempPathFactory,
) -> Stages:
    """The homes that tests copy."""
    return Stages(tmp_path_factory.mktemp("stages"), organisation)


@pytest.fixture
def begin(stages: Stages, settings: Settings) -> Iterator[Callable[[str], Workspace]]:
    """Return what opens the test's own workspace at a stage."""
    opened: list[Workspace] = []

    def start(stage: str) -> Workspace:
        shutil.copytree(stages.at(stage), settings.home)
        opened.append(open_workspace(settings))
        return opened[0]

    yield start
    for workspace in opened:
        workspace.close()


def add_locations(workspace: Workspace, organisation: Organisation) -> None:
    """Set up the tenant with the organisation's three folders as locations."""
    bootstrap(workspace, ACTOR)
    add_location(workspace, ACTOR, "content", str(organisation.content))
    add_location(workspace, ACTOR, "seeds", str(organisation.seeds), purpose="seed")
    add_location(workspace, ACTOR, "tests", str(organisation.tests), purpose="test")


def _opt_in(_workspace: Workspace) -> None:
    from flows.crawl import crawl
    from flows.opt_in import opt_in

    opt_in()
    crawl("seeds")
    crawl("tests")


def _train(workspace: Workspace) -> None:
    from flows.seed_ingest import seed_ingest
    from flows.training import training

    create_classifier(workspace, ACTOR, NAME, "", resolve_source(workspace, "seeds"))
    seed_ingest(NAME)
    training(NAME)


def _test(_workspace: Workspace) -> None:
    from flows import test_scoring

    test_scoring.test_scoring(NAME, "tests")


def _review(workspace: Workspace) -> None:
    from flows.review_gate import review_gate

    while not review_gate(NAME).stable:
        answer_batch(workspace)


def _publish(_workspace: Workspace) -> None:
    from flows.publish import publish

    publish(NAME)


def answer_batch(workspace: Workspace) -> None:
    """Review one batch by the declared labels, wherever the items lie."""
    open_batch(workspace, ACTOR, CLASSIFIER)
    for item in next_items(workspace, ACTOR, CLASSIFIER):
        right = (item.folder == "positive") == (item.prediction == "match")
        record_verdict(workspace, ACTOR, CLASSIFIER, item.item_id, "yes" if right else "no")
    close_batch(workspace, ACTOR, CLASSIFIER)
