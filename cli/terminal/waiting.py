"""A sign of life at a terminal while a command has not said anything yet.

It begins by itself after a moment and ends with the first character that the command writes; it
knows no command. In a pipe there is none.
"""

import sys
import threading
from types import TracebackType
from typing import Any, Self, TextIO

AFTER, EVERY = 0.4, 0.1
FRAMES = "|/-\\"
SAID = "Working ..."


class Waiting:
    """Shows that something goes on until something is written; use it as a context manager."""

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted and sys.stderr.isatty()
        self._over = threading.Event()
        self._drawing = threading.Lock()
        self._drawn = False
        self._streams = (sys.stdout, sys.stderr)
        self._watched = tuple(_Watched(each, self.stop) for each in self._streams)

    def __enter__(self) -> Self:
        if self._wanted:
            sys.stdout, sys.stderr = self._watched
            threading.Thread(target=self._turn, name="waiting", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._wanted:
            self.stop()

    def stop(self) -> None:
        """Wipe the sign away, and hand the streams back, once."""
        if self._over.is_set():
            return
        self._over.set()
        for name, ours, own in zip(("stdout", "stderr"), self._watched, self._streams, strict=True):
            # another one may stand there by now, such as that of a progress bar
            if getattr(sys, name) is ours:
                setattr(sys, name, own)
        with self._drawing:
            if self._drawn:
                self._draw(f"\r{'':{len(SAID) + 2}}\r")

    def _turn(self) -> None:
        turn = 0
        wait = AFTER
        while not self._over.wait(wait):
            with self._drawing:
                # whoever wrote meanwhile has wiped the line
                if not self._over.is_set():
                    self._draw(f"\r{FRAMES[turn % len(FRAMES)]} {SAID}")
                    self._drawn = True
            turn, wait = turn + 1, EVERY

    def _draw(self, text: str) -> None:
        self._streams[1].write(text)
        self._streams[1].flush()


class _Watched:
    """A stream that says so before anything is written to it."""

    def __init__(self, stream: TextIO, before: Any) -> None:
        self._stream, self._before = stream, before

    def write(self, text: str) -> int:
        self._before()
        return self._stream.write(text)

    def writelines(self, lines: Any) -> None:
        self._before()
        self._stream.writelines(lines)

    def flush(self) -> None:
        """Whoever flushes may write around the stream next: a question, a whole screen."""
        self._before()
        self._stream.flush()

    def fileno(self) -> int:
        """End the sign for the same reason."""
        self._before()
        return self._stream.fileno()

    @property
    def buffer(self) -> Any:
        """What is written in bytes ends the sign as well."""
        self._before()
        return self._stream.buffer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
