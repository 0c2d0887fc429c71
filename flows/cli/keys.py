"""One key at a time from a terminal, or one word a line from a pipe.

It knows no meaning of a key.
"""

import sys
from collections.abc import Mapping

import click

# What a pipe may spell out.
WORDS = {"yes": "y", "no": "n", "not sure": "?", "skip": "s", "undo": "u", "quit": "q"}


def read(others: Mapping[str, str], allowed: str) -> str:
    """Return the next key that is allowed; the end of input and Ctrl-D are ``q``.

    ``others`` maps further keys to allowed ones, such as Enter.
    """
    while True:
        key = _next()
        if key is None:
            return "q"
        key = others.get(key, key)
        if key in allowed and key:
            return key


def _next() -> str | None:
    if sys.stdin.isatty():
        try:
            return click.getchar().lower()
        except EOFError:
            return None
    line = sys.stdin.readline()
    if not line:
        return None
    word = line.strip().lower()
    return WORDS.get(word, word)
