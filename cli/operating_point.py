"""The command that shows the operating points of a classifier, and chooses one.

What a point means in this content is the release report's to say.
"""

from typing import TYPE_CHECKING

import click

from cli.base.confirmation import confirmed
from cli.base.help import classifier_argument, command, yes_option
from cli.base.session import Session
from cli.terminal.tables import show_table
from cli.terminal.texts import strong
from cultivar import operations
from cultivar.core.figures import probability
from cultivar.core.operating_points import POINTS
from cultivar.core.release_report.expected import known_in_words

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.core.release_report.grades import GradedFigure
    from cultivar.operations.publishing.operating_points import PointsOfVersion, PointSummary


@classifier_argument
@click.argument("point", required=False, type=click.Choice(POINTS))
@yes_option
def operating_point(session: Session, name: str, point: str | None, yes: bool) -> None:
    """Show the operating points of the classifier NAME, or let it label content at POINT.

    The review keeps a threshold of its own, which serves a balanced test set. In content a label
    begins at an operating point: find-most aims to miss at most 5 % of the relevant items, balanced
    (the default) at the largest expected F1, be-sure at labels most of which are right. What each
    comes to in this content is shown beside it. Choosing needs no training; it asks once.
    """
    if point is not None:
        _choose(session, name, point, yes)
        return
    found = operations.publishing.operating_points(session.workspace, session.actor, name)
    session.answer(
        {"operating_points": found},
        lambda console: show_points(console, found),
        _next(found),
    )


def _next(found: "PointsOfVersion") -> str:
    """Return the command that measures what is not known yet, else the one that labels."""
    if all({"precision", "recall"} <= set(each.figures) for each in found.points):
        return "cultivar label"
    return f"cultivar release sample {found.classifier_id}"


def _choose(session: Session, name: str, point: str, yes: bool) -> None:
    asked = (session.workspace, session.actor, name, point)
    planned = operations.publishing.plan_operating_point(*asked)
    confirmed(session, f"Label content by {planned.sentence}?", yes)
    made = operations.publishing.choose_operating_point(*asked)
    session.answer(
        {"publication": made},
        lambda console: console.print(
            f"{strong(planned.name)} labels content at the operating point {point} (version "
            f"{made.version_id}), chosen by {made.actor}. What is labelled already follows with "
            "the next labelling.",
        ),
        "cultivar label",
    )


def show_points(console: "Console", found: "PointsOfVersion") -> None:
    """Print the operating points of a version, and what each means in this content."""
    state = "labels content" if found.live else "is not published"
    console.print(f"{strong(found.name)}, version {found.version}, {state}.")
    columns = (
        "Point",
        "From probability",
        "Labels per 1,000 items",
        "Right",
        "Found of the relevant",
    )
    show_table(console, columns, [_row(each) for each in found.points])
    for each in found.points:
        mark, known = (" (chosen)" if each.chosen else ""), known_in_words(each.figures)
        said = f" In this content: {known}" if known else ""
        console.print(f"{strong(each.point)}{mark} {each.meaning}.{said}")
    # what is not known, and how to measure it, is said once: of the chosen point
    for each in sorted(found.points, key=lambda each: not each.chosen)[:1]:
        unknown = each.expected.removeprefix(known_in_words(each.figures)).strip()
        if unknown:
            console.print(f"At {each.point}: {unknown}")


def _row(each: "PointSummary") -> list[str]:
    share = each.labelled_per_thousand
    labelled = f"{share.estimate:.0f} ({share.lower:.0f} to {share.upper:.0f})" if share else ""
    return [
        each.point + (" *" if each.chosen else ""),
        probability(each.threshold),
        labelled,
        *(_share(each.figures.get(name)) for name in ("precision", "recall")),
    ]


def _share(figure: "GradedFigure | None") -> str:
    if figure is None or figure.estimate is None:
        return "not known yet"
    return f"{figure.estimate:.0%} ({figure.lower:.0%} to {figure.upper:.0%}), {figure.grade}"


def add_to(program: click.Group) -> None:
    """Register the command."""
    command(
        program,
        "operating-point",
        examples=(
            "cultivar operating-point complaints",
            "cultivar operating-point complaints be-sure",
        ),
        then="`cultivar label` classifies by it; `cultivar policy apply --preview` shows what that "
        "changes.",
    )(operating_point)
