"""A whole document in the person's own pager, made harmless; it is piped and never written to disk.

It shows text; who may open it, and that it was opened, is the operations'.
"""

import os
import shlex
import shutil
import subprocess
import time
from contextlib import suppress

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from cli.terminal.keys import Keyboard
from cli.terminal.screens import View
from cultivar.core.texts.safe_text import readable

WIDEST = 100
KNOWN = ("less", "more")
# A pager that is back sooner has printed and left: the person has not read yet.
AT_ONCE = 0.7


def show(view: View, keyboard: Keyboard, text: str) -> str:
    """Show a text in ``$PAGER``, else in less or more; return what went wrong, if anything."""
    try:
        command = shlex.split(os.environ.get("PAGER", "")) or _known()
    except ValueError:
        return "PAGER holds a quotation mark that is never closed. Set PAGER=less, or unset it."
    if not command:
        return "There is no pager: install less, or set PAGER to a program that shows text."
    with view.away(), keyboard.lent():
        began = time.monotonic()
        problem = _piped(command, text)
        if not problem and keyboard.single and time.monotonic() - began < AT_ONCE:
            with suppress(EOFError):
                input("\nEnter goes back to the review. ")
    return problem


def _known() -> list[str]:
    return next(([name] for name in KNOWN if shutil.which(name)), [])


def _piped(command: list[str], text: str) -> str:
    try:
        pager = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - the person's own
    except OSError:
        return (
            f"The pager {command[0]} does not start; PAGER names it. Set PAGER=less, or unset it."
        )
    # who leaves the pager early closes the pipe
    with suppress(BrokenPipeError):
        pager.communicate(_wrapped(readable(text)).encode("utf-8", "replace"))
    pager.wait()
    return ""


def _wrapped(text: str) -> str:
    """Break long lines between words, which a pager does not; wide letters take two columns."""
    console = Console(width=min(WIDEST, shutil.get_terminal_size().columns))
    lines = []
    for line in text.split("\n"):
        short = len(line) * 2 <= console.width or cell_len(line) <= console.width
        lines += (
            [line] if short else [part.plain for part in Text(line).wrap(console, console.width)]
        )
    return "\n".join(lines)
