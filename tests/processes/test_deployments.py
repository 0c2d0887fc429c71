"""What is deployed: the same flows, schedules and automations, served or handed to workers."""

from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from prefect.events.schemas.deployment_triggers import DeploymentEventTrigger

from processes.automations import retraining_trigger
from processes.deployments import DEPLOYED, TAG
from processes.registration import deployments

DECLARED = Path(__file__).parents[2] / "prefect.yaml"


def _declared() -> dict[str, dict[str, Any]]:
    stated = yaml.safe_load(DECLARED.read_text(encoding="utf-8"))
    return {each["entrypoint"]: each for each in stated["deployments"]}


def test_prefect_yaml_declares_what_is_served() -> None:
    declared = _declared()
    assert {f"{each.module}.{each.function}" for each in DEPLOYED} == set(declared)
    for each in DEPLOYED:
        stated = declared[f"{each.module}.{each.function}"]
        crons = [schedule["cron"] for schedule in stated.get("schedules", [])]
        assert crons == ([each.cron] if each.cron else [])
        assert stated["name"] == each.name
        assert stated["description"] == each.description
        assert stated["tags"] == [TAG]


def test_prefect_yaml_declares_the_automation_that_retrains() -> None:
    stated = {name: each["triggers"] for name, each in _declared().items() if "triggers" in each}
    ((trigger,),) = stated.values()
    assert list(stated) == ["flows.retrain.retrain"]
    assert DeploymentEventTrigger.model_validate(trigger) == retraining_trigger()


def test_each_served_flow_is_found_by_its_module_path() -> None:
    for each, made in zip(DEPLOYED, deployments(), strict=True):
        assert made.entrypoint == f"{each.module}.{each.function}"
        assert f"{made.flow_name}/{made.name}" == each.full_name
        assert getattr(import_module(each.module), each.function).name == made.flow_name


def test_each_deployment_has_a_name_and_a_description_of_its_own() -> None:
    assert len({each.name for each in DEPLOYED}) == len(DEPLOYED)
    assert len({each.description for each in DEPLOYED}) == len(DEPLOYED)
    assert [made.description for made in deployments()] == [each.description for each in DEPLOYED]


def test_crawl_and_labelling_run_every_night_and_the_baseline_every_week() -> None:
    crons = {each.function: each.cron for each in DEPLOYED}
    assert crons["crawl"] == "0 0 * * *"
    assert crons["labelling"] == "0 1 * * *"
    assert crons["opt_in"] == "0 3 * * 0"
