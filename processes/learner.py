"""Learning from a closed batch, in a process beside the one in which a person reviews.

That process holds the orchestrator, so that the reviewing one never waits for its import.
"""

import json
import os
import subprocess
from typing import IO, Any

from cultivar.core.closing import Closing
from cultivar.core.errors import CultivarError, NotReady
from cultivar.settings import Settings
from cultivar.store.homes import private_log
from processes import children

STOP_SECONDS = 30.0


class Learner(Closing):
    """Runs the review gate of one classifier; use it as a context manager.

    The process is started by ``warm`` or the first ``learn``, and ends with the block, also when
    the reviewing process is killed.
    """

    def __init__(self, settings: Settings, actor: str, classifier: str) -> None:
        self.settings = settings
        self.actor = actor
        self.classifier = classifier
        self._process: subprocess.Popen[str] | None = None

    def close(self) -> None:
        """End the process, if it was started."""
        if self._process is not None:
            self._pipe(self._process.stdin).close()
            self._pipe(self._process.stdout).close()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def warm(self) -> None:
        """Start the process, so that it is ready when a batch is complete."""
        if self._process is not None:
            return
        settings = self.settings
        with private_log("review.log", settings.home) as errors:
            self._process = subprocess.Popen(  # noqa: S603 - its own module
                children.module("processes.gate_process"),
                cwd=children.folder(settings.home),
                env=os.environ | children.environment(settings),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                # Ctrl-C is for the reviewing process, which then ends this one in order.
                start_new_session=True,
            )

    def learn(self) -> None:
        """Learn from what was closed, and judge stability; returns when that is done.

        Raises:
            CultivarError: the flow refused, or its process ended.
        """
        self.warm()
        assert self._process is not None  # noqa: S101 - warm made it
        request = {"classifier": self.classifier, "actor": self.actor}
        try:
            pipe = self._pipe(self._process.stdin)
            pipe.write(json.dumps(request) + "\n")
            pipe.flush()
            line = self._pipe(self._process.stdout).readline()
        except BrokenPipeError:
            line = ""
        _require_done(line)

    @staticmethod
    def _pipe(stream: IO[str] | None) -> IO[str]:
        assert stream is not None  # noqa: S101 - both are opened as pipes
        return stream


def _require_done(line: str) -> None:
    if not line:
        raise NotReady(
            "learning-ended",
            "The process that learns from the batch ended by itself; its output is in "
            "logs/review.log of the home. The verdicts are kept; `cultivar review` takes it up.",
        )
    answer: dict[str, Any] = json.loads(line)
    if "error" in answer:
        raise CultivarError(answer["error"]["code"], answer["error"]["message"])
