"""The training of a project's model as a flow: gate, progress, artifacts, privacy, kills."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.states import Pending
from prefect.types.entrypoint import EntrypointType

from cultivar.core.errors import Conflict, GateClosed, StoreUnavailable
from cultivar.core.projects.jobs import EVALUATION, Status
from cultivar.core.projects.names import Kind
from cultivar.operations.projects.importing import run_import, submit_import
from cultivar.operations.projects.job_claim import Cancelled, working_on
from cultivar.operations.projects.jobs import cancel_job, job
from cultivar.operations.projects.models import evaluation_of, list_models, model_named
from cultivar.operations.projects.training import submit_training
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.store.workspace import Workspace, open_workspace
from flows.project_import import project_import
from flows.project_training import project_training
from processes.deployments import deployed
from processes.lost_runs import mark_lost_runs
from tests.flows.runs import artifacts_of, newest_of, state_of, story_of
from tests.operations.projects.material import ACTOR, imported, labels_file
from tests.orchestration import Orchestrator


@pytest.fixture
def desk(orchestrator: Orchestrator) -> Iterator[Workspace]:
    """A workspace of the test's own, and a Prefect server."""
    with open_workspace() as workspace:
        bootstrap(workspace, ACTOR)
        yield workspace


@pytest.mark.requirement("CT-01", "CT-03", "CT-25")
def test_a_project_is_trained_and_its_evaluation_shown(desk: Workspace) -> None:
    imported(desk, count=60)
    opened = submit_training(desk, ACTOR, "news", "first", in_this_process=True)
    assert project_training(opened.id) == opened.id
    done = job(desk, ACTOR, "news", opened.id)
    assert done.status is Status.SUCCEEDED
    assert done.percent == 100
    assert done.phases[EVALUATION]["status"] == Status.SUCCEEDED
    assert evaluation_of(desk, ACTOR, "news", "first")["micro"]["f1"] > 0.7
    run = newest_of("project-training")
    shown = artifacts_of(run)
    assert {"gate-project-documents-news", "classes-news", "confusion-news"} <= set(shown)
    assert "contract" in str(shown["classes-news"].data)
    assert state_of(run).name == "Completed"


def test_an_import_that_was_asked_for_is_read_by_its_flow(desk: Workspace) -> None:
    opened = submit_import(desk, ACTOR, "news", labels_file(12))
    assert opened.status is Status.NOT_STARTED
    assert project_import(opened.id) == opened.id
    done = job(desk, ACTOR, "news", opened.id)
    assert (done.status, done.result) == (Status.SUCCEEDED, {"documents": 12, "tagged": 12})
    run = newest_of("project-import")
    assert state_of(run).message == "12 documents in news."
    assert "project:news" in run.tags


def test_several_labels_have_a_class_table_and_no_matrix(desk: Workspace) -> None:
    imported(desk, count=60, kind=Kind.MULTI)
    opened = submit_training(desk, ACTOR, "news", "first", in_this_process=True)
    project_training(opened.id)
    shown = artifacts_of(newest_of("project-training"))
    assert "classes-news" in shown
    assert "confusion-news" not in shown


def test_the_gate_of_the_documents_fails_the_job_with_its_reason(desk: Workspace) -> None:
    file = labels_file(12)
    for row in file["assets"]["documents"][1:]:
        row["classes"] = []
    run_import(desk, submit_import(desk, ACTOR, "news", file, in_this_process=True).id)
    opened = submit_training(desk, ACTOR, "news", "first", in_this_process=True)
    with pytest.raises(GateClosed):
        project_training(opened.id)
    failed = job(desk, ACTOR, "news", opened.id)
    assert failed.status is Status.FAILED
    assert failed.errors[0]["code"] == "not-tagged"
    assert list_models(desk, ACTOR, "news") == []


@pytest.mark.requirement("CT-08")
def test_a_job_is_trained_by_one_worker_only(desk: Workspace) -> None:
    imported(desk)
    opened = submit_training(desk, ACTOR, "news", "first", in_this_process=True)
    with working_on(desk, opened.id), pytest.raises(Conflict) as refused:
        project_training(opened.id)
    assert refused.value.code == "already-running"


