"""Seeds and training: refused with a sentence, done once, one at a time, taken up when killed."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from cultivar.core.errors import Conflict, GateClosed, NotPermitted
from cultivar.core.lifecycle import Status
from cultivar.operations.classifier_state import classifier_state
from cultivar.operations.classifiers.classifiers import create_classifier
from cultivar.operations.content.locations import add_location, resolve_source
from cultivar.operations.runs import claim
from cultivar.operations.tenant.people import grant_role
from cultivar.store.workspace import Workspace
from flows.crawl import crawl
from flows.seed_ingest import seed_ingest
from flows.sweep import sweep
from flows.training import training
from tests.flows.conftest import ACTOR, CLASSIFIER, NAME
from tests.flows.holdings import artifacts
from tests.flows.runs import artifacts_of, newest_of, newest_run, run_named, state_of
from tests.small import grow

Begin = Callable[[str], Workspace]


def _created(workspace: Workspace, root: Path, seeds: int) -> None:
    """Create a classifier from a seed folder of its own."""
    made = grow(root, seeds=seeds, tests=0, content=0)
    add_location(workspace, ACTOR, "own-seeds", str(made.seeds), purpose="seed")
    crawl("own-seeds")
    create_classifier(workspace, ACTOR, NAME, "", resolve_source(workspace, "own-seeds"))


@pytest.mark.requirement("TC-16")
def test_49_seeds_are_refused(begin: Begin, tmp_path: Path) -> None:
    workspace = begin("opted in")
    _created(workspace, tmp_path / "few", 49)
    with pytest.raises(GateClosed, match="49 of 49") as refused:
        seed_ingest(NAME)
    assert refused.value.code == "too-few-seeds"
    assert classifier_state(workspace, NAME).status is Status.FAILED
    run = newest_run()
    assert run.name == f"seed ingest: {NAME}"
    assert state_of(run).message == f"gate seed set failed: {refused.value.sentence}"
    shown = artifacts_of(run)[f"gate-seed-set-{CLASSIFIER}"]
    assert "too-few-seeds" in str(shown.data)


@pytest.mark.requirement("TC-16", "TC-38", "TC-39")
def test_seeds_that_were_too_few_are_taken_when_there_are_enough(
    begin: Begin, tmp_path: Path
) -> None:
    workspace = begin("opted in")
    _created(workspace, tmp_path / "few", 49)
    with pytest.raises(GateClosed):
        seed_ingest(NAME)
    grow(tmp_path / "few", seeds=50, tests=0, content=0)
    crawl("own-seeds")
    assert seed_ingest(NAME).rows == 50
    assert classifier_state(workspace, NAME).status is Status.IN_PROGRESS
    assert training(NAME) == classifier_state(workspace, NAME).candidate_version
    assert classifier_state(workspace, NAME).status is Status.NEED_TEST_ITEMS


def test_a_rerun_trains_nothing_anew(begin: Begin) -> None:
    workspace = begin("trained")
    before, version = artifacts(workspace), classifier_state(workspace, NAME).candidate_version
    assert seed_ingest(CLASSIFIER).sha256 == classifier_state(workspace, NAME).seed_set_sha256
    assert training(CLASSIFIER) == version
    assert artifacts(workspace) == before


@pytest.mark.requirement("TC-12")
def test_another_person_with_the_role_may_not_train(begin: Begin, tmp_path: Path) -> None:
    workspace = begin("opted in")
    _created(workspace, tmp_path / "seeds", 50)
    grant_role(workspace, ACTOR, "robin", "compliance administrator")
    with pytest.raises(NotPermitted) as refused:
        seed_ingest(NAME, "robin")
    assert refused.value.code == "not-owner"


def test_two_trainings_at_once_are_refused(begin: Begin) -> None:
    workspace = begin("trained")
    ready, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with claim(workspace, "training", CLASSIFIER):
            ready.set()
            leave.wait(60)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert ready.wait(60)
        with pytest.raises(Conflict, match="running already") as refused:
            training(NAME)
    finally:
        leave.set()
        holder.join()
    assert refused.value.code == "already-running"
    assert state_of(run_named(f"training: {NAME}")).is_failed()


def test_a_training_whose_process_was_killed_is_taken_up(begin: Begin, tmp_path: Path) -> None:
    workspace = begin("opted in")
    _created(workspace, tmp_path / "seeds", 50)
    seed_ingest(NAME)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import time\n"
            "from cultivar.operations.runs import claim\n"
            "from cultivar.store.workspace import open_workspace\n"
            f"with claim(open_workspace(), 'training', '{CLASSIFIER}'):\n"
            "    print('held', flush=True)\n"
            "    time.sleep(600)\n",
        ],
        stdout=subprocess.PIPE,
        env=os.environ,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(Conflict):
        training(NAME)
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    assert training(NAME) == classifier_state(workspace, NAME).candidate_version


def test_the_sweep_counts_what_it_took_up_and_names_what_is_left_to_others(begin: Begin) -> None:
    workspace = begin("opted in")
    create_classifier(workspace, ACTOR, NAME, "", resolve_source(workspace, "seeds"))
    with claim(workspace, "training", CLASSIFIER):
        assert sweep() == 0
    message = state_of(newest_of("sweep")).message
    assert message == "0 entries taken up; 1 left to others."
