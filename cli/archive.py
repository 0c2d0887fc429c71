"""The commands that put a classifier away and take it back.

What either means is the operations'; nothing is ever deleted here.
"""

import click

from cli.base.confirmation import confirmed
from cli.base.help import classifier_argument, command, yes_option
from cli.base.session import Session
from cultivar import operations


@classifier_argument
def archive(session: Session, *, name: str, yes: bool) -> None:
    """Put the classifier NAME away: it labels and retrains no more, and nothing of it is lost.

    A policy that asks for it has to be disabled first. `cultivar restore` takes it back.
    """
    found = operations.classifiers.classifier_details(session.workspace, session.actor, name)
    live = f" It is live: {found.published_version}." if found.published_version else ""
    confirmed(session, f"Archive {found.name} ({found.id})?{live}", yes)
    made = operations.classifiers.archive_classifier(session.workspace, session.actor, found.id)
    session.answer(
        {"archived": made},
        lambda console: console.print(f"{found.name} is archived.", markup=False),
        f"cultivar restore {made}",
    )


@classifier_argument
def restore(session: Session, *, name: str) -> None:
    """Take the archived classifier NAME back as it was; what was live is live again."""
    made = operations.classifiers.restore_classifier(session.workspace, session.actor, name)
    session.answer(
        {"restored": made},
        lambda console: console.print(f"{made} is in use again.", markup=False),
        f"cultivar status {made}",
    )


def add_to(program: click.Group) -> None:
    """Register the commands."""
    command(program, "archive", examples=("cultivar archive complaints",))(yes_option(archive))
    command(program, "restore", examples=("cultivar restore complaints",))(restore)