def test_a_training_that_is_cancelled_at_work_ends_cancelled(
    desk: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cultivar.operations.projects import training

    learn = training.learn
    imported(desk)
    opened = submit_training(desk, ACTOR, "news", "first", in_this_process=True)

    def cancelled(*given: object) -> object:
        cancel_job(desk, ACTOR, "news", opened.id)
        return learn(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(training, "learn", cancelled)
    with pytest.raises(Cancelled):
        project_training(opened.id)
    assert job(desk, ACTOR, "news", opened.id).status is Status.CANCELLED
    assert list_models(desk, ACTOR, "news") == []


def test_no_text_name_or_class_of_a_document_reaches_prefect(desk: Workspace) -> None:
    file = labels_file(60)
    for row in file["assets"]["documents"]:
        row["text"] += " canarytext"
        row["location"] = f"canaryname/{row['location']}"
    run_import(desk, submit_import(desk, ACTOR, "news", file, in_this_process=True).id)
    opened = submit_training(desk, ACTOR, "news", "first", in_this_process=True)
    project_training(opened.id)
    run = newest_of("project-training")
    kept = str([each.data for each in artifacts_of(run).values()]) + str(run.model_dump())
    kept += story_of(run).said
    assert "canary" not in kept


WORKER = """
import sys
from flows.project_training import project_training
project_training(sys.argv[1])
"""


@pytest.mark.slow
def test_a_killed_worker_leaves_a_failed_job_and_no_model(desk: Workspace) -> None:
    imported(desk, count=300)
    for delay in (0.0, 0.3, 1.0):
        opened = submit_training(desk, ACTOR, "news", "first")
        worker = subprocess.Popen([sys.executable, "-c", WORKER, opened.id])
        deadline = time.monotonic() + 60
        while job(desk, ACTOR, "news", opened.id).status is Status.NOT_STARTED:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(delay)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        found = job(desk, ACTOR, "news", opened.id)
        assert found.status in {Status.FAILED, Status.SUCCEEDED}
        if found.status is Status.FAILED:
            assert found.errors[0]["code"] == "worker-ended"
    for model in list_models(desk, ACTOR, "news"):
        desk.artifacts.verify(desk.artifacts.reference(model.model_sha256))
    again = submit_training(desk, ACTOR, "news", "first", in_this_process=True)
    project_training(again.id)
    assert model_named(desk, ACTOR, "news", "first").job_id == again.id


def test_two_projects_are_trained_at_once(desk: Workspace) -> None:
    jobs = []
    for name in ("one", "two"):
        imported(desk, name)
        jobs.append(submit_training(desk, ACTOR, name, "first", in_this_process=True))
    threads = [threading.Thread(target=project_training, args=(each.id,)) for each in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in jobs:
        assert job(desk, ACTOR, each.project, each.id).status is Status.SUCCEEDED


def test_a_job_whose_run_died_before_it_began_fails_with_the_reason(desk: Workspace) -> None:
    imported(desk)
    opened = submit_training(desk, ACTOR, "news", "first")
    lost = asyncio.run(_lost(opened.id))
    assert lost.state_name == "Crashed"
    found = job(desk, ACTOR, "news", opened.id)
    assert found.status is Status.FAILED
    assert found.errors[0]["code"] == "worker-ended"
    again = submit_training(desk, ACTOR, "news", "first", in_this_process=True)
    project_training(again.id)
    assert job(desk, ACTOR, "news", again.id).status is Status.SUCCEEDED


async def _lost(job_id: str) -> FlowRun:
    """Return a deployed run that stayed pending, once somebody has looked for lost runs."""
    deployment = (
        await deployed("project_training")
        .load()
        .ato_deployment("lost", entrypoint_type=EntrypointType.MODULE_PATH)
    )
    made = await deployment.aapply()
    async with get_client() as client:
        run = await client.create_flow_run_from_deployment(
            made, parameters={"job_id": job_id}, state=Pending()
        )
        assert await mark_lost_runs(client, [made]) == 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("flows.project_training.give_up", _unreachable)
            assert await mark_lost_runs(client, [made], after=timedelta(0)) == 0
        assert (await client.read_flow_run(run.id)).state_name == "Pending"
        assert await mark_lost_runs(client, [made], after=timedelta(0)) == 1
        assert await mark_lost_runs(client, [made], after=timedelta(0)) == 0
        return await client.read_flow_run(run.id)


def _unreachable(*_given: object) -> None:
    raise StoreUnavailable("store-unreachable", "The registry cannot be read.")
