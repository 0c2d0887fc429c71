"""The status machine of a classifier: every transition is one row of one table.

It decides from facts handed in and changes nothing itself.

A classifier has one status and three steps. A row names the event, the statuses in which it may
happen, the status after it, who may do it (ownership included, see ``cultivar.core.roles``), the
gates that must be open, and what becomes of the steps. What is live is a separate pointer to a
version, so a classifier may be back in review while an earlier version stays in use.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from cultivar.core.errors import GateClosed, NotReady
from cultivar.core.gates import Outcome
from cultivar.core.next_steps import NextStep, Remedy, command_for
from cultivar.core.roles import Action


class Status(StrEnum):
    """The one status of a classifier."""

    IN_PROGRESS = "In progress"
    NEED_TEST_ITEMS = "Need test items"
    READY_TO_REVIEW = "Ready to review"
    READY_TO_USE = "Ready to use"
    # The seeds were refused or training broke off; the reason stands beside it.
    FAILED = "Failed"


class Step(StrEnum):
    """The three steps of a classifier's details."""

    ADD_TEST_ITEMS = "add test items"
    REVIEW_ITEMS = "review items"
    PUBLISH = "publish"


class StepStatus(StrEnum):
    """How far a step is."""

    NOT_AVAILABLE = "Not available"
    READY_TO_TEST = "Ready to test"
    IN_PROGRESS = "In progress"
    READY_TO_REVIEW = "Ready to review"
    READY_TO_USE = "Ready to use"
    DONE = "Done"


class Event(StrEnum):
    """What can happen to a classifier."""

    CREATED = "created"
    MODEL_BUILT = "model built"
    TRAINING_FAILED = "training failed"
    TRAINING_RESTARTED = "training restarted"
    TESTING_STARTED = "testing started"
    TESTING_FAILED = "testing failed"
    TEST_ITEMS_SCORED = "test items scored"
    SCORED_ANEW = "test items scored anew"
    BATCH_OPENED = "batch opened"
    BATCH_CLOSED = "batch closed"
    ACCURACY_STABLE = "accuracy stable"
    ACCURACY_UNSTABLE = "accuracy unstable"
    GATE_OVERRIDDEN = "gate overridden"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table; ``target`` None leaves the status as it is."""

    event: Event
    sources: frozenset[Status | None]
    target: Status | None
    action: Action
    gates: tuple[str, ...] = ()
    steps: Mapping[Step, StepStatus] = field(default_factory=dict)


_TESTABLE = frozenset({Status.NEED_TEST_ITEMS, Status.READY_TO_REVIEW, Status.READY_TO_USE})
_REVIEWABLE = frozenset({Status.READY_TO_REVIEW, Status.READY_TO_USE})
_TEST, _REVIEW, _PUBLISH = Step
_NONE = StepStatus.NOT_AVAILABLE

TRANSITIONS: tuple[Transition, ...] = (
    Transition(
        Event.CREATED,
        frozenset({None}),
        Status.IN_PROGRESS,
        Action.CREATE,
        steps={_TEST: _NONE, _REVIEW: _NONE, _PUBLISH: _NONE},
    ),
    Transition(
        Event.MODEL_BUILT,
        frozenset({Status.IN_PROGRESS}),
        Status.NEED_TEST_ITEMS,
        Action.TRAIN,
        gates=("seed_set",),
        steps={_TEST: StepStatus.READY_TO_TEST},
    ),
    Transition(Event.TRAINING_FAILED, frozenset({Status.IN_PROGRESS}), Status.FAILED, Action.TRAIN),
    Transition(
        Event.TRAINING_RESTARTED,
        frozenset({Status.FAILED, Status.IN_PROGRESS}),
        Status.IN_PROGRESS,
        Action.TRAIN,
    ),
    Transition(
        Event.TESTING_STARTED,
        _TESTABLE,
        None,
        Action.TRAIN,
        steps={_TEST: StepStatus.IN_PROGRESS},
    ),
    Transition(
        Event.TESTING_FAILED,
        _TESTABLE,
        None,
        Action.TRAIN,
        steps={_TEST: StepStatus.READY_TO_TEST},
    ),
    Transition(
        Event.TEST_ITEMS_SCORED,
        frozenset({Status.NEED_TEST_ITEMS}),
        Status.READY_TO_REVIEW,
        Action.TRAIN,
        gates=("test_set", "predictions"),
        steps={_TEST: StepStatus.DONE, _REVIEW: StepStatus.READY_TO_REVIEW},
    ),
    Transition(
        Event.TEST_ITEMS_SCORED,
        _REVIEWABLE,
        None,
        Action.TRAIN,
        gates=("test_set", "predictions"),
        steps={_TEST: StepStatus.DONE},
    ),
    # A version that learned from reviews scores the same items; nothing else changes.
    Transition(Event.SCORED_ANEW, _REVIEWABLE, None, Action.TRAIN),
    Transition(
        Event.BATCH_OPENED,
        _REVIEWABLE,
        None,
        Action.TRAIN,
        steps={_REVIEW: StepStatus.IN_PROGRESS},
    ),
    Transition(Event.BATCH_CLOSED, _REVIEWABLE, None, Action.TRAIN),
    Transition(
        Event.ACCURACY_STABLE,
        _REVIEWABLE,
        Status.READY_TO_USE,
        Action.TRAIN,
        gates=("reviews", "accuracy"),
        steps={_REVIEW: StepStatus.DONE, _PUBLISH: StepStatus.READY_TO_USE},
    ),
    Transition(
        Event.ACCURACY_UNSTABLE,
        _REVIEWABLE,
        Status.READY_TO_REVIEW,
        Action.TRAIN,
        steps={_REVIEW: StepStatus.READY_TO_REVIEW, _PUBLISH: _NONE},
    ),
    Transition(
        Event.GATE_OVERRIDDEN,
        _REVIEWABLE,
        Status.READY_TO_USE,
        Action.OVERRIDE_GATE,
        steps={_PUBLISH: StepStatus.READY_TO_USE},
    ),
    Transition(
        Event.PUBLISHED,
        frozenset({Status.READY_TO_USE}),
        None,
        Action.PUBLISH,
        gates=("accuracy",),
        steps={_PUBLISH: StepStatus.DONE},
    ),
)

# What a person reads when an event comes too early: by event, then by status.
_FIRST: Mapping[Event, str] = MappingProxyType(
    {
        Event.MODEL_BUILT: "Training happens once, after the seeds are attached.",
        Event.TRAINING_RESTARTED: "Its model is built already.",
        Event.TESTING_STARTED: "Test items can be added once its model is built.",
        Event.TEST_ITEMS_SCORED: "Test items can be scored once its model is built.",
        Event.BATCH_OPENED: "Items can be reviewed once test items were added and scored.",
        Event.BATCH_CLOSED: "A batch can be closed once test items were added and reviewed.",
        Event.PUBLISHED: "It can be published once its accuracy is stable.",
        Event.GATE_OVERRIDDEN: "A gate can be overridden once items are being reviewed.",
    }
)

# What takes a classifier on from where it stands.
NEXT_STEPS: Mapping[Status, NextStep] = MappingProxyType(
    {
        Status.IN_PROGRESS: NextStep.TRAIN,
        Status.FAILED: NextStep.TRAIN,
        Status.NEED_TEST_ITEMS: NextStep.ADD_TEST_ITEMS,
        Status.READY_TO_REVIEW: NextStep.REVIEW,
        Status.READY_TO_USE: NextStep.PUBLISH,
    }
)

CONDITION_KINDS = ("sensitivity label", "retention label", "communication compliance")


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Where a classifier stands: its status (None before it exists) and its steps."""

    status: Status | None = None
    steps: Mapping[Step, StepStatus] = field(
        default_factory=lambda: dict.fromkeys(Step, StepStatus.NOT_AVAILABLE)
    )

    def after(self, transition: Transition) -> "Lifecycle":
        """Return where it stands after a transition that ``transition_for`` found."""
        return replace(
            self,
            status=transition.target or self.status,
            steps={**self.steps, **transition.steps},
        )


