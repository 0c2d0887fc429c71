"""Runs that nobody waits for: queued once, worked off by threads, ended in order."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cultivar.core.errors import CultivarError, NotReady, StoreUnavailable
from cultivar.settings import Settings, read_settings
from processes import runner as runs
from processes.prefect_server import server
from processes.runner import LocalRunner, PrefectRunner, runs_for

Done = list[tuple[str, dict[str, Any]]]


class Held(LocalRunner):
    """Runs that wait until they are let go; nothing of Prefect starts."""

    def __init__(self, settings: Settings, at_once: int) -> None:
        self.done: Done = []
        self.begun, self.go = threading.Semaphore(0), threading.Semaphore(0)
        super().__init__(settings, at_once)

    def _run(self, flow: str, parameters: dict[str, Any]) -> None:
        self.begun.release()
        self.go.acquire()
        self.done.append((flow, parameters))


@pytest.fixture
def settings_here(tmp_path: Path) -> Settings:
    return read_settings({"CULTIVAR_HOME": str(tmp_path), "CULTIVAR_USER": "alex"})


@pytest.fixture
def held(settings_here: Settings) -> Iterator[Held]:
    made = Held(settings_here, 1)
    yield made
    for _ in range(20):
        made.go.release()
    made.stop()


def test_what_waits_already_is_not_queued_again(held: Held) -> None:
    held("training", {"job_id": "1"})
    assert held.begun.acquire(timeout=10)
    for flow, parameters in (("sweep", {}), ("sweep", {}), ("training", {"job_id": "1"})):
        held(flow, parameters)
    for _ in range(3):
        held.go.release()
    assert held.begun.acquire(timeout=10)
    assert held.begun.acquire(timeout=10)
    held.stop()
    # the first had begun, so what it may have missed is done once more
    assert [flow for flow, _ in held.done] == ["training", "sweep", "training"]


def test_stopping_waits_for_what_is_at_work_and_takes_up_nothing_more(held: Held) -> None:
    held("training", {"job_id": "1"})
    assert held.begun.acquire(timeout=10)
    held("training", {"job_id": "2"})
    threading.Timer(0.2, held.go.release).start()
    held.stop()
    assert held.done == [("training", {"job_id": "1"})]


def test_a_run_that_is_refused_or_breaks_leaves_the_thread_at_work(
    settings_here: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    seen = threading.Semaphore(0)

    def flow(what: str) -> None:
        seen.release()
        if what == "refused":
            raise CultivarError("no", "A sentence.")
        if what == "broken":
            raise ValueError("the text of a document")

    class Module:
        training = staticmethod(flow)

    monkeypatch.setattr(runs, "import_module", lambda _: Module)
    monkeypatch.setattr(LocalRunner, "_connect", lambda _: None)
    here = LocalRunner(settings_here, 1)
    for what in ("refused", "broken", "well"):
        here("training", {"what": what})
    for _ in range(3):
        assert seen.acquire(timeout=10)
    here.stop()
    assert "ValueError" in caplog.text
    assert "the text of a document" not in caplog.text


def test_without_a_server_elsewhere_this_process_runs_flows(
    settings_here: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    found = runs_for(settings_here)
    assert found.is_here
    found.stop()


def test_a_server_that_is_named_and_does_not_answer_is_told_at_once(
    settings_here: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with pytest.raises(NotReady, match="no Prefect server answers there"):
        runs_for(settings_here)


def test_workers_that_cannot_be_reached_are_told(
    settings_here: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: Any, **__: Any) -> None:
        raise ConnectionError("nobody there")

    monkeypatch.setattr("prefect.deployments.run_deployment", unreachable)
    monkeypatch.setattr(runs, "connect", lambda *_: None)
    workers = PrefectRunner(settings_here, server.Server("http://127.0.0.1:9"))
    assert not workers.is_here
    with pytest.raises(StoreUnavailable, match="cultivar up"):
        workers("training", {"job_id": "1"})
