"""The process of a Prefect server, started again on the same socket whenever it dies.

This process keeps the listening socket, so that clients wait for the next server in place of being
refused, and nobody else can take the port. It must not import Prefect.
"""

import os
import socket
import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from cultivar.store.homes import private_log
from processes import children
from processes.prefect_server.settings import server_log

STOP_SECONDS = 10.0
# A server that dies this often within so many seconds is not worth another start.
DEATHS, WITHIN_SECONDS = 6, 300.0


class Child:
    """A server process that is kept alive until ``end``, or until it dies too often."""

    def __init__(self, environment: Mapping[str, str], listener: socket.socket, home: Path) -> None:
        self.has_answered = False
        self.restarts = 0
        self._environment = dict(environment)
        self._listener = listener
        self._home = home
        self._deaths: deque[float] = deque(maxlen=DEATHS)
        self._change = threading.Lock()
        self._ended = threading.Event()
        self._lost = threading.Event()
        self.process = self._spawn()
        threading.Thread(target=self._keep, name="prefect-server", daemon=True).start()

    @property
    def is_lost(self) -> bool:
        """Whether the server died and is not started again."""
        return self._lost.is_set()

    def end(self) -> None:
        """End the server, and give its port back."""
        with self._change:
            self._ended.set()
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._listener.close()

    def _keep(self) -> None:
        while True:
            code = self.process.wait()
            with self._change:
                if self._ended.is_set():
                    return
                if not self._is_worth_another(code):
                    # whoever still asks is refused, and does not wait for nothing
                    self._listener.close()
                    self._lost.set()
                    return
                self._replace()

    def _replace(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.restarts += 1
        self.process = self._spawn()

    def _is_worth_another(self, code: int) -> bool:
        """Tell whether to start again; what ends before it ever answered ends again."""
        now = time.monotonic()
        self._deaths.append(now)
        too_often = len(self._deaths) == DEATHS and now - self._deaths[0] < WITHIN_SECONDS
        return not too_often and (code < 0 or self.has_answered)

    def _spawn(self) -> subprocess.Popen[bytes]:
        with private_log(server_log(self._home).name, self._home) as output:
            return subprocess.Popen(  # noqa: S603 - its own module and a number
                children.module("processes.prefect_server.process", str(self._listener.fileno())),
                cwd=children.folder(self._home),
                umask=0o077,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=_inherited() | children.SAFE_PATH | self._environment,
                pass_fds=[self._listener.fileno()],
                # Ctrl-C goes to this process alone, which then ends its children in order
                start_new_session=True,
            )


def _inherited() -> dict[str, str]:
    """Return this process's environment without what is said of other servers, or as a client."""
    said = ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING", "PREFECT_API_KEY", "PREFECT_PROFILE")
    return {name: value for name, value in os.environ.items() if name not in said}
