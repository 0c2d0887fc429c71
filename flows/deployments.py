"""Which flows are served, under which schedule, and what becomes of runs whose process died.

It starts nothing by itself; `flows.serving` does. ``prefect.yaml`` declares the same for workers,
and a test compares the two.
"""

from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

from prefect.automations import Automation
from prefect.client.schemas.objects import StateType
from prefect.deployments.runner import RunnerDeployment
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

if TYPE_CHECKING:
    from prefect import Flow

NAME = "cultivar"
RUNS_AT_ONCE = 2
ZOMBIES = "Cultivar: mark runs whose process died"
SILENT_FOR = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class Deployed:
    """A flow that can be started from outside: ``<flow>/cultivar``. ``cron`` is in UTC."""

    function: str
    cron: str | None = None

    @property
    def full_name(self) -> str:
        """The name that ``prefect deployment run`` takes."""
        return f"{self.function.replace('_', '-')}/{NAME}"

    @property
    def module(self) -> str:
        """The module that holds the flow, named like it."""
        return f"flows.{self.function}"


DEPLOYED: tuple[Deployed, ...] = (
    # every night, before the labelling
    Deployed("crawl", cron="0 0 * * *"),
    Deployed("labelling", cron="0 1 * * *"),
    # the weekly baseline: content drifts, and the unlabelled sample with it
    Deployed("opt_in", cron="0 3 * * 0"),
    # picks up what a nudge missed
    Deployed("sweep", cron="*/15 * * * *"),
    Deployed("seed_ingest"),
    Deployed("training"),
    Deployed("test_scoring"),
    Deployed("review_gate"),
    Deployed("publish"),
    Deployed("lifecycle"),
)


def deployments() -> list[RunnerDeployment]:
    """Return what `cultivar up` serves, each flow by its module path so that it runs anywhere."""
    return [_deployment(deployed) for deployed in DEPLOYED]


def zombie_automation() -> Automation:
    """Return the rule that crashes runs without a heartbeat; Prefect alone lets them run for ever.

    The registry's own claims do not need it: they watch their holders themselves.
    """
    heartbeat = "prefect.flow-run.heartbeat"
    ends = ("Completed", "Failed", "Cancelled", "Crashed")
    return Automation(
        name=ZOMBIES,
        trigger=EventTrigger(
            posture=Posture.Proactive,
            after={heartbeat},
            expect={heartbeat, *(f"prefect.flow-run.{end}" for end in ends)},
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            for_each={"prefect.resource.id"},
            threshold=1,
            within=SILENT_FOR,
        ),
        actions=[
            ChangeFlowRunState(
                name="Crashed",
                state=StateType.CRASHED,
                force=True,
                message=f"No sign of life for {SILENT_FOR.seconds} seconds; its process died.",
            )
        ],
    )


def _deployment(deployed: Deployed) -> RunnerDeployment:
    flow: Flow[..., Any] = getattr(import_module(deployed.module), deployed.function)
    made = flow.to_deployment(
        NAME,
        schedule=Cron(deployed.cron, timezone="UTC") if deployed.cron else None,
        tags=[NAME],
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    assert isinstance(made, RunnerDeployment)  # noqa: S101 - async only inside an event loop
    return made
