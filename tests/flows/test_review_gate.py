"""The review: learned from batch by batch, and publish opened when accuracy is stable."""

from collections.abc import Callable

import pytest

from cultivar.core.errors import Conflict, GateClosed
from cultivar.core.lifecycle import Status
from cultivar.operations.classifier_state import classifier_state
from cultivar.operations.outbox import BATCH_COMPLETE, due
from cultivar.operations.review.content_items import next_content_items
from cultivar.operations.review.from_content import (
    close_content_batch,
    open_content_batch,
    record_content_verdicts,
)
from cultivar.operations.review.verdicts import review_state
from cultivar.store.workspace import Workspace
from flows.publish import publish
from flows.review_gate import review_gate
from flows.sweep import sweep
from tests.flows.conftest import ACTOR, CLASSIFIER, NAME, answer_batch
from tests.flows.holdings import artifacts
from tests.flows.runs import artifacts_of, events_of, newest_run

Begin = Callable[[str], Workspace]


@pytest.mark.requirement("TC-24", "TC-54")
def test_a_closed_batch_is_learned_from_and_judged_by_the_version_before(begin: Begin) -> None:
    workspace = begin("tested")
    first = classifier_state(workspace, NAME)
    answer_batch(workspace)
    state = review_gate(NAME)
    second = classifier_state(workspace, NAME)
    assert (state.decided, state.learning, len(state.points)) == (30, False, 1)
    assert second.candidate_version != first.candidate_version
    assert second.predictions_sha256 != first.predictions_sha256
    assert due(workspace, BATCH_COMPLETE) == []
    transitions = {
        "cultivar.classifier.accuracy-unstable",
        "cultivar.classifier.test-items-scored-anew",
    }
    assert transitions <= events_of(CLASSIFIER, transitions)
    shown = artifacts_of(newest_run())
    assert "data:image/svg+xml;base64," in str(shown[f"accuracy-{CLASSIFIER}"].data)
    assert "too-few-reviews" in str(shown[f"gate-accuracy-{CLASSIFIER}"].data)


def test_with_nothing_left_behind_it_only_looks(begin: Begin) -> None:
    workspace = begin("tested")
    before = artifacts(workspace)
    assert review_gate(NAME) == review_state(workspace, ACTOR, NAME)
    assert artifacts(workspace) == before


def test_a_batch_that_nobody_took_up_is_found_by_the_sweep(begin: Begin) -> None:
    workspace = begin("tested")
    answer_batch(workspace)
    assert sweep() == 1
    assert review_state(workspace, ACTOR, NAME).learning is False
    assert sweep() == 0


def test_a_batch_from_the_content_is_learned_from_by_the_sweep_and_counts_as_no_review(
    begin: Begin,
) -> None:
    workspace = begin("tested")
    first, before = classifier_state(workspace, NAME), review_state(workspace, ACTOR, NAME)
    open_content_batch(workspace, ACTOR, NAME)
    items = next_content_items(workspace, ACTOR, NAME)
    verdicts = dict.fromkeys([each.item_id for each in items], "yes")
    record_content_verdicts(workspace, ACTOR, NAME, verdicts)
    # whoever closes it may be killed before it is learned from
    assert close_content_batch(workspace, ACTOR, NAME).learning
    assert sweep() == 1
    second = classifier_state(workspace, NAME)
    assert second.candidate_version != first.candidate_version
    assert second.predictions_sha256 != first.predictions_sha256
    assert review_state(workspace, ACTOR, NAME) == before
    answer_batch(workspace)
    assert review_gate(NAME).decided == 30
    assert due(workspace, BATCH_COMPLETE) == []


@pytest.mark.requirement("TC-55")
def test_publish_is_refused_at_too_few_reviews(begin: Begin) -> None:
    workspace = begin("tested")
    answer_batch(workspace)
    review_gate(NAME)
    with pytest.raises(GateClosed, match="30 predictions are decided") as refused:
        publish(NAME)
    assert refused.value.code == "too-few-reviews"
    assert classifier_state(workspace, NAME).published_version is None


@pytest.mark.slow
@pytest.mark.requirement("TC-55", "TC-56", "TC-57")
def test_a_stable_classifier_is_ready_and_published_once(begin: Begin) -> None:
    workspace = begin("stable")
    state = review_state(workspace, ACTOR, NAME)
    assert (state.stable, state.status) == (True, "Ready to use")
    assert state.decided >= 200
    version = publish(NAME)
    found = classifier_state(workspace, NAME)
    assert (found.published_version, found.status) == (version, Status.READY_TO_USE)
    with pytest.raises(Conflict) as refused:
        publish(NAME)
    assert refused.value.code == "already-published"
