"""Prefect forgets everything in the middle of a review, and the review goes on."""

import shutil
import socket

import pytest

from cultivar.operations.review.verdicts import review_state
from cultivar.settings import Settings, read_settings
from cultivar.store.workspace import open_workspace
from flows.review_gate import review_gate
from processes.prefect_server import server
from processes.prefect_server.settings import HOST, prefect_home
from tests.flows.conftest import ACTOR, NAME, Stages, answer_batch

pytestmark = pytest.mark.slow


@pytest.fixture
def own_server(settings: Settings, stages: Stages, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a home whose Prefect server is the test's own, at the stage of a review.

    The stage is reached while the environment still points to the session's server.
    """
    shutil.copytree(stages.at("tested"), settings.home)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    return read_settings(
        {
            "CULTIVAR_HOME": str(settings.home),
            "CULTIVAR_USER": ACTOR,
            "CULTIVAR_PREFECT_PORT": str(port),
        }
    )


@pytest.mark.requirement("TC-51")
def test_a_review_goes_on_when_prefect_has_forgotten_it(own_server: Settings) -> None:
    with open_workspace(own_server) as workspace:
        with server.running(own_server):
            answer_batch(workspace)
            review_gate(NAME)
            answer_batch(workspace)
        forgotten = prefect_home(own_server.home)
        assert (forgotten / "prefect.db").is_file()
        shutil.rmtree(forgotten)
        waiting = review_state(workspace, ACTOR, NAME)
        assert (waiting.learning, waiting.reviewed, len(waiting.points)) == (True, 60, 2)
        with server.running(own_server):
            assert review_gate(NAME).learning is False
            answer_batch(workspace)
            state = review_gate(NAME)
    assert (state.decided, len(state.points)) == (90, 3)
    assert state.points[:2] == waiting.points
