"""The Prefect server as a child process: found, started, shared, ended."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cultivar.core.errors import Conflict, NotReady, StoreUnavailable
from cultivar.settings import Settings, read_settings
from processes.prefect_server import http as prefect_http
from processes.prefect_server import note as server_note
from processes.prefect_server import server
from processes.prefect_server.login import login_to_serve
from processes.prefect_server.settings import HOST, prefect_home

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home of its own, and no server named by the environment."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    return _settings(tmp_path / "home", _unused_port())


def _settings(home: Path, port: int) -> Settings:
    return read_settings({"CULTIVAR_HOME": str(home), "CULTIVAR_PREFECT_PORT": str(port)})


def _unused_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/api/health", timeout=2) as answer:  # noqa: S310
            return json.load(answer) is True
    except OSError:
        return False


def _gone(url: str, within: float = 15) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not _answers(url):
            return True
        time.sleep(0.1)
    return False


def test_a_second_user_shares_the_server_and_leaves_it_running(settings: Settings) -> None:
    told: list[str] = []
    with server.running(settings, told.append) as first:
        with server.running(settings, told.append) as second:
            assert second.url == first.url
            assert second.process is None
        assert _answers(first.url)
    assert _gone(first.url)
    assert len(told) == 1
    assert "Starting" in told[0]


def test_flow_runs_that_ended_a_month_ago_are_removed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the server looks every hour; here it does so at once
    monkeypatch.setenv("PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS", "1")
    with server.running(settings) as running:
        ask = partial(prefect_http.post, running.api_url, login=running.login)
        old, young = (_ended(ask, settings.home, days) for days in (31, 29))
        deadline = time.monotonic() + 60
        while (left := _run_ids(ask)) != {young} and time.monotonic() < deadline:
            assert young in left
            time.sleep(0.5)
        assert old not in left
        assert left == {young}


def _ended(ask: Callable[..., Any], home: Path, days: int) -> str:
    """Let a flow run have ended some days ago, and return its id."""
    flow = ask("/flows/", {"name": "labelling"})["id"]
    run: str = ask("/flow_runs/", {"flow_id": flow, "state": {"type": "COMPLETED"}})["id"]
    at = datetime.now(UTC) - timedelta(days=days)
    with closing(sqlite3.connect(prefect_home(home) / "prefect.db", timeout=30)) as database:
        changed = database.execute(
            "UPDATE flow_run SET end_time = ? WHERE id = ?", (f"{at:%Y-%m-%d %H:%M:%S.%f}", run)
        )
        assert changed.rowcount == 1
        database.commit()
    return run


def _run_ids(ask: Callable[..., Any]) -> set[str]:
    return {each["id"] for each in ask("/flow_runs/filter", {})}


def test_a_taken_port_is_passed_over(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, settings.prefect_port))
        taken.listen()
        with server.running(settings) as found:
            assert found.url != f"http://{HOST}:{settings.prefect_port}"
            assert _answers(found.url)


def test_no_free_port_is_a_sentence(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "PORTS_TRIED", 1)
    with socket.socket() as taken:
        taken.bind((HOST, settings.prefect_port))
        taken.listen()
        with pytest.raises(Conflict, match="CULTIVAR_PREFECT_PORT") as refused:
            server.start(settings)
    assert refused.value.code == "no-free-port"


def test_the_note_of_a_killed_server_is_ignored(settings: Settings) -> None:
    first = server.start(settings)
    assert first.process is not None
    first.process.kill()
    server.stop(first)
    assert server.find(settings.home) is None
    with server.running(settings) as second:
        assert _answers(second.url)


def test_a_server_that_is_about_to_stop_is_not_found(settings: Settings) -> None:
    with server.running(settings) as first:
        assert server.find(settings.home) is not None
        server.retire(settings.home, first)
        assert server.find(settings.home) is None
        assert _answers(first.url)


def test_a_server_of_another_home_is_not_taken_for_ours(settings: Settings, tmp_path: Path) -> None:
    with server.running(settings) as theirs:
        home = tmp_path / "other"
        prefect_home(home).mkdir(parents=True)
        login_to_serve(home)
        with server_note.write(home, theirs.url):
            assert server_note.read(home) == theirs.url
            assert server.find(home) is None


def test_a_server_ends_with_an_owner_that_was_killed(settings: Settings) -> None:
    owner = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import time\n"
            "from cultivar.settings import read_settings\n"
            "from processes.prefect_server import server\n"
            "print(server.start(read_settings()).url, flush=True)\n"
            "time.sleep(600)\n",
        ],
        stdout=subprocess.PIPE,
        env=os.environ
        | {
            "CULTIVAR_HOME": str(settings.home),
            "CULTIVAR_PREFECT_PORT": str(settings.prefect_port),
        },
    )
    assert owner.stdout is not None
    url = owner.stdout.readline().decode().strip()
    assert _answers(url)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    assert _gone(url)


def test_the_server_is_told_to_be_silent(settings: Settings) -> None:
    with server.running(settings) as found:
        stated = prefect_http.get(f"{found.api_url}/admin/settings", found.login, 30)
        assert stated["server"]["analytics_enabled"] is False
        assert stated["server"]["ephemeral"]["enabled"] is False
        assert stated["server"]["database"]["timeout"] == 60
        assert stated["server"]["ui"]["show_promotional_content"] is False
        assert os.environ["DO_NOT_TRACK"] == "1"
        assert Path(stated["home"]) == settings.home / "prefect"


def test_the_environment_is_given_back(settings: Settings) -> None:
    before = dict(os.environ)
    with server.running(settings):
        assert os.environ["PREFECT_API_URL"].startswith(f"http://{HOST}:")
    assert dict(os.environ) == before


def test_a_stated_server_that_is_out_of_reach_is_a_sentence(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", f"http://{HOST}:{_unused_port()}/api")
    with pytest.raises(NotReady, match="unset the variable"), server.running(settings):
        pass


def test_a_home_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    broken = _settings(tmp_path / "file" / "home", _unused_port())
    with (
        pytest.raises(StoreUnavailable, match="CULTIVAR_HOME") as refused,
        server.running(broken),
    ):
        pass
    assert refused.value.code == "home-not-writable"
