"""The command that shows the whole lifecycle, on the sample organisation or one's own documents.

What is shown is the demo's.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from cli.base.help import command
from cli.base.session import Session
from cli.terminal.tested_items import review_by_keys
from processes.learner import Learner

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.option("--positives", type=FOLDER, help="Your own documents of one kind.")
@click.option("--others", type=FOLDER, help="Your own other documents.")
@click.option("--interactive", is_flag=True, help="Review yourself instead of by held labels.")
@click.option("--retrain", is_flag=True, help="Go on: policies, feedback, retraining, republish.")
def demo(
    session: Session,
    *,
    positives: Path | None,
    others: Path | None,
    interactive: bool,
    retrain: bool,
) -> None:
    """Show the whole lifecycle in three minutes: opt-in, create, test, review, publish, label.

    Uses the sample organisation that ships with Cultivar (synthetic documents), or your own: at
    least 160 documents of the kind and 250 others, no two the same. With --retrain it plays the
    second half as well: policies, feedback, retraining, republish, undo.
    """
    if interactive and not session.interactive:
        raise click.UsageError("--interactive needs a terminal.")
    if (positives is None) != (others is None):
        raise click.UsageError("Give --positives and --others together.")
    if retrain and positives is not None:
        raise click.UsageError(
            "--retrain needs mail, which the sample organisation has; leave out "
            "--positives and --others."
        )
    from demo.demonstration import run_demo, show_report

    report: Any = run_demo(
        session.settings,
        positives=positives,
        others=others,
        review=(lambda classifier: _review(session, classifier)) if interactive else None,
        retrain=retrain,
        tell=None if session.json else session.tell,
    )
    session.answer(
        {"demo": report}, lambda console: show_report(console, report), next_of_demo(report)
    )


def next_of_demo(report: Mapping[str, Any]) -> str:
    """Return the command that comes next: what a review that leaves publish closed still needs."""
    if report["published_version"]:
        return "cultivar status"
    if report["items_needed"]:
        return f"cultivar add-test {report['classifier_id']} FOLDER"
    return f"cultivar review {report['classifier_id']}"


def _review(session: Session, classifier: str) -> None:
    with Learner(session.settings, session.actor_id, classifier) as learner:
        review_by_keys(session, learner)


def add_to(program: click.Group) -> None:
    """Register the commands."""
    command(
        program,
        "demo",
        examples=(
            "cultivar demo",
            "cultivar demo --interactive",
            "cultivar demo --retrain",
            "cultivar demo --positives ./contracts --others ./everything-else",
        ),
        then="`cultivar status` shows what it made; `cultivar opt-in` starts with your own.",
    )(demo)
