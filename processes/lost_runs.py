"""Runs that a runner took and never began, as it was killed with them: they are marked as crashed.

Prefect alone shows them as pending permanently; a run that has begun is seen by its heartbeats.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from prefect import Flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import DeploymentFilter, FlowRunFilter
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Crashed

from cultivar.core.errors import CultivarError
from processes.automations import SILENT_FOR
from processes.deployments import DEPLOYED

_LOG = logging.getLogger("cultivar.runs")
LOST = "The process that was to begin this run ended first."


async def mark_lost_runs(
    client: PrefectClient, served: Sequence[UUID], after: timedelta = SILENT_FOR
) -> int:
    """Mark runs that have been pending for longer than any start takes; return how many.

    What their flows do about a crash is done first, so that nobody waits for them; a run for which
    that fails stays pending, and the next look tries again.
    """
    runs = await client.read_flow_runs(
        deployment_filter=DeploymentFilter.model_validate({"id": {"any_": list(served)}}),
        flow_run_filter=FlowRunFilter.model_validate(
            {"state": {"type": {"any_": [StateType.PENDING]}}}
        ),
        limit=200,
    )
    before = datetime.now(UTC) - after
    lost = [each for each in runs if each.state is not None and each.state.timestamp < before]
    flows, marked = await _flows(client, lost), 0
    for run in lost:
        state: State[Any] = Crashed(message=LOST)
        try:
            await asyncio.to_thread(_clear_up, flows.get(run.flow_id), run, state)
        except CultivarError as error:
            _LOG.warning("a lost run waits: %s", error.code)
            continue
        await client.set_flow_run_state(run.id, state, force=True)
        marked += 1
    return marked


def _clear_up(flow: Flow[..., object] | None, run: FlowRun, state: State[Any]) -> None:
    if flow is not None:
        for hook in flow.on_crashed_hooks or ():
            hook(flow, run, state)


async def _flows(client: PrefectClient, runs: Sequence[FlowRun]) -> dict[UUID, Flow[..., object]]:
    known = {each.flow: each for each in DEPLOYED}
    found = {}
    for flow_id in {each.flow_id for each in runs}:
        name = (await client.read_flow(flow_id)).name
        if name in known:
            found[flow_id] = known[name].load()
    return found
