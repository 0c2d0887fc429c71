"""The screen of a sitting: heading above, keys below, and between them a text that scrolls.

It draws frames; it takes no keys and knows no verdicts.
"""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from io import StringIO
from typing import Protocol

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from cli.base.session import Session

WIDEST = 100
# The terminal's other screen, which leaves the first one as it was; no cursor on it.
_NO_CURSOR = "\x1b[?25l"
_ENTER, _LEAVE = f"\x1b[?1049h{_NO_CURSOR}", "\x1b[?25h\x1b[?1049l"
_HOME, _FRESH_LINE, _CLEAR_BELOW = "\x1b[H", "\x1b[2K", "\x1b[J"


@dataclass(frozen=True, slots=True)
class Frame:
    """What shows at once: ``body`` scrolls, all else stays; ``note`` answers the last key."""

    heading: tuple[str, ...]
    title: str
    body: "Text"
    foot: tuple["Text", ...]
    note: str = ""


class View(Protocol):
    """Shows frames; ``live`` says that a frame replaces the one before it."""

    live: bool
    page: int

    @property
    def columns(self) -> int:
        """How wide a title may be."""

    def show(self, frame: Frame, top: int = 0) -> int:
        """Show a frame with its body from line ``top`` on; return the line that it begins with."""

    def working(self, what: str) -> AbstractContextManager[object]:
        """Show for the length of a block that something goes on."""

    def enter(self) -> None:
        """Take the screen."""

    def leave(self) -> None:
        """Give back the screen that was there before."""

    def away(self) -> AbstractContextManager[None]:
        """Leave the terminal to another program for the length of a block."""


@contextmanager
def view_of(session: Session) -> Iterator[View]:
    """Give the whole screen of a terminal, or plain lines where there is none."""
    if not _has_screen(session):
        yield Lines(session)
        return
    screen = Screen(session)
    screen.enter()
    try:
        yield screen
    finally:
        screen.leave()


def _has_screen(session: Session) -> bool:
    console = session.console
    return session.interactive and console.is_terminal and not console.is_dumb_terminal


class Lines:
    """Frames one below the other, for a pipe; a frame that differs by its note shows the note."""

    live = False
    page = 0

    def __init__(self, session: Session) -> None:
        self._session = session
        self._shown: Frame | None = None

    @property
    def columns(self) -> int:
        """The width of a panel."""
        return min(self._session.console.width, WIDEST)

    def show(self, frame: Frame, top: int = 0) -> int:
        """Print a frame; scripts that want JSON are shown nothing."""
        if self._session.json:
            return 0
        if frame.note:
            self._session.console.print(frame.note, markup=False)
        bare = replace(frame, note="")
        if bare != self._shown:
            self._shown = bare
            self._print(bare)
        return 0

    def _print(self, frame: Frame) -> None:
        console = self._session.console
        for line in frame.heading:
            console.print(line, markup=False)
        if frame.body.plain:
            width = min(console.width, WIDEST)
            console.print(Panel(frame.body, title=Text(frame.title), width=width))
        for part in frame.foot:
            console.print(part)

    def working(self, what: str) -> AbstractContextManager[object]:
        """Say what goes on."""
        return self._session.working(what)

    def enter(self) -> None:
        """Take nothing."""

    def leave(self) -> None:
        """Give nothing back."""

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nothing is in the way of another program."""
        yield


class Screen:
    """A terminal's whole screen, drawn again with each frame."""

    live = True
    page = 1

    def __init__(self, session: Session) -> None:
        self._session = session
        self._body: tuple[Text, int, list[str]] | None = None

    @property
    def columns(self) -> int:
        """The terminal's width at this moment."""
        return _size()[0]

    def enter(self) -> None:
        """Take the screen."""
        _write(_ENTER)

    def leave(self) -> None:
        """Give back the screen that was there before."""
        _write(_LEAVE)

    def show(self, frame: Frame, top: int = 0) -> int:
        """Draw a frame; the body gets the lines that heading and foot leave, one at least."""
        columns, rows = _size()
        heading = _rendered(frame.heading, columns)
        foot = _rendered(frame.foot, columns) + _rendered([frame.note], columns)
        body = self._lines_of(frame.body, min(columns, WIDEST))
        self.page = max(1, rows - len(heading) - len(foot) - 2)
        top = max(0, min(top, len(body) - self.page))
        shown = body[top : top + self.page]
        filled = [*shown, *[""] * (self.page - len(shown))]
        above, below = _rule(frame.title, columns), _rule(self._where(top, len(body)), columns)
        lines = [*heading, above, *filled, below, *foot]
        _write(_HOME + "\n".join(f"{_FRESH_LINE}{line}" for line in lines[:rows]) + _CLEAR_BELOW)
        return top

    def _lines_of(self, body: "Text", width: int) -> list[str]:
        if self._body is None or self._body[0] is not body or self._body[1] != width:
            self._body = (body, width, _rendered([body], width))
        return self._body[2]

    def _where(self, top: int, lines: int) -> str:
        if lines <= self.page:
            return ""
        last = min(lines, top + self.page)
        return f"lines {top + 1:,} to {last:,} of {lines:,} · space, b and arrows scroll"

    @contextmanager
    def working(self, what: str) -> Iterator[None]:
        """Clear the screen for what is at work."""
        _write(f"{_HOME}{_CLEAR_BELOW}\r\n")
        with self._session.working(what):
            yield
        _write(_NO_CURSOR)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Give the screen back for the block."""
        self.leave()
        try:
            yield
        finally:
            self.enter()


def _write(text: str) -> None:
    # past Python's buffer: a stop (Ctrl-Z) in the middle of a frame draws, too
    sys.stdout.flush()
    data = text.encode(sys.stdout.encoding or "utf-8", "replace")
    while data:
        data = data[os.write(sys.stdout.fileno(), data) :]


def _size() -> tuple[int, int]:
    """Return the terminal's columns and rows at this moment."""
    try:
        found = os.get_terminal_size(sys.stdout.fileno())
    except OSError:
        found = os.terminal_size((0, 0))
    if not (found.columns and found.lines):
        found = shutil.get_terminal_size()
    return found.columns, found.lines


def _rendered(parts: "Sequence[Text | str]", width: int) -> list[str]:
    """Return the lines that texts take at a width, with their styles as escape sequences."""
    console = _console(width)
    with console.capture() as captured:
        for part in parts:
            console.print(part, markup=False, highlight=False)
    return captured.get().removesuffix("\n").split("\n")


def _console(width: int) -> "Console":
    return Console(file=StringIO(), force_terminal=True, width=width, highlight=False)


def _rule(text: str, width: int) -> str:
    """Return a line across the screen that holds a text, cut where it is too long."""
    said = Text(f"── {text} " if text else "")
    said.truncate(max(0, width), overflow="ellipsis")
    return str(said.plain + "─" * max(0, width - said.cell_len))
