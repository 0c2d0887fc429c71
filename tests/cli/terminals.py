"""A command at a real terminal: what shows on the screen, and keys pressed."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Self

_STYLES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_TAKEN = ("COLUMNS", "LINES", "PAGER", "NO_COLOR", "LESS")


class Terminal:
    """A command at a real terminal of its own; use it as a context manager."""

    def __init__(
        self,
        *arguments: str,
        columns: int = 100,
        rows: int = 40,
        shell: str | None = None,
        folder: Path | None = None,
        **environment: str,
    ) -> None:
        """Run `cultivar` with arguments, or a line of a shell in an environment of its own."""
        self.master, slave = pty.openpty()
        self.screen = self.drawn = ""
        self.resize(columns, rows)

        def prepare() -> None:
            # as in a person's shell, also where the tests run in a background that ignores it
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        kept = {name: value for name, value in os.environ.items() if name not in _TAKEN}
        inherited = {} if shell else kept
        self.process = subprocess.Popen(
            ["bash", "-c", shell] if shell else [sys.executable, "-m", "cli", *arguments],
            cwd=folder,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=inherited | {"TERM": "xterm-256color"} | environment,
            start_new_session=True,
            preexec_fn=prepare,  # noqa: PLW1509 - no thread runs
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

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def settle(self, seconds: float = 0.5) -> list[str]:
        """Read until nothing comes for a while; return the lines of the last frame, unstyled."""
        while select.select([self.master], [], [], seconds)[0]:
            try:
                self.screen += os.read(self.master, 65_536).decode("utf-8", "replace")
            except OSError:
                break
        self.drawn = self.screen.rpartition("\x1b[H")[2]
        return _STYLES.sub("", self.drawn).split("\r\n")

    def answer(self, key: str, seconds: float = 0.5) -> list[str]:
        """Press a key and return the lines of the frame that answers it, however late it comes."""
        self.screen = ""
        self.press(key)
        select.select([self.master], [], [], 60.0)
        return self.settle(seconds)

    def press(self, key: str) -> None:
        os.write(self.master, key.encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.master)
