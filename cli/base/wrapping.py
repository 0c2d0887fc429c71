"""Sentences on a terminal: lines that end between words, and commands that stay whole.

It breaks lines; it prints nothing.
"""

import re
import sys
import textwrap

from rich.console import Console


def wrapped(message: str) -> list[str]:
    """Return a message as lines that end between words; a command in it stays on one line.

    Nothing is broken where standard error is no terminal.
    """
    if not sys.stderr.isatty():
        return [message]
    width = Console(stderr=True).width
    kept = re.sub(r"`[^`]*`", lambda command: command[0].replace(" ", "\0"), message)
    lines = textwrap.wrap(kept, width, break_long_words=False, break_on_hyphens=False)
    return [line.replace("\0", " ") for line in lines]
