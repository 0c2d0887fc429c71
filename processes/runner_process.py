"""The process that runs deployed flows; it ends when its owner closes the pipe on its input.

It prints a line of JSON once it serves, and one for each look at the schedules. It decides nothing
about what runs.
"""

import asyncio
import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
from prefect.client.orchestration import get_client
from prefect.deployments import arun_deployment
from prefect.deployments.runner import RunnerDeployment
from prefect.runner import Runner

from cultivar.operations import outbox
from cultivar.settings import Settings, read_settings
from cultivar.store.workspace import Workspace, open_workspace
from processes import deployments as table
from processes.lost_runs import mark_lost_runs
from processes.observation import look
from processes.prefect_server.settings import prefect_home
from processes.registration import deployments, register
from processes.schedules import Watch

RUNS_AT_ONCE = 2
SECONDS_BETWEEN_SWEEPS = 1.0
SECONDS_BETWEEN_LOOKS = 20.0
# the first looks are closer, so that a person reads soon when the next run is
SECONDS_AT_FIRST = 2.0
EARLY_SECONDS = 20.0
SECONDS_TO_END = 10.0
SWEEP = table.deployed("sweep").full_name


class _Runner(Runner):
    """A runner that, as it stops, cancels none whose run has ended and whose process still ends.

    Prefect shows such a run as cancelled, whatever it came to.
    """

    async def cancel_all(self) -> None:
        """Wait a little for processes of runs that have ended, and cancel the others."""
        until = time.monotonic() + SECONDS_TO_END
        with suppress(httpx.HTTPError):
            while time.monotonic() < until and await self._is_any_ending():
                await asyncio.sleep(0.2)
        await super().cancel_all()

    async def _is_any_ending(self) -> bool:
        async with get_client() as client:
            runs = [
                await client.read_flow_run(each) for each in self._process_manager.flow_run_ids()
            ]
        return any(run.state is not None and run.state.is_final() for run in runs)


async def serve(settings: Settings, deployed: Sequence[RunnerDeployment]) -> None:
    """Register the deployments, then run what is scheduled or due until the owner is gone."""
    owner_gone = _owner_gone()
    with _temporary_files_in(prefect_home(settings.home)):
        runner = _Runner(name=table.TAG, limit=RUNS_AT_ONCE, pause_on_shutdown=True)
    served = await register(runner, deployed)
    running = asyncio.create_task(runner.start())
    watching = [
        asyncio.create_task(_sweep_what_is_due()),
        asyncio.create_task(_look_at_schedules(served, str(settings.home / "logs"))),
    ]
    _print({"served": len(served)})
    await asyncio.wait({running, *watching, owner_gone}, return_when=asyncio.FIRST_COMPLETED)
    for each in watching:
        each.cancel()
    if runner.started:
        await runner.astop()
    await asyncio.gather(running, *watching, return_exceptions=True)


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """Let what is made meanwhile keep its files in a folder of the home.

    The runner's folder has a fixed name in the temporary folder, which all accounts share.
    """
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


async def _sweep_what_is_due() -> None:
    """Start a sweep for whatever the registry's outbox holds, each entry once.

    What a sweep could not do stays due; the scheduled sweep tries it again.
    """
    swept: set[int] = set()
    with open_workspace() as workspace:
        while True:
            due = await asyncio.to_thread(_due, workspace)
            if due - swept:
                with suppress(httpx.HTTPError):  # a server that starts again; what is due stays
                    await arun_deployment(SWEEP, timeout=0, as_subflow=False)
                    swept |= due
            await asyncio.sleep(SECONDS_BETWEEN_SWEEPS)


def _due(workspace: Workspace) -> set[int]:
    return {each.id for each in outbox.overdue(workspace)}


async def _look_at_schedules(served: Sequence[UUID], logs: str) -> None:
    """Print, again and again, when each flow runs next and what is wrong with the schedules."""
    watch, began = Watch(), time.monotonic()
    async with get_client() as client:
        while True:
            with suppress(httpx.HTTPError):  # whoever reads these lines notices that none come
                seen, working = await look(client, served)
                now = datetime.now(UTC)
                await mark_lost_runs(client, served)
                wrong = watch.complaints(seen, working >= RUNS_AT_ONCE, now, logs)
                _print(
                    {
                        "next": watch.coming(seen, now),
                        "complaints": [asdict(each) for each in wrong],
                    }
                )
            is_early = time.monotonic() - began < EARLY_SECONDS
            await asyncio.sleep(SECONDS_AT_FIRST if is_early else SECONDS_BETWEEN_LOOKS)


def _print(line: object) -> None:
    print(json.dumps(line), flush=True)


def _owner_gone() -> asyncio.Future[None]:
    loop = asyncio.get_running_loop()
    gone: asyncio.Future[None] = loop.create_future()

    def wait() -> None:
        # not through sys.stdin, whose lock a waiting thread would hold when the process ends
        while os.read(0, 1024):
            pass
        loop.call_soon_threadsafe(gone.set_result, None)

    threading.Thread(target=wait, daemon=True).start()
    return gone


if __name__ == "__main__":
    asyncio.run(serve(read_settings(), deployments()))
