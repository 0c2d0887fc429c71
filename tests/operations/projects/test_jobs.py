"""Jobs: one exclusive job a project, cancelled, expired, and never left running for ever."""

import os
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from cultivar.core.errors import Conflict, NotFound
from cultivar.core.projects.jobs import EVALUATION, TRAINING, Status, counters
from cultivar.core.projects.limits import BEGINS_WITHIN, JOBS_LAST
from cultivar.operations.projects.dead_jobs import settle
from cultivar.operations.projects.job_claim import Cancelled, working_on
from cultivar.operations.projects.jobs import cancel_job, job, list_jobs
from cultivar.operations.projects.models import list_models, model_named
from cultivar.operations.projects.training import submit_training
from cultivar.store.tables import ProjectJobRow
from cultivar.store.workspace import Workspace
from tests.operations.projects.material import ACTOR, imported, train_in, trained, work_off


def later(workspace: Workspace, delay: timedelta) -> Workspace:
    return replace(workspace, clock=lambda: workspace.clock() + delay)


@pytest.mark.requirement("CT-08")
def test_a_second_training_of_the_project_waits_and_other_projects_do_not(
    desk: Workspace,
) -> None:
    imported(desk, "one")
    imported(desk, "two")
    submit_training(desk, ACTOR, "one", "first", in_this_process=True)
    for label in ("first", "another"):
        with pytest.raises(Conflict) as refused:
            submit_training(desk, ACTOR, "one", label, in_this_process=True)
        assert refused.value.code == "project-busy"
    assert (
        submit_training(desk, ACTOR, "two", "first", in_this_process=True).status
        is Status.NOT_STARTED
    )


@pytest.mark.requirement("CT-08")
def test_of_many_trainings_asked_for_at_once_one_is_taken(desk: Workspace) -> None:
    imported(desk)
    taken: list[str] = []
    refused: list[str] = []

    def ask(number: int) -> None:
        try:
            taken.append(
                submit_training(desk, ACTOR, "news", f"m{number}", in_this_process=True).id
            )
        except Conflict as error:
            refused.append(error.code)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 1
    assert set(refused) <= {"project-busy", "changed-meanwhile"}


@pytest.mark.requirement("CT-34", "CT-37")
def test_evaluation_starts_after_training_completes(desk: Workspace) -> None:
    imported(desk)
    opened = submit_training(desk, ACTOR, "news", "first", in_this_process=True)
    seen = [opened]
    with working_on(desk, opened.id) as work:
        work.advance(1, **{TRAINING: Status.RUNNING})
        seen.append(job(desk, ACTOR, "news", opened.id))
        work.advance(80, **{TRAINING: Status.SUCCEEDED, EVALUATION: Status.RUNNING})
        seen.append(job(desk, ACTOR, "news", opened.id))
        train_in(work)
    seen.append(job(desk, ACTOR, "news", opened.id))
    found = [(each.phases[TRAINING]["status"], each.phases[EVALUATION]["status"]) for each in seen]
    assert found == [
        ("not started", "not started"), ("running", "not started"),
        ("succeeded", "running"), ("succeeded", "succeeded"),
    ]  # fmt: skip
    assert [each.status for each in seen] == ["not started", "running", "running", "succeeded"]
    moments = [(each.created_at, each.updated_at, each.expires_at) for each in seen]
    assert all(list(each) == sorted(each) for each in moments)
    assert all(one[1] <= other[1] for one, other in pairwise(moments))
    assert seen[-1].expires_at - seen[-1].created_at == JOBS_LAST


def test_a_cancelled_job_that_nobody_began_ends_at_once(desk: Workspace) -> None:
    imported(desk)
    opened = submit_training(desk, ACTOR, "news", "first", in_this_process=True)
    assert cancel_job(desk, ACTOR, "news", opened.id).status is Status.CANCELLED
    with pytest.raises(Cancelled):
        work_off(desk, opened.id)
    assert list_models(desk, ACTOR, "news") == []
    assert trained(desk).status is Status.SUCCEEDED


