"""Test items: guarded by their gates, scored once, added to what is there."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cultivar.core.errors import GateClosed, NotReady
from cultivar.core.lifecycle import Status
from cultivar.operations.classifier_state import classifier_state
from cultivar.operations.classifiers.classifiers import create_classifier
from cultivar.operations.content.locations import add_location, resolve_source
from cultivar.operations.review.verdicts import review_state
from cultivar.operations.training.test_sets import report_test_set, start_testing
from cultivar.store.workspace import Workspace
from flows import test_scoring
from flows.crawl import crawl
from tests.flows.conftest import ACTOR, CLASSIFIER, NAME, answer_batch
from tests.flows.holdings import artifacts
from tests.flows.runs import artifacts_of, newest_run
from tests.small import Organisation, grow

Begin = Callable[[str], Workspace]


def _test_location(workspace: Workspace, name: str, folder: Path) -> None:
    add_location(workspace, ACTOR, name, str(folder), purpose="test")
    crawl(name)


@pytest.mark.requirement("TC-04", "TC-20")
def test_test_items_wait_for_a_model(begin: Begin) -> None:
    workspace = begin("opted in")
    create_classifier(workspace, ACTOR, NAME, "", resolve_source(workspace, "seeds"))
    with pytest.raises(NotReady) as refused:
        test_scoring.test_scoring(NAME, "tests")
    assert refused.value.code == "wrong-status"


@pytest.mark.requirement("TC-45")
def test_a_folder_that_was_not_crawled_is_refused(begin: Begin, tmp_path: Path) -> None:
    workspace = begin("trained")
    add_location(workspace, ACTOR, "fresh", str(tmp_path / "fresh"), purpose="test")
    with pytest.raises(NotReady, match="crawl fresh") as refused:
        test_scoring.test_scoring(NAME, "fresh")
    assert refused.value.code == "not-crawled"


@pytest.mark.requirement("TC-25")
def test_an_unbalanced_test_set_is_refused(begin: Begin, tmp_path: Path) -> None:
    workspace = begin("trained")
    made = grow(tmp_path / "tests", seeds=0, tests=60, content=0)
    for path in sorted((made.tests / "positive").iterdir())[6:]:
        path.unlink()
    _test_location(workspace, "uneven", made.tests)
    with pytest.raises(GateClosed, match=r"16|0\.16") as refused:
        test_scoring.test_scoring(NAME, "uneven")
    assert refused.value.code == "unbalanced-test-set"
    assert classifier_state(workspace, NAME).test_set_sha256 is None


@pytest.mark.requirement("TC-22")
def test_a_few_items_that_equal_a_seed_are_left_out_and_listed(
    begin: Begin, tmp_path: Path, organisation: Organisation
) -> None:
    workspace = begin("trained")
    made = grow(tmp_path / "tests", seeds=0, tests=40, content=0)
    for path in sorted(organisation.seeds.iterdir())[:3]:
        shutil.copy2(path, made.tests / "positive" / f"copy-{path.name}")
    _test_location(workspace, "leaking", made.tests)
    found = test_scoring.test_scoring(NAME, "leaking")
    assert found is not None
    assert found.rows == 40
    test_set = workspace.artifacts.reference(
        classifier_state(workspace, NAME).test_set_sha256 or ""
    )
    assert report_test_set(workspace, NAME, test_set).selection.skipped == {"equals a seed": 3}


@pytest.mark.requirement("TC-22")
def test_a_folder_of_seeds_is_refused_as_test_folder(begin: Begin) -> None:
    begin("trained")
    with pytest.raises(GateClosed) as refused:
        test_scoring.test_scoring(NAME, "seeds")
    assert "seed-test-overlap" in str(refused.value.facts)


@pytest.mark.requirement("TC-49")
def test_scores_are_shown_and_a_rerun_scores_nothing_anew(begin: Begin) -> None:
    workspace = begin("tested")
    assert classifier_state(workspace, NAME).status is Status.READY_TO_REVIEW
    before, predictions = artifacts(workspace), classifier_state(workspace, NAME).predictions_sha256
    found = test_scoring.test_scoring(NAME, "tests")
    assert found is not None
    assert found.sha256 == predictions
    assert artifacts(workspace) == before
    page = str(artifacts_of(newest_run())[f"scores-{CLASSIFIER}"].data)
    assert "data:image/svg+xml;base64," in page


@pytest.mark.requirement("TC-50")
def test_more_items_can_be_added_and_reviewed_ones_are_kept(begin: Begin, tmp_path: Path) -> None:
    workspace = begin("tested")
    answer_batch(workspace)
    before = review_state(workspace, ACTOR, NAME)
    made = grow(tmp_path / "more", seeds=0, tests=40, content=0, mark="more")
    _test_location(workspace, "more", made.tests)
    found = test_scoring.test_scoring(NAME, "more")
    assert found is not None
    assert found.rows == 260
    after = review_state(workspace, ACTOR, NAME)
    assert (after.items, after.reviewed, after.points) == (260, before.reviewed, before.points)
    left = test_scoring.test_scoring(NAME, "more", remove=True)
    assert left is not None
    assert left.rows == 220
    assert review_state(workspace, ACTOR, NAME).reviewed == before.reviewed


def test_a_test_that_was_begun_and_broke_off_is_taken_up_without_naming_it(begin: Begin) -> None:
    workspace = begin("trained")
    start_testing(workspace, ACTOR, NAME, resolve_source(workspace, "tests"))
    found = test_scoring.test_scoring(NAME)
    assert found is not None
    assert found.rows == 220
