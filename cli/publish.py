"""Commands that publish a classifier, and that override a gate on a person's word.

Whether publish is open is the operation's to say.
"""

from typing import TYPE_CHECKING, Any

import click

from cli import gate as gates
from cli.base.confirmation import confirmed
from cli.base.flow_runs import run
from cli.base.help import Sorted, classifier_argument, command, yes_option
from cli.base.session import Session
from cli.terminal.tables import show_table
from cli.terminal.texts import strong
from cultivar import operations
from cultivar.core.operating_points import POINTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from cultivar.core.gates import Check
    from cultivar.operations.classifiers.details import ClassifierDetails
    from cultivar.operations.gates import GateOutcome

# what a gate refused, to be typed again once somebody answers for what it found
NEXT_AFTER = {
    "test_set": "cultivar add-test {0} SOURCE",
    "predictions": "cultivar add-test {0} SOURCE",
    "accuracy": "cultivar publish {0}",
}


@classifier_argument
@click.option(
    "--override",
    "reason",
    metavar="REASON",
    help="Publish although accuracy is not stable; your name and REASON stay on record.",
)
@click.option(
    "--operating-point",
    "point",
    type=click.Choice(POINTS),
    help="Label content at it [default: the one chosen before, or balanced].",
)
@yes_option
def publish(
    session: Session, *, name: str, reason: str | None, point: str | None, yes: bool
) -> None:
    """Publish the newest version of the classifier NAME: content is classified by it from then on.

    Asks once. Whether publish is open is said first.
    """
    # Too early is said at once, before an orchestrator is started for nothing.
    planned = operations.publishing.plan_publication(session.workspace, session.actor, name, reason)
    confirmed(session, f"Publish {planned.sentence}?", yes)
    classifier = planned.classifier_id
    parameters: dict[str, Any] = {"classifier": classifier, "actor": session.actor}
    if reason is not None:
        # the reason stays in the audit log: an orchestrator shows every parameter
        stated = operations.publishing.state_reason(
            session.workspace, session.actor, classifier, reason
        )
        parameters["override"] = stated
    if point is not None:
        parameters["operating_point"] = point
    run(session, "Publishing", ("publish", parameters))
    details = operations.classifiers.classifier_details(
        session.workspace, session.actor, classifier
    )
    session.answer(
        {"classifier": details}, lambda console: _show(console, details), "cultivar label"
    )


def _show(console: "Console", details: "ClassifierDetails") -> None:
    made = details.publications[-1]
    console.print(
        f"{strong(details.name)} is published: version {made.version} is live, by "
        f"{made.actor} at {made.at:%Y-%m-%d %H:%M} UTC."
    )
    if made.operating_point:
        console.print(
            f"It labels content at the operating point {made.operating_point}; `cultivar "
            f"operating-point {details.id}` shows all."
        )
    if details.live and details.live.expected:
        console.print(details.live.expected, markup=False)
    kinds = ", ".join(details.usable_conditions)
    console.print(f"Policies of these kinds can use it as a condition: {kinds}.")
    if made.evidence.get("override_reason"):
        console.print(f"Overridden: {made.evidence['override_reason']}", markup=False)


@click.group(cls=Sorted)
def gate() -> None:
    """Show gates, and override one."""


@classifier_argument
@click.option("--all", "everything", is_flag=True, help="Name the checks that passed as well.")
def show(session: Session, name: str, everything: bool) -> None:
    """Show the last result of each gate of the classifier NAME, what failed first."""
    details = operations.classifiers.classifier_details(session.workspace, session.actor, name)
    session.answer(
        {"gates": details.gates},
        lambda console: _gates(console, details.gates, everything),
    )


def _gates(console: "Console", gates: "Sequence[GateOutcome]", everything: bool) -> None:
    if not gates:
        console.print("No gate was evaluated yet.")
        return
    for each in gates:
        for check in _by_outcome(each, passed=False):
            console.print(f"{strong(each.gate)}, {check.code}: {check.sentence}")
    show_table(console, ("Gate", "Outcome", "Checks", "Overridden by"), [_row(e) for e in gates])
    for each in gates if everything else ():
        checks = _by_outcome(each, passed=False) + _by_outcome(each, passed=True)
        rows = [[c.name, c.outcome, c.observed, c.expected] for c in checks]
        console.print()
        columns = ("Check", "Outcome", "Found", "Expected")
        show_table(console, columns, rows, title=each.gate)


def _by_outcome(gate: "GateOutcome", *, passed: bool) -> "list[Check]":
    return [each for each in gate.checks if (each.outcome == "pass") is passed]


def _row(gate: "GateOutcome") -> list[str]:
    words = {"fail": "failed", "not evaluated": "not evaluated", "pass": "passed"}
    outcomes = [str(check.outcome) for check in gate.checks]
    numbers = {word: outcomes.count(outcome) for outcome, word in words.items()}
    counts = ", ".join(f"{number} {word}" for word, number in numbers.items() if number)
    return [gate.gate, gate.outcome, counts, gate.overridden_by or ""]


@classifier_argument
@click.argument("gate_name", metavar="GATE")
@click.option("--reason", required=True, help="Why; it stays on record with your name.")
@click.option(
    "--artifact",
    metavar="HASH",
    help="First digits of the hash of the artifact that the gate judged [default: the newest].",
)
@yes_option
def override(
    session: Session, *, name: str, gate_name: str, reason: str, artifact: str | None, yes: bool
) -> None:
    """Override the gate GATE of the classifier NAME; your name and reason are recorded. Asks once.

    Only findings of judgement can be overridden (balance, accuracy), never damaged or missing data.
    """
    asked = (session.workspace, session.actor, name, gate_name, reason)
    found = operations.publishing.plan_override(*asked, artifact=artifact)
    confirmed(session, f"{' '.join(found)}\nOpen the gate {gate_name} all the same?", yes)
    operations.publishing.override_gate(*asked, artifact=artifact)
    session.answer(
        {"gate": gate_name, "classifier": name, "overridden_by": session.actor, "reason": reason},
        lambda console: console.print(f"{gate_name} of {name} is overridden by {session.actor}."),
        NEXT_AFTER.get(gate_name, "cultivar status {0}").format(name),
    )


def add_to(program: click.Group) -> None:
    """Register the commands."""
    command(
        program,
        "publish",
        examples=(
            "cultivar publish complaints",
            'cultivar publish complaints --override "Agreed with the records board"',
            "cultivar publish complaints --operating-point be-sure",
        ),
        then="`cultivar label` classifies the content; `cultivar verify NAME` proves what it was "
        "made from.",
    )(publish)
    program.add_command(gate)
    command(
        gate,
        "show",
        examples=("cultivar gate show complaints", "cultivar gate show NAME --all"),
    )(show)
    command(
        gate,
        "override",
        examples=(
            'cultivar gate override complaints predictions --reason "Few complaints exist yet"',
            'cultivar gate override complaints accuracy --reason "Agreed with the records board"',
        ),
        then="Repeat the command that the gate refused.",
    )(override)
    gates.add_to(gate)
