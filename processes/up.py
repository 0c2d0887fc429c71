"""`cultivar up`: one command that holds the Prefect server and serves every flow.

The command's own process only watches its two children, so that it ends them in order.
"""

import json
import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType

from cultivar.core.errors import NotReady
from cultivar.settings import Settings
from cultivar.store.homes import open_to_others, private_log
from processes import children
from processes.one_runner import only_runner
from processes.prefect_server import server
from processes.prefect_server.shell_lines import welcome
from processes.reports import Reports

READY_SECONDS = 120.0
STOP_SECONDS = 20.0


def up(settings: Settings, tell: Callable[[str], None]) -> None:
    """Serve until Ctrl-C or SIGTERM, and end both children before returning.

    Raises:
        Conflict: code ``already-running``; another process serves the flows of this home.
        NotReady: the server or the runner ended by itself; the sentence names its log.
    """
    with (
        only_runner(settings.home) as named,
        _until_told() as told,
        server.running(settings) as found,
    ):
        if told.is_set():
            return
        named(found.url)
        with _runner(settings) as (runner, served):
            tell(f"Ready: {served} flows are served at {found.url}")
            for line in welcome(found, settings):
                tell(line)
            tell("Ctrl-C stops.")
            if mode := open_to_others(settings.home):
                tell(
                    f"home-open: other accounts may look into {settings.home} (mode {mode}). "
                    f"Close it: chmod 700 {shlex.quote(str(settings.home))}"
                )
            _watch(runner, found, settings, told, tell)
            server.retire(settings.home, found)
            tell("Stopping: running flows are cancelled, schedules pause.")
    tell("Stopped.")


@contextmanager
def runner_of(settings: Settings) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Serve every flow by a runner of this process's server while the block works.

    Yields the runner, and how many flows it serves.

    Raises:
        Conflict: code ``already-running``; another process serves the flows of this home.
        NotReady: code ``runner-ended``; the sentence names its log.
    """
    with only_runner(settings.home), _runner(settings) as found:
        yield found


@contextmanager
def _runner(settings: Settings) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    runner = _start_runner(settings)
    try:
        yield runner, _served(runner, settings)
    finally:
        _end(runner)


def _start_runner(settings: Settings) -> subprocess.Popen[bytes]:
    with private_log("runner.log", settings.home) as log:
        return subprocess.Popen(  # noqa: S603 - its own module
            children.module("processes.runner_process"),
            cwd=children.folder(settings.home),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=os.environ | children.environment(settings),
            start_new_session=True,
        )


def _served(runner: subprocess.Popen[bytes], settings: Settings) -> int:
    """Wait for the runner's one line and return how many flows it serves."""
    late = threading.Timer(READY_SECONDS, runner.kill)
    late.start()
    try:
        assert runner.stdout is not None  # noqa: S101 - it was opened as a pipe
        line = runner.stdout.readline()
    finally:
        late.cancel()
    if not line:
        raise _ended("runner", settings)
    return int(json.loads(line)["served"])


def _watch(
    runner: subprocess.Popen[bytes],
    found: server.Server,
    settings: Settings,
    told: threading.Event,
    tell: Callable[[str], None],
) -> None:
    reports = Reports(runner, tell, settings.home / "logs")
    restarts = 0
    while not told.wait(0.5):
        reports.pass_on()
        if found.child is not None and found.child.restarts > restarts:
            restarts = found.child.restarts
            tell(_started_again())
        if runner.poll() is not None:
            raise _ended("runner", settings)
        if found.is_lost:
            raise _ended("prefect-server", settings)


def _started_again() -> str:
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC: the Prefect server ended by itself and is "
        "started again. Runs at work go on."
    )


def _ended(child: str, settings: Settings) -> NotReady:
    log = settings.home / "logs" / f"{child}.log"
    return NotReady(
        f"{child}-ended",
        f"The {child.replace('-', ' ')} process ended by itself. Its output is in {log}; "
        "run `cultivar up` again.",
    )


def _end(runner: subprocess.Popen[bytes]) -> None:
    if runner.stdin is not None:
        runner.stdin.close()
    try:
        runner.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(runner.pid, signal.SIGKILL)
        runner.wait()
    if runner.stdout is not None:
        runner.stdout.close()


@contextmanager
def _until_told() -> Iterator[threading.Event]:
    """Yield an event that Ctrl-C and SIGTERM set; a second Ctrl-C is not waited for."""
    told = threading.Event()

    def tell(number: int, _frame: FrameType | None) -> None:
        if told.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        told.set()

    before = {each: signal.signal(each, tell) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield told
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
