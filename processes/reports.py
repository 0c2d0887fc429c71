"""What the runner tells of the schedules, passed on to the person who watches `cultivar up`.

A complaint is said when it comes, and again every hour while it lasts.
"""

import json
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any

SILENT_SECONDS = 120.0
REMIND_SECONDS = 3600.0
_SILENT = "schedules-unseen"


class Reports:
    """Reads the runner's lines in a thread, and tells what is new of them when asked to."""

    def __init__(
        self,
        runner: subprocess.Popen[bytes],
        tell: Callable[[str], None],
        logs: Path,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell, self._logs, self._clock = tell, logs, clock
        self._lines: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self._said: dict[str, tuple[str, float]] = {}
        self.heard = clock()
        self._next = ("", 0.0)
        pipe, runner.stdout = runner.stdout, None
        assert pipe is not None  # noqa: S101 - it was opened as a pipe
        # the thread that reads the pipe is who closes it
        threading.Thread(target=self._read, args=(pipe,), name="reports", daemon=True).start()

    def pass_on(self) -> None:
        """Tell what came since; also that nothing came for long."""
        try:
            while True:
                self._pass_on(self._lines.get_nowait())
        except Empty:
            pass
        if self._clock() - self.heard > SILENT_SECONDS:
            self._complain({_SILENT: self._silence()})

    def _pass_on(self, line: dict[str, Any]) -> None:
        self.heard = self._clock()
        self._tell_next(line["next"] or "")
        self._complain({each["code"]: each["sentence"] for each in line["complaints"]})

    def _tell_next(self, coming: str) -> None:
        """Tell when each flow runs next; what changed since is told once an hour."""
        before, at = self._next
        is_due = not before or self._clock() - at >= REMIND_SECONDS
        if coming and coming != before and is_due:
            self._next = (coming, self._clock())
            self._tell(f"Next, in UTC: {coming}.")

    def _complain(self, complaints: dict[str, str]) -> None:
        """Tell each complaint once an hour or when it changes, and when none is left."""
        now = self._clock()
        for code, sentence in complaints.items():
            before, at = self._said.get(code, ("", 0.0))
            if sentence != before or now - at >= REMIND_SECONDS:
                self._said[code] = (sentence, now)
                self._tell(f"{code}: {sentence}")
        if self._said and not complaints:
            self._tell("The schedules are kept again.")
        self._said = {code: said for code, said in self._said.items() if code in complaints}

    def _silence(self) -> str:
        return (
            "For two minutes nobody could look whether runs are planned and started, as the "
            "Prefect server does not answer the runner. Stop `cultivar up` and start it again. If "
            f"this line comes back, {self._logs}/runner.log and prefect-server.log say why."
        )

    def _read(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                self._lines.put(json.loads(line))
