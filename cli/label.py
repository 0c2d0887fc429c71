"""The command that classifies content by published classifiers; labels are the policies'.

Scoring is the flow's.
"""

from typing import TYPE_CHECKING

import click

from cli.base.flow_runs import run
from cli.base.help import command, location_argument
from cli.base.next_command import after_classifying
from cli.base.session import Session
from cli.terminal.tables import show_table
from cultivar import operations
from cultivar.core.release_report.expected import wrong_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from cultivar.operations.scoring.labelling import Labelling


@location_argument
def label(session: Session, locations: tuple[str, ...]) -> None:
    """Classify LOCATIONS, or all content, by published classifiers: match, close match, no match.

    It gives no labels: policies do, by what it finds. Only what is new is scored: content that
    changed, or another version.
    """
    # What cannot be done, or is not, is said at once, before a server is started.
    operations.content.require_content(session.workspace, locations)
    due = operations.scoring.labelling_due(session.workspace, session.actor, locations or None)
    if not due and not operations.scoring.is_any_published(session.workspace):
        session.answer({"labellings": []}, lambda console: show(console, []), _then(session, []))
        return
    parameters = {"locations": list(locations) or None, "actor": session.actor}
    subjects = ["tenant:labelling", *(f"location:{name}" for name in locations)]
    run(session, "Classifying", ("labelling", parameters), subjects=subjects)
    found = operations.scoring.labellings(session.workspace, session.actor)
    wanted = [each for each in found if not locations or each.location in locations]
    worth = {each: _worth(session, each, wanted) for each in {row.classifier for row in wanted}}
    session.answer(
        {"labellings": wanted, "expected": worth},
        lambda console: _show_worth(console, wanted, worth),
        _then(session, wanted),
    )


def _worth(session: Session, classifier: str, found: "list[Labelling]") -> str:
    """Return what the labels of a classifier are worth here, and how many of them are wrong."""
    live = operations.classifiers.classifier_details(
        session.workspace, session.actor, classifier
    ).live
    if live is None:
        return ""
    matches = sum(each.matches for each in found if each.classifier == classifier)
    return f"{live.expected} {wrong_in_words(live.figures, matches)}".strip()


def _show_worth(console: "Console", found: "list[Labelling]", worth: "Mapping[str, str]") -> None:
    show(console, found)
    for name, said in sorted(worth.items()):
        if said:
            console.print(f"{name}: {said}", markup=False)


def _then(session: Session, found: "list[Labelling]") -> str:
    """Return what comes next: a look at where everything stands where nothing is published."""
    if not found:
        return "cultivar status"
    classifiers = {each.classifier for each in found}
    return after_classifying(session, classifiers.pop() if len(classifiers) == 1 else None)


def show(console: "Console", found: "list[Labelling]") -> None:
    """Print how many items of each location match."""
    if not found:
        console.print("Nothing is classified: no classifier is published.")
        return
    rows = [
        [each.location, each.classifier, f"{each.items:,}", f"{each.matches:,}",
         f"{each.close_matches:,}", each.version]
        for each in found
    ]  # fmt: skip
    columns = ("Location", "Classifier", "Items", "Match", "Close match", "Version")
    show_table(console, columns, rows)


def add_to(program: click.Group) -> None:
    """Register the commands."""
    command(
        program,
        "label",
        examples=("cultivar label", "cultivar label sites mail --json"),
        then="`cultivar explore` lists what matches; policies label it. `cultivar up` classifies "
        "every night.",
    )(label)
