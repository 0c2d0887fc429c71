"""A command at a real terminal: what shows on the screen, and keys pressed."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from typing import Self


class Terminal:
    """A command at a real terminal; use it as a context manager."""

    def __init__(self, *arguments: str) -> None:
        self.master, slave = pty.openpty()
        self.screen = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flows.cli", *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=os.environ | {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"},
            start_new_session=True,
            # as in a person's shell, also where the tests run in a background that ignores it
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no thread runs
        )
        os.close(slave)

    def wait_for(self, pattern: str, seconds: float = 60.0) -> str:
        """Read until a pattern shows, forget what came before it, and return what matched."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = re.search(pattern, self.screen)
            if found:
                self.screen = self.screen[found.end() :]
                return found[0]
            if select.select([self.master], [], [], 0.05)[0]:
                try:
                    self.screen += os.read(self.master, 65_536).decode("utf-8", "replace")
                except OSError:
                    break
        raise AssertionError(f"{pattern!r} did not show; the screen ends {self.screen[-400:]!r}")

    def press(self, key: str) -> None:
        os.write(self.master, key.encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.master)
