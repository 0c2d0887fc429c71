"""What Prefect's server does automatically when something happens: retrain, and bury dead runs.

Both match only what is Cultivar's, as a server may be shared with other teams.
"""

from datetime import timedelta

from prefect.automations import Automation
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.events.schemas.deployment_triggers import DeploymentEventTrigger
from prefect.events.schemas.events import ResourceSpecification

from processes.deployments import TAG
from processes.events import RETRAINING_DUE_EVENT

RETRAININGS = "Cultivar: retrain when enough items are judged"
RETRAININGS_ARE = (
    "Runs the retraining of a classifier when enough of its matches are judged. Cultivar sends the "
    "event; the sweep starts what no event did."
)
ZOMBIES = "Cultivar: mark runs whose process died"
ZOMBIES_ARE = (
    "Marks runs with the tag `cultivar` as crashed when they send no heartbeat for seven minutes; "
    "Prefect alone shows them as running permanently. Runs of others are left alone."
)
# More than two of the heartbeats that Prefect sends every 180 seconds, on any worker.
SILENT_FOR = timedelta(minutes=7)
_HEARTBEAT = "prefect.flow-run.heartbeat"
_ENDS = ("Completed", "Failed", "Cancelled", "Crashed")


def zombie_automation(silent_for: timedelta = SILENT_FOR) -> Automation:
    """Return the rule that crashes runs of Cultivar without a heartbeat.

    The registry's own claims do not need it: they watch their holders themselves.
    """
    return Automation(
        name=ZOMBIES,
        description=ZOMBIES_ARE,
        trigger=EventTrigger(
            posture=Posture.Proactive,
            after={_HEARTBEAT},
            expect={_HEARTBEAT, *(f"prefect.flow-run.{end}" for end in _ENDS)},
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            match_related=ResourceSpecification(
                {
                    "prefect.resource.role": ["tag"],
                    "prefect.resource.id": [f"prefect.tag.{TAG}"],
                }
            ),
            for_each={"prefect.resource.id"},
            threshold=1,
            within=silent_for,
        ),
        actions=[
            ChangeFlowRunState(
                name="Crashed",
                state=StateType.CRASHED,
                # not forced: a run that has ended keeps its state, whatever event was lost or late
                force=False,
                message=f"Without a sign of life for {silent_for.seconds:,} seconds.",
            )
        ],
    )


def retraining_trigger() -> DeploymentEventTrigger:
    """Return the trigger of the retraining's deployment: it runs when a retraining is due."""
    return DeploymentEventTrigger(
        name=RETRAININGS,
        description=RETRAININGS_ARE,
        posture=Posture.Reactive,
        expect={RETRAINING_DUE_EVENT},
        match=ResourceSpecification({"prefect.resource.id": ["cultivar.classifier.*"]}),
        for_each={"prefect.resource.id"},
        threshold=1,
        within=timedelta(0),
        parameters={
            "classifier": _template("event.resource.name"),
            "actor": _template("event.payload.actor"),
            "only_if_due": True,
        },
    )


def _template(expression: str) -> dict[str, str]:
    return {"__prefect_kind": "jinja", "template": f"{{{{ {expression} }}}}"}


async def ensure_zombie_automation() -> None:
    """Create the automation that marks dead runs, or replace it; a step of ``prefect deploy``."""
    automation = zombie_automation()
    known = await _named(ZOMBIES)
    if known is None:
        await automation.acreate()
        return
    automation.id = known.id
    await automation.aupdate()


async def remove_retraining_automation() -> None:
    """Remove the automation that retrains, as the deployment is about to bring its own.

    One that belongs to no deployment would stay beside it, and start every retraining twice.
    """
    while known := await _named(RETRAININGS):
        await known.adelete()


async def _named(name: str) -> Automation | None:
    try:
        return await Automation.aread(name=name)
    except ValueError:
        return None
