"""Progress of the demonstration on a terminal, or as plain lines where there is none.

It shows what the registry says of a run; it starts nothing.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Lap:
    """How long one step took, in seconds."""

    step: str
    seconds: float


@dataclass
class Showing:
    """Shows steps as they come and keeps their times; use ``shown``."""

    tell: Tell
    bars: Progress | None
    laps: list[Lap] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[int, int | None], None]]:
        """Show a step while the block works; yields what takes its progress."""
        began = time.monotonic()
        advance = self._begin(name)
        yield advance
        seconds = time.monotonic() - began
        self.laps.append(Lap(name, seconds))
        if self.bars is None:
            self.tell(f"{name}: {seconds:.1f} s")
        else:
            advance(1, 1)

    def say(self, line: str) -> None:
        """Say what a step came to."""
        if self.bars is None:
            self.tell(f"  {line}")
        else:
            self.bars.console.print(f"  {line}", markup=False, highlight=False)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the terminal to somebody else while the block works."""
        if self.bars is not None:
            self.bars.stop()
        yield
        if self.bars is not None:
            self.bars.start()

    def _begin(self, name: str) -> Callable[[int, int | None], None]:
        if self.bars is None:
            self.tell(f"{name} ...")
            return _unseen
        bars, bar = self.bars, self.bars.add_task(name, total=None)
        return lambda done, total: _advance(bars, bar, done, total)


@contextmanager
def shown(tell: Tell | None) -> Iterator[Showing]:
    """Show steps on standard error: bars on a terminal, else lines to ``tell``; None is silence."""
    seen = tell is not None and sys.stderr.isatty()
    bars = _bars() if seen else None
    with bars or nullcontext():
        yield Showing(tell or _silence, bars)


def _bars() -> Progress:
    return Progress(
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )


def _advance(bars: Progress, bar: TaskID, done: int, total: int | None) -> None:
    bars.update(bar, completed=done, total=total)


def _unseen(_done: int, _total: int | None) -> None:
    """Take no notice."""


def _silence(_line: str) -> None:
    """Say nothing."""