def transition_for(
    event: Event, status: Status | None, classifier_id: str | None = None
) -> Transition:
    """Return the row of the table for an event in a status.

    ``classifier_id`` is for the sentence of a refusal, which then names the command that helps.

    Raises:
        NotReady: code ``wrong-status``; the event cannot happen in that status.
    """
    for transition in TRANSITIONS:
        if transition.event is event and status in transition.sources:
            return transition
    stands = f'has the status "{status}"' if status else "is not created yet"
    command = command_for(NEXT_STEPS[status], classifier_id) if status and classifier_id else ""
    raise NotReady(
        "wrong-status",
        f"{classifier_id or 'The classifier'} {stands}. "
        f"{_FIRST.get(event, f'It cannot be {event} in that status.')}"
        f"{f' Next: `{command}`.' if command else ''}",
        {"event": str(event), "status": status and str(status)},
    )


def require_gates(
    transition: Transition, open_gates: Mapping[str, Outcome], classifier_id: str | None = None
) -> None:
    """Do nothing when every gate of the transition is open.

    ``open_gates`` maps gate to the outcome over the artifact in question; a gate that a person
    overrode counts as ``pass``, a missing one as ``not evaluated``.

    Raises:
        GateClosed: code ``gate-closed``; the sentence names each gate and its outcome.
    """
    outcomes = {gate: open_gates.get(gate, "not evaluated") for gate in transition.gates}
    closed = {gate: outcome for gate, outcome in outcomes.items() if outcome != "pass"}
    if not closed:
        return
    listed = ", ".join(f"{gate} ({outcome})" for gate, outcome in closed.items())
    raise GateClosed(
        "gate-closed",
        f"{str(transition.event).capitalize()} waits for what must pass first: {listed}.",
        {"event": str(transition.event), "gates": closed},
        Remedy(NextStep.SHOW_GATES, classifier_id) if classifier_id else None,
    )


def usable_conditions(published: bool) -> tuple[str, ...]:
    """Return the kinds of policy that may use a classifier as a condition: all, once published."""
    return CONDITION_KINDS if published else ()
