"""What Prefect says of the deployments of this home: schedules, and runs that wait or work.

Three short questions to the server a look. It judges nothing; `processes.schedules` does.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import DeploymentFilter, FlowRunFilter
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.sorting import FlowRunSort

from processes.deployments import DEPLOYED
from processes.schedules import Seen

_NAMES = {each.name: each.full_name for each in DEPLOYED}
_WAITING = (StateType.SCHEDULED,)
_WORKING = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)


async def look(client: PrefectClient, served: Sequence[UUID]) -> tuple[list[Seen], int]:
    """Return what is seen of each deployment, and how many runs of theirs are at work."""
    ours = DeploymentFilter.model_validate({"id": {"any_": list(served)}})
    deployments = await client.read_deployments(deployment_filter=ours)
    waiting = _earliest(await _runs(client, ours, _WAITING))
    working = await _runs(client, ours, _WORKING)
    return [_seen(each, waiting) for each in deployments], len(working)


async def _runs(
    client: PrefectClient, ours: DeploymentFilter, states: Sequence[StateType]
) -> list[FlowRun]:
    """Return the runs in some state, the earliest due first."""
    wanted: dict[str, Any] = {"state": {"type": {"any_": list(states)}}}
    return await client.read_flow_runs(
        deployment_filter=ours,
        flow_run_filter=FlowRunFilter.model_validate(wanted),
        sort=FlowRunSort.EXPECTED_START_TIME_ASC,
        limit=200,
    )


def _earliest(runs: Sequence[FlowRun]) -> dict[UUID | None, datetime]:
    due: dict[UUID | None, datetime] = {}
    for run in runs:
        if run.expected_start_time is not None:
            due.setdefault(run.deployment_id, run.expected_start_time)
    return due


def _seen(deployment: DeploymentResponse, waiting: dict[UUID | None, datetime]) -> Seen:
    active = not deployment.paused and any(each.active for each in deployment.schedules)
    return Seen(_NAMES[deployment.name], active, waiting.get(deployment.id))