def test_a_job_cancelled_at_work_keeps_nothing(desk: Workspace) -> None:
    imported(desk)
    opened = submit_training(desk, ACTOR, "news", "first", in_this_process=True)

    def worker() -> None:
        with working_on(desk, opened.id) as work:
            assert cancel_job(desk, ACTOR, "news", opened.id).status is Status.CANCELLING
            train_in(work)

    with pytest.raises(Cancelled):
        worker()
    assert job(desk, ACTOR, "news", opened.id).status is Status.CANCELLED
    assert list_models(desk, ACTOR, "news") == []


def test_a_job_cancelled_at_the_last_moment_keeps_nothing(
    desk: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(desk)
    opened = submit_training(desk, ACTOR, "news", "first", in_this_process=True)
    from cultivar.operations.projects import judging

    judge = judging.judge

    def and_cancel(*given: Any) -> Any:
        outcome = judge(*given)
        cancel_job(desk, ACTOR, "news", opened.id)
        return outcome

    monkeypatch.setattr(judging, "judge", and_cancel)
    with pytest.raises(Cancelled):
        work_off(desk, opened.id)
    assert job(desk, ACTOR, "news", opened.id).status is Status.CANCELLED
    assert list_models(desk, ACTOR, "news") == []


@pytest.mark.requirement("CT-38")
def test_a_failure_is_told_with_code_and_sentence_for_the_job_and_its_phase(
    desk: Workspace,
) -> None:
    imported(desk)
    opened = submit_training(desk, ACTOR, "news", "first", in_this_process=True)

    def worker() -> None:
        with working_on(desk, opened.id) as work:
            work.advance(5, **{TRAINING: Status.RUNNING})
            _ = 1 // 0

    with pytest.raises(ZeroDivisionError):
        worker()
    failed = job(desk, ACTOR, "news", opened.id)
    assert failed.status is Status.FAILED
    assert failed.errors[0]["code"] == "defect"
    assert "ZeroDivisionError" in failed.errors[0]["sentence"]
    assert failed.phases[TRAINING]["error"] == failed.errors[0]


def test_a_job_that_a_person_interrupts_is_no_defect(desk: Workspace) -> None:
    imported(desk)
    opened = submit_training(desk, ACTOR, "news", "first", in_this_process=True)
    with pytest.raises(KeyboardInterrupt), working_on(desk, opened.id):
        raise KeyboardInterrupt
    failed = job(desk, ACTOR, "news", opened.id)
    assert (failed.status, failed.errors[0]["code"]) == (Status.FAILED, "interrupted")


def test_a_job_ends_only_once(desk: Workspace) -> None:
    imported(desk)
    done = trained(desk)
    assert cancel_job(desk, ACTOR, "news", done.id).status is Status.SUCCEEDED


KILLED = """
import os, signal, sys
from cultivar.operations.projects.job_claim import working_on
from cultivar.store.workspace import open_workspace
with open_workspace(create=False) as workspace, working_on(workspace, sys.argv[1]) as work:
    work.advance(5)
    os.kill(os.getpid(), signal.SIGKILL)
"""

LEFT = """
import sys
from cultivar.operations.projects.dead_jobs import settle
from cultivar.operations.projects.training import submit_training
from cultivar.operations.projects.job_claim import Cancelled, working_on
from cultivar.store.workspace import open_workspace
with open_workspace(create=False) as workspace:
    print(submit_training(workspace, "alex", "news", "first", in_this_process=True).id)
"""


def in_a_process(
    workspace: Workspace, code: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own, on the same registry and artifact store."""
    places = {
        "CULTIVAR_REGISTRY_URL": workspace.settings.registry_url,
        "CULTIVAR_ARTIFACTS_URL": workspace.settings.artifacts_url,
    }
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(
        command, env=os.environ | places, check=False, capture_output=True, text=True
    )


def test_a_job_whose_worker_was_killed_fails_with_the_reason_and_frees_the_project(
    desk: Workspace,
) -> None:
    imported(desk)
    opened = submit_training(desk, ACTOR, "news", "first")
    killed = in_a_process(desk, KILLED, opened.id)
    assert killed.returncode == -9
    found = job(desk, ACTOR, "news", opened.id)
    assert found.status is Status.FAILED
    assert found.errors[0]["code"] == "worker-ended"
    assert list_models(desk, ACTOR, "news") == []
    assert trained(desk).status is Status.SUCCEEDED


def test_a_job_whose_server_ended_before_it_began_fails_with_the_reason(desk: Workspace) -> None:
    imported(desk)
    asked = in_a_process(desk, LEFT)
    found = job(desk, ACTOR, "news", asked.stdout.strip())
    assert found.errors[0]["code"] == "server-ended"


def test_a_job_that_no_worker_takes_up_fails_after_a_day(desk: Workspace) -> None:
    imported(desk)
    opened = submit_training(desk, ACTOR, "news", "first")
    soon = later(desk, BEGINS_WITHIN - timedelta(minutes=1))
    assert job(soon, ACTOR, "news", opened.id).status is Status.NOT_STARTED
    late = later(desk, BEGINS_WITHIN + timedelta(minutes=1))
    assert job(late, ACTOR, "news", opened.id).errors[0]["code"] == "never-began"


def test_a_worker_without_a_sign_of_life_cannot_keep_its_model(desk: Workspace) -> None:
    imported(desk)
    opened = submit_training(desk, ACTOR, "news", "first")

    def worker() -> None:
        with working_on(desk, opened.id) as work:
            assert settle(later(desk, timedelta(minutes=5))) == 1
            train_in(work)

    with pytest.raises(Cancelled):
        worker()
    assert job(desk, ACTOR, "news", opened.id).errors[0]["code"] == "worker-ended"
    assert list_models(desk, ACTOR, "news") == []


def test_a_cancelled_job_whose_worker_dies_is_cancelled(desk: Workspace) -> None:
    imported(desk)
    opened = submit_training(desk, ACTOR, "news", "first")

    def worker() -> None:
        with working_on(desk, opened.id) as work:
            cancel_job(desk, ACTOR, "news", opened.id)
            settle(later(desk, timedelta(minutes=5)))
            assert job(desk, ACTOR, "news", opened.id).status is Status.CANCELLED
            train_in(work)

    with pytest.raises(Cancelled):
        worker()


@pytest.mark.requirement("CT-39")
def test_jobs_expire_and_models_do_not(news: Workspace) -> None:
    done = model_named(news, ACTOR, "news", "first").job_id
    assert isinstance(job(news, ACTOR, "news", done).id, str)
    week = later(news, JOBS_LAST + timedelta(minutes=1))
    with pytest.raises(NotFound) as refused:
        job(week, ACTOR, "news", done)
    assert refused.value.code == "unknown-job"
    assert list_jobs(week, ACTOR, "news") == []
    assert model_named(week, ACTOR, "news", "first")


@pytest.mark.requirement("CT-39")
def test_a_job_of_another_project_is_unknown(news: Workspace) -> None:
    done = model_named(news, ACTOR, "news", "first").job_id
    for project, wanted in (("other", done), ("news", "no such job")):
        with pytest.raises(NotFound) as refused:
            job(news, ACTOR, project, wanted)
        assert refused.value.code == "unknown-job"


N, R, S, F, G, C = Status


@pytest.mark.requirement("CT-35")
def test_the_counters_add_up_to_the_total() -> None:
    for statuses in ([], [N], [R, S], [S, F, C, G], list(Status)):
        found = counters(statuses)
        assert found["total"] == len(statuses)
        assert found["in_progress"] + found["completed"] + found["failed"] == found["total"]


def test_an_open_job_holds_its_project_in_the_registry_itself(desk: Workspace) -> None:
    imported(desk)
    submit_training(desk, ACTOR, "news", "first")

    def second() -> None:
        with desk.registry.transaction() as session:
            row = session.query(ProjectJobRow).filter_by(kind="train").one()
            columns = ProjectJobRow.__table__.columns
            values = {each.name: getattr(row, each.name) for each in columns}
            session.add(ProjectJobRow(**values | {"id": "other"}))

    with pytest.raises(IntegrityError):
        second()
