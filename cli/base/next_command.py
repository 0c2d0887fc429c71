"""The command that does what comes next; what that is, the operations say."""

from typing import TYPE_CHECKING

from cli.base.session import Session
from cultivar import operations
from cultivar.core.next_steps import NextStep, command_for

if TYPE_CHECKING:
    from cultivar.operations.classifiers.details import ClassifierDetails


# done at every location, for all classifiers
_AT_LOCATIONS = frozenset({NextStep.LABEL, NextStep.APPLY_POLICIES})


def next_of(session: Session, details: "ClassifierDetails") -> str:
    """Return the command that comes next for a classifier."""
    step = operations.classifiers.next_step(session.workspace, session.actor, details)
    return _command(step, details.id)


def after_classifying(session: Session, classifier: str | None = None) -> str:
    """Return the command that comes next once a classifier is live, or once any is."""
    step = operations.classifiers.step_after_labelling(session.workspace, session.actor, classifier)
    return _command(step, classifier or "")


def _command(step: NextStep, classifier: str) -> str:
    return command_for(step, "" if step in _AT_LOCATIONS else classifier)
