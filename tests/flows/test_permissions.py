"""Each flow looks first whether the actor may do it, also where nothing is due."""

from collections.abc import Callable
from typing import Any

import pytest

from cultivar.core.errors import NotPermitted
from cultivar.core.roles import Role, grant_command
from cultivar.operations.tenant.people import grant_role
from cultivar.store.workspace import Workspace
from processes.deployments import DEPLOYED, deployed
from tests.flows.conftest import ACTOR, CLASSIFIER
from tests.flows.runs import newest_of, state_of
from tests.orchestration import Orchestrator

Begin = Callable[[str], Workspace]

OF_A_CLASSIFIER = {"classifier": CLASSIFIER}
# no actor is handed to these: a job has its own, and a sweep acts for those who left work behind
OF_NO_ACTOR = {"project_import", "project_training", "sweep"}
PARAMETERS: dict[str, dict[str, Any]] = {
    "seed_ingest": OF_A_CLASSIFIER,
    "training": OF_A_CLASSIFIER,
    "test_scoring": OF_A_CLASSIFIER,
    "review_gate": OF_A_CLASSIFIER,
    "publish": OF_A_CLASSIFIER,
    "retrain": OF_A_CLASSIFIER,
    "lifecycle": OF_A_CLASSIFIER,
}


@pytest.mark.slow
def test_every_flow_is_refused_to_somebody_without_a_role(begin: Begin) -> None:
    begin("trained")
    for each in DEPLOYED:
        if each.function in OF_NO_ACTOR | {"undo_labels"}:
            continue
        given = PARAMETERS.get(each.function, {})
        with pytest.raises(NotPermitted) as refused:
            each.load()(**given, actor="nobody")
        assert refused.value.code == "wrong-role", each.function


def test_what_is_trained_before_is_refused_too_and_the_role_that_is_named_helps(
    begin: Begin,
) -> None:
    from flows.seed_ingest import seed_ingest
    from flows.training import training

    workspace = begin("trained")
    for flow in (seed_ingest, training):
        with pytest.raises(NotPermitted) as refused:
            flow(CLASSIFIER, "nobody")
        assert refused.value.facts["action"] == "train, test or review the classifier"
    assert grant_command("nobody", Role.COMPLIANCE_DATA_ADMINISTRATOR) in refused.value.sentence
    grant_role(workspace, ACTOR, "nobody", Role.COMPLIANCE_DATA_ADMINISTRATOR)
    with pytest.raises(NotPermitted) as refused:
        training(CLASSIFIER, "nobody")
    assert refused.value.code == "not-owner"


@pytest.mark.parametrize("function", ["crawl", "write_labels", "sweep", "store_sweep", "backup"])
def test_what_a_schedule_runs_ends_well_in_an_empty_home(
    orchestrator: Orchestrator, function: str
) -> None:
    deployed(function).load()()
    assert state_of(newest_of(deployed(function).flow)).is_completed()
