"""One key at a time from a terminal, or one word a line from a pipe.

It knows no meaning of a key.
"""

import os
import select
import sys
import termios
import tty
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

# What a pipe may spell out.
WORDS = {"yes": "y", "no": "n", "not sure": "?", "skip": "s", "undo": "u", "quit": "q"}
ENTER = {"\r": "c", "\n": "c", "": "c"}
_ESCAPE, _END = "\x1b", "\x04"


@contextmanager
def single() -> Iterator[None]:
    """Let the terminal hand over each key at once, without echo, until the block ends.

    For the whole block and not for each key: what is typed between two questions must not be lost.
    """
    if not sys.stdin.isatty():
        yield
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal, termios.TCSANOW)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def read(others: Mapping[str, str], allowed: str) -> str:
    """Return the next key that is allowed; the end of input and Ctrl-D are ``q``.

    ``others`` maps further keys to allowed ones, such as Enter. At a terminal it works inside
    ``single``.
    """
    while True:
        key = _key() if sys.stdin.isatty() else _line()
        if key is None:
            return "q"
        key = others.get(key, key)
        if key and key in allowed:
            return key


def _key() -> str | None:
    terminal = sys.stdin.fileno()
    key = os.read(terminal, 1).decode("ascii", "replace").lower()
    if key in {"", _END}:
        return None
    if key == _ESCAPE:
        # The rest of an arrow's or function key's sequence must not count as keys.
        while select.select([terminal], [], [], 0)[0]:
            os.read(terminal, 1)
    return key


def _line() -> str | None:
    line = sys.stdin.readline()
    if not line:
        return None
    word = line.strip().lower()
    return WORDS.get(word, word)
