"""What Prefect itself knows of runs, for tests that look at it from outside."""

import logging
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterId,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.objects import Artifact, FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort

from processes.prefect_server.settings import flush


def newest_run() -> FlowRun:
    """Return the flow run that began last; what a schedule plans has not begun."""
    with get_client(sync_client=True) as client:
        found = client.read_flow_runs(limit=200, sort=FlowRunSort.START_TIME_DESC)
    return next(run for run in found if run.state_type is not StateType.SCHEDULED)


def newest_of(flow: str) -> FlowRun:
    """Return the newest run of a flow, whatever it called since."""
    wanted = FlowFilter(name=FlowFilterName(any_=[flow]))
    with get_client(sync_client=True) as client:
        found = client.read_flow_runs(
            flow_filter=wanted, limit=200, sort=FlowRunSort.START_TIME_DESC
        )
    return next(run for run in found if run.state_type is not StateType.SCHEDULED)


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


@dataclass(frozen=True)
class Story:
    """What a person sees on the page of a run: tasks with their states, and lines with levels."""

    run: FlowRun
    tasks: dict[str, str]
    lines: tuple[tuple[int, str], ...]

    @property
    def message(self) -> str:
        """The sentence of the final state."""
        return str(state_of(self.run).message)

    @property
    def errors(self) -> list[str]:
        """The lines that the filter "Error" leaves."""
        return [line for level, line in self.lines if level >= logging.ERROR]

    @property
    def said(self) -> str:
        """All that the page says."""
        return str((self.run.name, self.run.tags, self.message, self.tasks, self.lines))


def story_of(run: FlowRun) -> Story:
    """Return the story of a run that ended, with all that was logged."""
    flush()
    with get_client(sync_client=True) as client:
        tasks = client.read_task_runs(flow_run_filter=_only(run.id), limit=200)
        lines: list[tuple[int, str]] = []
        while True:
            page = client.request(
                "POST",
                "/logs/filter",
                json={
                    "logs": LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run.id])).model_dump(
                        mode="json"
                    ),
                    "offset": len(lines),
                    "limit": 200,
                    "sort": "TIMESTAMP_ASC",
                },
            ).json()
            lines += [(int(each["level"]), str(each["message"])) for each in page]
            if len(page) < 200:
                break
    states = {
        each.name: each.state.name or ""
        for each in tasks
        # a flow that is called has a task run that stands for it
        if each.state is not None and each.state.state_details.child_flow_run_id is None
    }
    return Story(run, states, tuple(lines))


def _only(run: UUID) -> FlowRunFilter:
    return FlowRunFilter(id=FlowRunFilterId(any_=[run]))
