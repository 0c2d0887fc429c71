"""The command that does what comes next; what that is, the operations say."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from cli.base.session import Session
from cultivar import operations

if TYPE_CHECKING:
    from cultivar.operations.classifiers.details import ClassifierDetails
    from cultivar.operations.classifiers.next_step import NextStep

_COMMANDS: Mapping[str, Callable[[str], str]] = {
    "train": lambda name: f"cultivar train {name}",
    "add test items": lambda name: f"cultivar add-test {name} FOLDER",
    "review": lambda name: f"cultivar review {name}",
    "publish": lambda name: f"cultivar publish {name}",
    "label": lambda _: "cultivar label",
    "create a policy": lambda name: (
        'cultivar policy create "NAME" --kind sensitivity --label LABEL '
        f"--classifier {name or 'ID'}"
    ),
    "apply policies": lambda _: "cultivar policy apply",
    "explore": lambda name: "cultivar explore counts" + (f" --classifier {name}" if name else ""),
    "start the retraining": lambda name: f"cultivar retrain start {name}",
    "follow the retraining": lambda name: f"cultivar retrain status {name}",
    "decide on the retrained version": lambda name: f"cultivar retrain overview {name}",
}


def command_for(step: "NextStep", classifier: str = "") -> str:
    """Return the command of a step."""
    return _COMMANDS[step](classifier)


def next_of(session: Session, details: "ClassifierDetails") -> str:
    """Return the command that comes next for a classifier."""
    step = operations.classifiers.next_step(session.workspace, session.actor, details)
    return command_for(step, details.id)


def after_classifying(session: Session, classifier: str | None = None) -> str:
    """Return the command that comes next once a classifier is live, or once any is."""
    step = operations.classifiers.step_after_labelling(session.workspace, session.actor, classifier)
    return command_for(step, classifier or "")
