"""The status machine, walked at random against what a classifier's history allows."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cultivar.core.errors import GateClosed, NotReady
from cultivar.core.gates import Outcome
from cultivar.core.lifecycle import (
    TRANSITIONS,
    Event,
    Lifecycle,
    Status,
    Step,
    StepStatus,
    require_gates,
    transition_for,
    usable_conditions,
)
from cultivar.core.roles import Action

OUTCOMES: tuple[Outcome, ...] = ("pass", "fail", "not evaluated")


class Walk(RuleBasedStateMachine):
    """Applies events in any order; what happened is the model that the statuses must match."""

    def __init__(self) -> None:
        super().__init__()
        self.stands = Lifecycle()
        self.happened: list[Event] = []

    @rule(event=st.sampled_from(Event), outcome=st.sampled_from(OUTCOMES))
    def try_event(self, event: Event, outcome: Outcome) -> None:
        status = self.stands.status
        listed = [row for row in TRANSITIONS if row.event is event and status in row.sources]
        if not listed:
            with pytest.raises(NotReady, match=str(status or "not created")):
                transition_for(event, status)
            return
        transition = transition_for(event, status)
        assert [transition] == listed
        outcomes = dict.fromkeys(transition.gates, outcome)
        if transition.gates and outcome != "pass":
            with pytest.raises(GateClosed, match=transition.gates[0]):
                require_gates(transition, outcomes)
            return
        require_gates(transition, outcomes)
        self.stands = self.stands.after(transition)
        self.happened.append(event)

    def did(self, event: Event) -> bool:
        return event in self.happened

    @invariant()
    def nothing_precedes_creation(self) -> None:
        assert (self.stands.status is None) == (not self.happened)
        assert not self.happened or self.happened[0] is Event.CREATED

    @invariant()
    def test_items_need_a_model(self) -> None:
        if self.did(Event.TESTING_STARTED) or self.did(Event.TEST_ITEMS_SCORED):
            assert self.did(Event.MODEL_BUILT)

    @invariant()
    def review_needs_scored_test_items(self) -> None:
        if self.did(Event.BATCH_OPENED) or self.did(Event.BATCH_CLOSED):
            assert self.did(Event.TEST_ITEMS_SCORED)
        if self.stands.status in {Status.READY_TO_REVIEW, Status.READY_TO_USE}:
            assert self.did(Event.TEST_ITEMS_SCORED)

    @invariant()
    def ready_to_use_is_stable_or_overridden(self) -> None:
        if self.stands.status is Status.READY_TO_USE:
            kinds = {Event.ACCURACY_STABLE, Event.ACCURACY_UNSTABLE, Event.GATE_OVERRIDDEN}
            last = [event for event in self.happened if event in kinds][-1]
            assert last is not Event.ACCURACY_UNSTABLE

    @invariant()
    def publish_step_follows_the_status(self) -> None:
        step = self.stands.steps[Step.PUBLISH]
        ready = self.stands.status is Status.READY_TO_USE
        assert (step in {StepStatus.READY_TO_USE, StepStatus.DONE}) == ready
        if step is StepStatus.DONE:
            assert self.did(Event.PUBLISHED)

    @precondition(lambda self: self.stands.status is not None)
    @rule()
    def is_created_once(self) -> None:
        with pytest.raises(NotReady):
            transition_for(Event.CREATED, self.stands.status)


TestWalk = pytest.mark.requirement(
    "TC-03", "TC-04", "TC-20", "TC-38", "TC-39", "TC-46", "TC-49", "TC-56"
)(Walk.TestCase)
TestWalk.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)


def test_each_event_and_status_has_at_most_one_row() -> None:
    pairs = [(row.event, source) for row in TRANSITIONS for source in row.sources]
    assert len(pairs) == len(set(pairs))
    assert {row.event for row in TRANSITIONS} == set(Event)


def test_every_status_can_be_reached_and_left() -> None:
    assert {row.target for row in TRANSITIONS if row.target} == set(Status)
    assert {source for row in TRANSITIONS for source in row.sources} >= set(Status)


def test_what_a_person_does_to_a_classifier_needs_its_ownership() -> None:
    owned = {row.action for row in TRANSITIONS} - {Action.CREATE, Action.OVERRIDE_GATE}
    assert owned == {Action.TRAIN, Action.PUBLISH}


def test_a_gate_without_a_result_is_closed() -> None:
    row = transition_for(Event.MODEL_BUILT, Status.IN_PROGRESS)
    with pytest.raises(GateClosed) as closed:
        require_gates(row, {})
    assert "seed_set (not evaluated)" in closed.value.sentence


def test_the_statuses_are_worded_as_people_know_them() -> None:
    assert [str(status) for status in Status][:4] == [
        "In progress",
        "Need test items",
        "Ready to review",
        "Ready to use",
    ]


@pytest.mark.requirement("TC-02", "TC-58")
def test_a_published_classifier_serves_three_kinds_of_policy_and_another_none() -> None:
    assert usable_conditions(False) == ()
    assert usable_conditions(True) == (
        "sensitivity label",
        "retention label",
        "communication compliance",
    )
