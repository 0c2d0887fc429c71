"""Which flows are served, under which schedule, and what becomes of runs whose process died.

It starts nothing by itself; `flows.serving` does. ``prefect.yaml`` declares the same for workers,
and a test compares the two.
"""

from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import UUID

from prefect.automations import Automation
from prefect.client.schemas.objects import StateType
from prefect.deployments.runner import RunnerDeployment
from prefect.events.actions import ChangeFlowRunState, RunDeployment
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows.nudging import RETRAINING_DUE_EVENT

if TYPE_CHECKING:
    from prefect import Flow

NAME = "cultivar"
RUNS_AT_ONCE = 2
RETRAININGS = "Cultivar: retrain when enough items are judged"
ZOMBIES = "Cultivar: mark runs whose process died"
# More than two of the heartbeats that Prefect sends every 180 seconds, on any worker.
SILENT_FOR = timedelta(minutes=7)


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
    # every night, on the newest labelling
    Deployed("apply_policies", cron="0 2 * * *"),
    # every five minutes, as back-off begins with seconds
    Deployed("write_labels", cron="*/5 * * * *"),
    # the weekly baseline: content drifts, and the unlabelled sample with it
    Deployed("opt_in", cron="0 3 * * 0"),
    # picks up what a nudge missed
    Deployed("sweep", cron="*/15 * * * *"),
    Deployed("seed_ingest"),
    Deployed("training"),
    Deployed("test_scoring"),
    Deployed("review_gate"),
    Deployed("publish"),
    # started by the 30th judged item, see ``retraining_automation``
    Deployed("retrain"),
    # every morning: is what is live still what was released?
    Deployed("drift", cron="0 5 * * *"),
    Deployed("undo_labels"),
    Deployed("project_training"),
    Deployed("lifecycle"),
)


def deployments() -> list[RunnerDeployment]:
    """Return what `cultivar up` serves, each flow by its module path so that it runs anywhere."""
    return [_deployment(deployed) for deployed in DEPLOYED]


def zombie_automation(silent_for: timedelta = SILENT_FOR) -> Automation:
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
            within=silent_for,
        ),
        actions=[
            ChangeFlowRunState(
                name="Crashed",
                state=StateType.CRASHED,
                force=True,
                message=f"Without a sign of life for {silent_for.seconds:,} seconds.",
            )
        ],
    )


def retraining_automation(retrain: UUID) -> Automation:
    """Return the rule that runs the deployment ``retrain`` when a retraining is due."""
    return Automation(
        name=RETRAININGS,
        trigger=EventTrigger(
            posture=Posture.Reactive,
            expect={RETRAINING_DUE_EVENT},
            match=ResourceSpecification({"prefect.resource.id": ["cultivar.classifier.*"]}),
            for_each={"prefect.resource.id"},
            threshold=1,
            within=timedelta(0),
        ),
        actions=[
            RunDeployment(
                source="selected",
                deployment_id=retrain,
                job_variables=None,
                parameters={
                    "classifier": _template("event.resource.name"),
                    "actor": _template("event.payload.actor"),
                },
            )
        ],
    )


def _template(expression: str) -> dict[str, str]:
    return {"__prefect_kind": "jinja", "template": f"{{{{ {expression} }}}}"}


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
