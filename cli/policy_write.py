"""Commands that write labels into the content's own stores, where policies ask for it.

What is written, and what is tried again, is the operations' to say.
"""

from typing import TYPE_CHECKING

import click

from cli.base.flow_runs import run
from cli.base.help import command
from cli.base.session import Session
from cultivar import operations
from cultivar.core.roles import Action
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.operations.policies.write_queue import WriteStatus


@click.option("--again", is_flag=True, help="Also what was given up or refused.")
def write(session: Session, *, again: bool) -> None:
    """Write labels into the content's own stores now, where policies ask for it.

    `cultivar up` does so every five minutes. What does not work is tried again, later each time,
    for about half a day; then it is given up, with its reason.
    """
    if again:
        operations.policies.retry_writes(session.workspace, session.actor)
    # Who may not label is told at once, before a server is started.
    operations.transactions.require_permitted(session.workspace, session.actor, Action.LABEL)
    (found,) = run(session, "Writing labels", ("write_labels", {"actor": session.actor}))
    counts = operations.policies.write_status(session.workspace, session.actor)
    session.answer(
        {"writes": found, "standing": counts}, lambda console: _writes(console, found, counts)
    )


def _writes(console: "Console", found: dict[str, int], counts: "list[WriteStatus]") -> None:
    said = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in found.items())
    console.print(f"Writes: {said}.")
    for each in counts:
        if each.state == "failed":
            told = f"{how_many(each.writes, 'write')} by the writer {each.writer} failed"
            console.print(
                f"{told}: {each.reason}. `cultivar policy write --again` tries them again.",
                markup=False,
            )


@click.argument("location")
@click.argument("drive")
def drive(session: Session, location: str, drive: str) -> None:
    """State that the files of LOCATION are those of the Microsoft Graph drive DRIVE."""
    operations.policies.name_drive(session.workspace, session.actor, location, drive)
    session.answer(
        {"location": location, "drive": drive},
        lambda console: console.print(f"{location} is the drive {drive}.", markup=False),
    )


def add_to(policy: click.Group) -> None:
    """Add the commands to the group of policies."""
    command(policy, "write", examples=("cultivar policy write", "cultivar policy write --again"))(
        write
    )
    command(policy, "drive", examples=("cultivar policy drive sites b!k3x",))(drive)
