"""Steps: failures as sentences without traceback or text, and another try only where it helps."""

import logging

import pytest
from prefect import flow
from prefect.client.schemas.objects import State

import tasks
from cultivar.core.errors import GateClosed, StoreUnavailable
from flows.base.stage import stage
from tasks import Told

pytestmark = pytest.mark.usefixtures("orchestrator")


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "RETRY_DELAYS", (0.0, 0.0))


def test_a_refusal_reaches_the_caller_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    refusal = GateClosed("too-few-seeds", "49 seeds were found.", {"found": 49})

    def refuse() -> Told[None]:
        raise refusal

    ask = tasks.step(refuse)

    @stage("ask: {whom}")
    def ask_once(whom: str) -> Told[None]:
        return Told(ask(), f"asked {whom}")

    with caplog.at_level(logging.DEBUG), pytest.raises(GateClosed) as caught:
        ask_once("somebody")
    assert caught.value is refusal
    assert "Traceback" not in caplog.text
    state: State[None] = ask_once("somebody", return_state=True)
    assert state.is_failed()
    assert state.message == "49 seeds were found."


def test_the_text_of_a_defect_is_kept_from_prefect(caplog: pytest.LogCaptureFixture) -> None:
    def stumble() -> Told[None]:
        raise ValueError("a line of a document")

    wrong = tasks.step(stumble)

    @stage("stumble")
    def stumble_once() -> Told[None]:
        return Told(wrong(), "went well")

    with caplog.at_level(logging.DEBUG), pytest.raises(ValueError, match="a line of a document"):
        stumble_once()
    assert "a line of a document" not in caplog.text
    state: State[None] = stumble_once(return_state=True)
    assert state.message is not None
    assert state.message.startswith("ValueError in tests/tasks/test_steps.py line ")
    assert state.message.endswith(" in stumble")


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (StoreUnavailable("out-of-reach", "The store is out of reach."), 3),
        (GateClosed("too-few-seeds", "49 seeds were found."), 1),
        (ValueError("anything"), 1),
    ],
)
def test_only_a_store_out_of_reach_is_tried_again(error: Exception, tries: int) -> None:
    counted: list[int] = []

    def attempt() -> Told[None]:
        counted.append(1)
        raise error

    attempted = tasks.step(attempt)

    @flow
    def attempt_it() -> None:
        attempted()

    with pytest.raises(type(error)):
        attempt_it()
    assert len(counted) == tries


def test_a_store_that_comes_back_is_no_failure() -> None:
    left = [StoreUnavailable("out-of-reach", "The store is out of reach.")]

    def attempt() -> Told[int]:
        if left:
            raise left.pop()
        return Told(7, "seven")

    attempted = tasks.step(attempt)

    @stage("attempt")
    def attempt_it() -> Told[int]:
        return Told(attempted(), "it came back")

    assert attempt_it() == 7
