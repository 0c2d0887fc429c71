"""Commands that publish a classifier, and that override a gate on a person's word.

Whether publish is open is the operation's to say.
"""

from typing import TYPE_CHECKING, Any

import click

from flows.cli.session import Session
from flows.cli.teaching import Sorted, classifier_argument, command
from flows.cli.texts import strong

if TYPE_CHECKING:
    from rich.console import Console


@classifier_argument
@click.option(
    "--override",
    "reason",
    metavar="REASON",
    help="Publish although accuracy is not stable; your name and reason stay on record.",
)
def publish(session: Session, name: str, reason: str | None) -> None:
    """Publish the newest version of the classifier NAME: it labels content from then on."""
    from cultivar.operations.details import classifier_details
    from cultivar.operations.standing import standing_of
    from flows.cli.running import run

    _refuse_early(session, name, reason)
    classifier = standing_of(session.workspace, name).classifier_id
    parameters: dict[str, Any] = {"classifier": classifier, "actor": session.actor}
    run(session, "Publishing", ("publish", parameters | {"override_reason": reason}))
    details = classifier_details(session.workspace, session.actor, classifier)
    session.answer(
        {"classifier": details}, lambda console: _show(console, details), "cultivar label"
    )


def _refuse_early(session: Session, name: str, reason: str | None) -> None:
    """Say at once why publish is shut, before an orchestrator is started for nothing."""
    from cultivar.core.errors import GateClosed
    from cultivar.core.lifecycle import Status
    from cultivar.operations.reviewing import review_state

    state = review_state(session.workspace, session.actor, name)
    if reason is not None or state.status != Status.READY_TO_REVIEW or not state.reasons:
        return
    decided = f"{state.decided} of 200 reviews are decided. " if state.decided < 200 else ""
    left = f" About {state.reviews_left} more reviews are needed." if state.reviews_left else ""
    code = "too-few-reviews" if decided else "accuracy-not-stable"
    raise GateClosed(
        code,
        f"{state.classifier_id} cannot be published yet. {' '.join(state.reasons)}{left} "
        f"`cultivar review {state.classifier_id}` goes on.",
        {"decided": state.decided},
    )


def _show(console: "Console", details: dict[str, Any]) -> None:
    made = details["publications"][-1]
    console.print(
        f"{strong(details['name'])} is published: version {made['version']}, publication "
        f"{made['number']}, by {made['actor']} at {made['at']:%Y-%m-%d %H:%M} UTC."
    )
    console.print(f"It may be a condition of: {', '.join(details['usable_conditions'])}.")
    if made["evidence"].get("override_reason"):
        console.print(f"Overridden: {made['evidence']['override_reason']}", markup=False)


@click.group(cls=Sorted)
def gate() -> None:
    """Show gates, and override one."""


@classifier_argument
@click.option("--all", "everything", is_flag=True, help="Name the checks that passed as well.")
def show(session: Session, name: str, everything: bool) -> None:
    """Show the last result of each gate of the classifier NAME, what failed first."""
    from cultivar.operations.details import classifier_details

    details = classifier_details(session.workspace, session.actor, name)
    session.answer(
        {"gates": details["gates"]},
        lambda console: _gates(console, details["gates"], everything),
    )


def _gates(console: "Console", gates: list[dict[str, Any]], everything: bool) -> None:
    from flows.cli.tables import show_table

    if not gates:
        console.print("No gate was evaluated yet.")
        return
    for each in gates:
        for check in _by_outcome(each, passed=False):
            console.print(f"{strong(each['gate'])}, {check['code']}: {check['sentence']}")
    show_table(console, ("Gate", "Outcome", "Checks", "Overridden by"), [_row(e) for e in gates])
    for each in gates if everything else ():
        checks = _by_outcome(each, passed=False) + _by_outcome(each, passed=True)
        rows = [[c["name"], c["outcome"], c["observed"], c["expected"]] for c in checks]
        console.print()
        columns = ("Check", "Outcome", "Found", "Expected")
        show_table(console, columns, rows, title=each["gate"])


def _by_outcome(gate: dict[str, Any], *, passed: bool) -> list[dict[str, Any]]:
    return [each for each in gate["checks"] if (each["outcome"] == "pass") is passed]


def _row(gate: dict[str, Any]) -> list[str]:
    words = {"fail": "failed", "not evaluated": "not evaluated", "pass": "passed"}
    outcomes = [check["outcome"] for check in gate["checks"]]
    numbers = {word: outcomes.count(outcome) for outcome, word in words.items()}
    counts = ", ".join(f"{number} {word}" for word, number in numbers.items() if number)
    return [gate["gate"], gate["outcome"], counts, gate["overridden_by"] or ""]


@classifier_argument
@click.argument("gate_name", metavar="GATE")
@click.option("--reason", required=True, help="Why; it stays on record with your name.")
def override(session: Session, name: str, gate_name: str, reason: str) -> None:
    """Open the gate GATE of the classifier NAME on your word.

    Only findings of judgement can be overridden (balance, accuracy), never damaged or missing data.
    """
    from cultivar.operations.overrides import override_gate

    override_gate(session.workspace, session.actor, name, gate_name, reason)
    session.answer(
        {"gate": gate_name, "classifier": name, "overridden_by": session.actor, "reason": reason},
        lambda console: console.print(f"{gate_name} of {name} is overridden by {session.actor}."),
        f"cultivar status {name}",
    )


def add_to(program: click.Group) -> None:
    """Add the commands of this room."""
    command(
        program,
        "publish",
        examples=(
            "cultivar publish complaints",
            'cultivar publish complaints --override "Agreed with the records board"',
        ),
        then="`cultivar label` labels the content; `cultivar verify NAME` proves what it was made "
        "from.",
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
            'cultivar gate override complaints test_set --reason "Few complaints exist this year"',
        ),
        then="Repeat the command that the gate refused.",
    )(override)
