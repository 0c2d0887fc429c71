"""Runs of deployments, as a runner or a worker starts them: by Prefect's engine, in a process."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun

from cultivar.store.workspace import Workspace
from processes.registration import deployments
from tests.flows.conftest import CLASSIFIER
from tests.flows.runs import Story, state_of, story_of

Begin = Callable[[str], Workspace]
SAID = "canaryvaluesiskin"
ENGINE = "import runpy; runpy.run_module('prefect.engine', run_name='__main__')"
PLANTED = f"""
from cultivar.operations.content import aggregation as aggregating

def broken(_session):
    return {{}}["{SAID}"]

aggregating.basis_of = broken
"""
pytestmark = pytest.mark.slow


def _started(flow: str, **parameters: Any) -> FlowRun:
    """Leave a run of a flow's deployment to whoever takes it up."""
    made = next(each for each in deployments() if each.flow_name == flow)
    made.schedules = []
    deployed = made.apply()
    assert isinstance(deployed, UUID)
    with get_client(sync_client=True) as client:
        return client.create_flow_run_from_deployment(deployed, parameters=parameters)


def _worked_off(run: FlowRun, planted: str = "") -> tuple[Story, str]:
    """Run it as a runner does; return its page, and what the process printed."""
    answer = subprocess.run(
        [sys.executable, "-c", planted + ENGINE],
        env=os.environ | {"PREFECT__FLOW_RUN_ID": str(run.id)},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    with get_client(sync_client=True) as client:
        ended = client.read_flow_run(run.id)
    return story_of(ended), answer.stdout + answer.stderr


def test_a_deployed_run_has_the_name_the_tags_and_the_sentence_of_a_direct_one(
    begin: Begin,
) -> None:
    begin("opted in")
    run = _started("crawl", location="seeds")
    story, _ = _worked_off(run)
    assert re.fullmatch(r"crawl: seeds, \d{4}-\d\d-\d\d", story.run.name)
    assert set(story.run.tags) == {"cultivar", "location:seeds"}
    assert story.message == "Crawled 1 location: 60 items."
    assert set(story.tasks) == {"read seeds", "gate: items of seeds"}


def test_a_refusal_of_a_deployed_run_carries_no_traceback(begin: Begin) -> None:
    begin("trained")
    story, _ = _worked_off(_started("publish", classifier=CLASSIFIER))
    assert state_of(story.run).is_failed()
    assert story.run.name == f"publish: {CLASSIFIER}"
    assert set(story.run.tags) == {"cultivar", f"classifier:{CLASSIFIER}"}
    assert story.tasks == {"gate: publish is open": "Failed"}
    assert any("(code wrong-status)" in line for line in story.errors)
    assert "Traceback" not in story.said


def test_a_defect_of_a_deployed_run_tells_its_way_and_no_values(begin: Begin) -> None:
    begin("opted in")
    story, printed = _worked_off(_started("labelling"), PLANTED)
    assert state_of(story.run).is_failed()
    [told] = [line for line in story.errors if line.startswith("A defect of Cultivar: KeyError")]
    assert re.search(r"flows/labelling\.py line \d+ in labelling", told)
    assert re.search(r"operations/content/aggregation\.py line \d+ in bring_up_to_date", told)
    assert "Traceback" not in story.said
    assert SAID not in story.said + printed
