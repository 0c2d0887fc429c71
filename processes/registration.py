"""What a Prefect server is told: the deployments of Cultivar, and what it does automatically.

It starts nothing; the runner's process does.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import DeploymentFilter
from prefect.deployments.runner import RunnerDeployment
from prefect.runner import Runner
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from processes.automations import (
    ensure_zombie_automation,
    remove_retraining_automation,
    retraining_trigger,
)
from processes.deployments import DEPLOYED, FORMER_NAME, TAG, Deployed

if TYPE_CHECKING:
    from prefect import Flow

_RETRAIN = "retrain"


def deployments() -> list[RunnerDeployment]:
    """Return what `cultivar up` serves, each flow by its module path so that it runs anywhere."""
    return [_deployment(deployed) for deployed in DEPLOYED]


async def register(runner: Runner, deployed: Sequence[RunnerDeployment]) -> list[UUID]:
    """Tell the server of the deployments and automations; return the ids of what is served."""
    await remove_former_deployments()
    await remove_retraining_automation()
    served = [await runner.aadd_deployment(each) for each in deployed]
    await ensure_zombie_automation()
    return served


async def remove_former_deployments() -> None:
    """Remove what an earlier Cultivar has left under the name that all deployments had.

    Their runs stay. Kept, their schedules would start every flow a second time.
    """
    flows = {each.flow for each in DEPLOYED}
    wanted = DeploymentFilter.model_validate(
        {"name": {"any_": [FORMER_NAME]}, "tags": {"all_": [TAG]}}
    )
    async with get_client() as client:
        for former in await client.read_deployments(deployment_filter=wanted):
            if (await client.read_flow(former.flow_id)).name in flows:
                await client.delete_deployment(former.id)


def _deployment(deployed: Deployed) -> RunnerDeployment:
    flow: Flow[..., Any] = deployed.load()
    made = flow.to_deployment(
        deployed.name,
        schedule=Cron(deployed.cron, timezone="UTC") if deployed.cron else None,
        tags=[TAG],
        description=deployed.description,
        triggers=[retraining_trigger()] if deployed.function == _RETRAIN else None,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    assert isinstance(made, RunnerDeployment)  # noqa: S101 - async only inside an event loop
    return made
