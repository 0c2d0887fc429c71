"""What Prefect itself knows of runs, for tests that look at it from outside."""

import time
from typing import Any

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.objects import Artifact, FlowRun
from prefect.client.schemas.sorting import FlowRunSort


def newest_run() -> FlowRun:
    """Return the flow run that began last."""
    with get_client(sync_client=True) as client:
        return client.read_flow_runs(limit=1, sort=FlowRunSort.START_TIME_DESC)[0]


def run_named(name: str) -> FlowRun:
    """Return the newest flow run of a name."""
    with get_client(sync_client=True) as client:
        found = client.read_flow_runs(limit=50, sort=FlowRunSort.START_TIME_DESC)
    return next(run for run in found if run.name == name)


def state_of(run: FlowRun) -> Any:
    """Return a run's state, which a finished run always has."""
    assert run.state is not None
    return run.state


def artifacts_of(run: FlowRun) -> dict[str, Artifact]:
    """Return the artifacts of a flow run by their keys."""
    wanted = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]))
    with get_client(sync_client=True) as client:
        answer = client.request(
            "POST",
            "/artifacts/filter",
            json={"artifacts": wanted.model_dump(mode="json"), "limit": 200, "offset": 0},
        )
    return {each["key"]: Artifact.model_validate(each) for each in answer.json()}


def events_of(classifier_id: str, awaited: set[str], seconds: float = 30) -> set[str]:
    """Return the names of the events about a classifier, once the awaited ones are there.

    Prefect sends events in the background and writes them a little later.
    """
    wanted = {"filter": {"resource": {"id": [f"cultivar.classifier.{classifier_id}"]}}}
    deadline = time.monotonic() + seconds
    names: set[str] = set()
    with get_client(sync_client=True) as client:
        while time.monotonic() < deadline and not awaited <= names:
            time.sleep(1)
            answer = client.request("POST", "/events/filter", json=wanted | {"limit": 50})
            names = {str(each["event"]) for each in answer.json()["events"]}
    return names
