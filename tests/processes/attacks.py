"""What another account, or a page of another origin, would try on a Prefect server."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from processes.prefect_server.settings import HOST

NOBODY = 65_534
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# It takes addresses to ask as [method, url, body] and files to read, and prints what it got.
SCRIPT = """
import json, sys, urllib.error, urllib.request
requests, files = json.loads(sys.argv[1])
found = {}
for method, url, body in requests:
    asked = urllib.request.Request(
        url, None if body is None else json.dumps(body).encode(), method=method,
        headers={"Content-Type": "application/json"},
    )
    try:
        found[method + " " + url] = urllib.request.urlopen(asked, timeout=60).status
    except urllib.error.HTTPError as error:
        found[method + " " + url] = error.code
for path in files:
    try:
        found[path] = len(open(path, "rb").read())
    except PermissionError:
        found[path] = "refused"
print(json.dumps(found))
"""

# The same from a page: what needs a preflight, and what a browser sends without asking first.
PAGE = """<script>
async function tried(method, url, body, extra) {
  try {
    const answer = await fetch(url, {method, body: body && JSON.stringify(body), ...extra});
    return answer.type === "opaque" ? "sent unread" : answer.status;
  } catch (error) { return "refused"; }
}
(async () => {
  const json = {headers: {"Content-Type": "application/json"}};
  const told = {
    read: await tried("POST", "API/deployments/filter", {}, json),
    patch: await tried("PATCH", "API/deployments/ID", {entrypoint: "evil.py:evil"}, json),
    run: await tried("POST", "API/deployments/ID/create_flow_run", {name: "attack"}, json),
    blind: await tried("POST", "API/deployments/ID/create_flow_run", {name: "attack"},
                       {mode: "no-cors"}),
    token: await tried("GET", "API/csrf-token?client=evil", null, {}),
  };
  await fetch("/told", {method: "POST", body: JSON.stringify(told)});
})();
</script>"""


def as_nobody(requests: list[tuple[str, str, Any]], files: list[str]) -> dict[str, Any]:
    """Return what another account of this machine gets: a status for each request and file."""
    done = subprocess.run(
        [_anybodys_python(), "-I", "-c", SCRIPT, json.dumps([requests, files])],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        cwd="/",
        env={},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def _anybodys_python() -> str:
    if os.geteuid() != 0:
        pytest.skip("only root can play another account")
    for python in (os.path.realpath(sys.executable), shutil.which("python3", path="/usr/bin")):
        if python and _runs_for_nobody(python):
            return python
    return pytest.skip("no Python that another account may run")


def _runs_for_nobody(python: str) -> bool:
    try:
        done = subprocess.run(
            [python, "-I", "-c", ""], user=NOBODY, group=NOBODY, cwd="/", check=False
        )
    except PermissionError:
        return False
    return done.returncode == 0


def from_a_page(api_url: str, deployment: str, profile: Path) -> dict[str, Any]:
    """Open a page of another origin on this machine in a real browser; return what it got."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("Chromium is not installed")
    with _page(PAGE.replace("API", api_url).replace("ID", deployment)) as (address, told):
        process = subprocess.Popen(
            [browser, *FLAGS, f"--user-data-dir={profile}", address],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return told.get(timeout=240)
        finally:
            os.killpg(process.pid, 9)
            process.wait()


@contextmanager
def _page(page: str) -> Iterator[tuple[str, "Queue[dict[str, Any]]"]]:
    told: Queue[dict[str, Any]] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(page.encode())

        def do_POST(self) -> None:
            told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._answer(b"")

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_address[1]}/", told
    finally:
        server.shutdown()
        server.server_close()
