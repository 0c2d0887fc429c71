"""A page opened in a real browser whose every word to other machines is recorded, not sent."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from processes.prefect_server.settings import HOST
from tests.processes.attacks import FLAGS

PAGE_SECONDS = 20
# whom Chromium asks for itself, whatever page it opens
BROWSERS_OWN = (".google.com", ".googleapis.com")


def opened(address: str, profile: Path) -> tuple[str, set[str]]:
    """Return what a page shows after a while, and which other hosts the browser asked for it."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("Chromium is not installed")
    with _recording_proxy() as (port, asked):
        done = subprocess.run(
            [
                browser,
                *FLAGS,
                f"--user-data-dir={profile}",
                f"--proxy-server=http://{HOST}:{port}",
                f"--virtual-time-budget={PAGE_SECONDS * 1000}",
                "--dump-dom",
                address,
            ],
            capture_output=True,
            text=True,
            check=True,
            timeout=200,
        )
    return done.stdout, asked


@contextmanager
def _recording_proxy() -> Iterator[tuple[int, set[str]]]:
    asked: set[str] = set()

    class Handler(BaseHTTPRequestHandler):
        def _refuse(self) -> None:
            host = urlsplit(self.path if "//" in self.path else f"//{self.path}").hostname or ""
            if not host.endswith(BROWSERS_OWN):
                asked.add(host)
            self.send_error(502)

        do_CONNECT = do_GET = do_POST = _refuse  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()
