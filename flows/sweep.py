"""Do what the registry says is due: the work that a nudge missed, or that a killed run left.

It decides nothing itself; each entry is the work of one stage.
"""

import logging
from collections.abc import Callable, Mapping, Sequence

from cultivar.core.errors import Conflict, CultivarError
from cultivar.core.vocabulary import how_many
from cultivar.operations.outbox import (
    BATCH_COMPLETE,
    LABELLING_DUE,
    RETRAINING_DUE,
    TESTING_DUE,
    TRAINING_DUE,
    UNDO_DUE,
    Due,
    due,
)
from cultivar.operations.projects.dead_jobs import settle
from cultivar.operations.retraining.retrainings import why_not_yet
from cultivar.store.workspace import open_workspace
from flows.base.stage import stage, today
from flows.labelling import labelling
from flows.retrain import retrain
from flows.review_gate import review_gate
from flows.seed_ingest import seed_ingest
from flows.test_scoring import test_scoring
from flows.training import training
from flows.undo_labels import undo_labels
from tasks import Told, say

# What became of an entry.
TAKEN, OTHERS, LATER = "taken up", "left to others", "left for a later sweep"


@stage(lambda _: f"sweep: {today()}")
def sweep() -> Told[int]:
    """Take up everything that is due and return how many entries were taken up.

    One that is refused does not keep the others waiting; the first refusal ends the run. What
    somebody else is at work on is left to them. Jobs of projects whose worker is gone are failed.
    """
    with open_workspace() as workspace:
        settle(workspace)
        entries = due(workspace)
    say(f"due: {', '.join(map(_named, entries)) or 'nothing'}")
    outcomes = [_outcome(entry) for entry in entries]
    for outcome in outcomes:
        if isinstance(outcome, CultivarError):
            raise outcome
    return Told(outcomes.count(TAKEN), _told(outcomes))


def _told(outcomes: Sequence[str | CultivarError]) -> str:
    """Return how many entries were taken up, and what became of the others."""
    left = [f"{outcomes.count(each)} {each}" for each in (OTHERS, LATER) if each in outcomes]
    taken = how_many(outcomes.count(TAKEN), "entry", "entries")
    return f"{'; '.join([f'{taken} {TAKEN}', *left])}."


def _named(entry: Due) -> str:
    return f"{entry.kind.removesuffix(' due')} of {entry.subject}"


def _outcome(entry: Due) -> str | CultivarError:
    if entry.kind == RETRAINING_DUE and (waits := _why_not_yet(entry.subject)):
        say(f"{_named(entry)} waits: {waits}")
        return LATER
    try:
        _STAGES[entry.kind](entry.subject, str(entry.payload["actor"]))
    except Conflict as conflict:
        say(f"{_named(entry)} is left to whoever is at it: {conflict.sentence}")
        return OTHERS
    except CultivarError as refusal:
        say(f"{_named(entry)} was refused: {refusal.sentence}", logging.ERROR)
        return refusal
    return TAKEN


def _train(classifier: str, actor: str) -> None:
    seed_ingest(classifier, actor)
    training(classifier, actor)


def _test(classifier: str, actor: str) -> None:
    test_scoring(classifier, actor=actor)


def _review(classifier: str, actor: str) -> None:
    review_gate(classifier, actor)


def _label(_classifier: str, actor: str) -> None:
    labelling(actor=actor)


def _why_not_yet(classifier: str) -> str | None:
    with open_workspace() as workspace:
        return why_not_yet(workspace, classifier)


def _retrain(classifier: str, actor: str) -> None:
    retrain(classifier, actor)


def _undo(undone: str, actor: str) -> None:
    undo_labels(undone, actor)


_STAGES: Mapping[str, Callable[[str, str], None]] = {
    TRAINING_DUE: _train,
    TESTING_DUE: _test,
    BATCH_COMPLETE: _review,
    LABELLING_DUE: _label,
    UNDO_DUE: _undo,
    RETRAINING_DUE: _retrain,
}
