"""One key at a time from a terminal, or one word a line from a pipe.

It knows no meaning of a key.
"""

import os
import select
import signal
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import Any, Self

ENTER, SPACE, WOKEN, OTHER = "enter", "space", "woken", "another key"
# What a pipe may spell out.
WORDS = {"": ENTER, "yes": "y", "no": "n", "not sure": "m", "undo": "u", "quit": "q"}
_ESCAPE, _END = b"\x1b", b"\x04"
_NAMES = {b"\r": ENTER, b"\n": ENTER, b" ": SPACE}
_SEQUENCES = {
    b"": "esc", b"[A": "up", b"[B": "down", b"OA": "up", b"OB": "down", b"[5~": "pgup",
    b"[6~": "pgdn", b"[H": "home", b"[F": "end", b"OH": "home", b"OF": "end", b"[1~": "home",
    b"[4~": "end",
}  # fmt: skip


class Keyboard:
    """Hands over each key at once, without echo; use it as a context manager.

    For a whole sitting and not for each key: what is typed between two questions must not be lost.
    At a pipe each line is a key, or the word for one.
    """

    def __init__(self) -> None:
        self.single = sys.stdin.isatty()
        self._before: list[Any] = []
        self._handlers: dict[int, Any] = {}
        self._woken = self._waker = -1
        # Called around a stop (Ctrl-Z): to leave the screen, and to take it again.
        self.on_stop: Callable[[], None] = _nothing
        self.on_return: Callable[[], None] = _nothing

    def __enter__(self) -> Self:
        if not self.single:
            return self
        self._before = termios.tcgetattr(sys.stdin.fileno())
        self._woken, self._waker = os.pipe()
        os.set_blocking(self._waker, False)
        # Python's own handlers do nothing for a window that changes; the pipe wakes ``read``.
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        self._handlers = {
            signal.SIGWINCH: signal.signal(signal.SIGWINCH, _no_handler),
            signal.SIGTSTP: signal.signal(signal.SIGTSTP, self._stop),
        }
        self._take()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self.single:
            return
        self._give_back()
        signal.set_wakeup_fd(-1)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        waker, self._waker = self._waker, -1
        os.close(waker)
        os.close(self._woken)

    def wake(self) -> None:
        """Let ``read`` return ``WOKEN``; any thread may call it."""
        with suppress(OSError):
            os.write(self._waker, b"\0")

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Give the terminal to another program for the block; Ctrl-C is that program's."""
        if not self.single:
            yield
            return
        before = signal.signal(signal.SIGINT, _no_handler)
        stop = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        self._give_back()
        try:
            yield
        finally:
            self._take()
            signal.signal(signal.SIGTSTP, stop)
            signal.signal(signal.SIGINT, before)

    def read(self) -> str | None:
        """Return the next key's name, or None at the end of input and for Ctrl-D.

        A character is its own name, in lower case. ``WOKEN`` says that the window changed, or that
        ``wake`` was called.
        """
        if not self.single:
            return _line()
        terminal = sys.stdin.fileno()
        ready, _, _ = select.select([terminal, self._woken], [], [])
        if terminal in ready:
            return _key(terminal)
        os.read(self._woken, 4_096)
        return WOKEN

    def _take(self) -> None:
        tty.setcbreak(sys.stdin.fileno(), termios.TCSANOW)

    def _give_back(self) -> None:
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, self._before)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        """Stop as a program does that takes no keys: the shell finds its terminal in order."""
        self.on_stop()
        self._give_back()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        signal.signal(number, self._stop)
        self._take()
        self.on_return()


def _nothing() -> None:
    """Do nothing."""


def _no_handler(_number: int, _frame: FrameType | None) -> None:
    """Take no notice; unlike an ignored signal, a child process gets it as usual."""


def _key(terminal: int) -> str | None:
    try:
        key = os.read(terminal, 1)
    except OSError:
        return None  # the terminal is gone
    if key in {b"", _END}:
        return None
    if key == _ESCAPE:
        return _SEQUENCES.get(_rest(terminal), OTHER)
    if key in _NAMES:
        return _NAMES[key]
    if key[0] >= 0xC0:
        key += _rest(terminal, 3 if key[0] >= 0xF0 else 2 if key[0] >= 0xE0 else 1)
    shown = key.decode("utf-8", "replace").lower()
    return shown if shown.isprintable() else OTHER


def _rest(terminal: int, most: int = 16) -> bytes:
    """Return what an arrow, a function key or a letter beyond ASCII sends after its first byte."""
    found = b""
    while len(found) < most and select.select([terminal], [], [], 0.02)[0]:
        found += os.read(terminal, 1)
        if most == 16 and found[:1] in b"[O" and len(found) > 1 and found[-1:] in _FINAL:
            break
    return found


_FINAL = bytes(range(0x40, 0x7F)).replace(b"[", b"")


def _line() -> str | None:
    line = sys.stdin.readline()
    if not line:
        return None
    word = " ".join(line.split()).lower()
    return WORDS.get(word, word)
