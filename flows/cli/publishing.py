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
def show(session: Session, name: str) -> None:
    """Show the last result of each gate of the classifier NAME, check by check."""
    from cultivar.operations.details import classifier_details

    details = classifier_details(session.workspace, session.actor, name)
    session.answer({"gates": details["gates"]}, lambda console: _gates(console, details["gates"]))


def _gates(console: "Console", gates: list[dict[str, Any]]) -> None:
    from rich.table import Table

    table = Table("Gate", "Check", "Outcome", "Found", "Expected")
    for each in gates:
        for check in each["checks"]:
            outcome = check["outcome"] if check["outcome"] == "pass" else check["outcome"].upper()
            table.add_row(
                each["gate"], check["code"], outcome, check["observed"], check["expected"]
            )
    console.print(table if gates else "No gate was evaluated yet.")


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
    command(gate, "show", examples=("cultivar gate show complaints",))(show)
    command(
        gate,
        "override",
        examples=(
            'cultivar gate override complaints test_set --reason "Few complaints exist this year"',
        ),
        then="Repeat the command that the gate refused.",
    )(override)
