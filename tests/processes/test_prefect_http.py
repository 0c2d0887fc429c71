"""Small requests to a Prefect server: the log-in, whom it is sent to, and proxies."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cultivar.settings import read_settings
from processes import events as nudging
from processes.prefect_server import http as prefect_http
from processes.prefect_server import server
from processes.prefect_server.login import login_file, login_to_serve
from processes.prefect_server.settings import (
    HOST,
    SILENT,
    keep_loopback_direct,
    prefect_home,
    restore,
)

Heard = list[dict[str, str]]


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, Heard]]:
    """A server of somebody else, and the headers of what it was asked."""
    heard: Heard = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(dict(self.headers))
            answer = {"token": "t"} if "csrf" in self.path else True
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    listening = ThreadingHTTPServer((HOST, 0), Handler)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://{HOST}:{listening.server_address[1]}", heard
    listening.shutdown()
    listening.server_close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a log-in."""
    made = tmp_path / "home"
    prefect_home(made).mkdir(parents=True)
    login_to_serve(made)
    return made


def test_the_log_in_is_made_once_and_is_never_readable_by_others(tmp_path: Path) -> None:
    prefect_home(tmp_path).mkdir()
    before = os.umask(0)
    try:
        with ThreadPoolExecutor(8) as pool:
            made = set(pool.map(lambda _: login_to_serve(tmp_path), range(32)))
    finally:
        os.umask(before)
    assert len(made) == 1
    assert login_file(tmp_path).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in prefect_home(tmp_path).iterdir()] == ["auth"]


@pytest.mark.parametrize("spoil", ["others may read it", "it is empty"])
def test_a_spoiled_log_in_is_made_again(home: Path, spoil: str) -> None:
    before = login_to_serve(home)
    if spoil == "it is empty":
        login_file(home).write_text("")
    else:
        login_file(home).chmod(0o640)
    assert login_to_serve(home) not in ("", before)
    assert login_file(home).stat().st_mode & 0o777 == 0o600


def test_the_log_in_of_the_home_is_not_sent_to_a_named_server(
    home: Path, elsewhere: tuple[str, Heard], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, heard = elsewhere
    settings = read_settings({"CULTIVAR_HOME": str(home)})
    monkeypatch.delenv("PREFECT_API_AUTH_STRING", raising=False)
    monkeypatch.setenv("PREFECT_API_URL", f"{url}/api")
    assert nudging.nudge(settings, "contracts", "alex")
    assert [each for each in heard if "Authorization" in each] == []
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "their:own")
    assert nudging.nudge(settings, "contracts", "alex")
    assert heard[-1]["Authorization"] == prefect_http._authorization("their:own")
    assert heard[-1]["Prefect-Csrf-Token"] == "t"


def test_a_note_whose_owner_is_gone_tells_nobody_the_log_in(
    home: Path, elsewhere: tuple[str, Heard]
) -> None:
    url, heard = elsewhere
    (prefect_home(home) / "server.json").write_text(json.dumps({"url": url, "owner": os.getpid()}))
    assert server.find(home, 5) is None
    assert heard == []


@pytest.mark.parametrize("stated", ["", "example.org,localhost"])
def test_loopback_is_never_asked_through_a_proxy(
    elsewhere: tuple[str, Heard], monkeypatch: pytest.MonkeyPatch, stated: str
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("NO_PROXY", stated)
    assert prefect_http.get(f"{elsewhere[0]}/api/health") is True
    environment = dict(os.environ)
    keep_loopback_direct(environment)
    wanted = {"127.0.0.1", "localhost", "::1", *filter(None, stated.split(","))}
    assert set(environment["NO_PROXY"].split(",")) == wanted
    assert environment["no_proxy"] == environment["NO_PROXY"]


def test_without_a_proxy_nothing_is_said_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {"PATH": "/bin"}
    keep_loopback_direct(environment)
    assert environment == {"PATH": "/bin"}
    monkeypatch.setenv("NO_PROXY", "example.org")
    before = dict(os.environ)
    os.environ["NO_PROXY"] = "example.org,127.0.0.1"
    restore(before)
    assert os.environ["NO_PROXY"] == "example.org"


@pytest.mark.slow
def test_prefect_is_silent_also_where_it_was_imported_first() -> None:
    script = (
        "import prefect, flows\n"
        "from prefect.settings import get_current_settings\n"
        "server = get_current_settings().server\n"
        "print(server.ephemeral.enabled, server.analytics_enabled)\n"
    )
    quiet = {name: value for name, value in os.environ.items() if name not in SILENT}
    done = subprocess.run(
        [sys.executable, "-P", "-c", script],
        env=quiet,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", "False"]
