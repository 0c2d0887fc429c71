"""The process that runs deployed flows; it ends when its owner closes the pipe on its input.

It prints one line once it serves, and decides nothing about what runs.
"""

import asyncio
import json
import os
import threading
from collections.abc import Sequence

from prefect.automations import Automation
from prefect.deployments import arun_deployment
from prefect.deployments.runner import RunnerDeployment
from prefect.runner import Runner

from cultivar.operations import outbox
from cultivar.store.workspace import Workspace, open_workspace
from flows.deployments import (
    NAME,
    RUNS_AT_ONCE,
    deployments,
    retraining_automation,
    zombie_automation,
)

SECONDS_BETWEEN_LOOKS = 1.0
SWEEP = f"sweep/{NAME}"
RETRAIN = "retrain"


async def serve(deployed: Sequence[RunnerDeployment]) -> None:
    """Register the deployments, then run what is scheduled or due until the owner is gone."""
    owner_gone = _owner_gone()
    runner = Runner(name=NAME, limit=RUNS_AT_ONCE, pause_on_shutdown=True)
    served = {each.flow_name: await runner.aadd_deployment(each) for each in deployed}
    await _ensure(zombie_automation())
    await _ensure(retraining_automation(served[RETRAIN]))
    running = asyncio.create_task(runner.start())
    watching = asyncio.create_task(_sweep_what_is_due())
    print(json.dumps({"served": len(served)}), flush=True)
    await asyncio.wait({running, watching, owner_gone}, return_when=asyncio.FIRST_COMPLETED)
    watching.cancel()
    if runner.started:
        await runner.astop()
    await asyncio.gather(running, watching, return_exceptions=True)


async def _sweep_what_is_due() -> None:
    """Start a sweep for whatever the registry's outbox holds, each entry once.

    What a sweep could not do stays due; the scheduled sweep tries it again.
    """
    swept: set[int] = set()
    with open_workspace() as workspace:
        while True:
            due = await asyncio.to_thread(_due, workspace)
            if due - swept:
                swept |= due
                await arun_deployment(SWEEP, timeout=0, as_subflow=False)
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)


def _due(workspace: Workspace) -> set[int]:
    return {each.id for each in outbox.neglected(workspace)}


async def _ensure(automation: Automation) -> None:
    """Create the automation, or replace the one of that name."""
    try:
        known = await Automation.aread(name=automation.name)
    except ValueError:
        await automation.acreate()
        return
    automation.id = known.id
    await automation.aupdate()


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
    asyncio.run(serve(deployments()))
