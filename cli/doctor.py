"""The command that looks an installation over and says what is wrong with it; it changes nothing.

What is looked at, and how bad it is, is decided in the operations and the processes.
"""

from typing import TYPE_CHECKING

import click

from cli.base.help import command
from cli.base.session import Session
from cli.terminal.tables import show_table
from cultivar import operations
from processes.prefect_server.examination import prefect

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.operations.health.findings import Finding

# what a script tells apart: all is well, something for later, something to do at once
EXITS = {"fine": 0, "warning": 3, "fault": 1}


@click.option("--all", "every", is_flag=True, help="Show what is well, too.")
def doctor(session: Session, *, every: bool) -> None:
    """Look the installation over: disk, permissions, clock, registry, artifacts, runs, Prefect.

    Nothing is changed, and no role is needed: who can run it can read the home. It ends with 0
    where all is well, with 3 where something can wait, with 1 where something cannot.
    """
    with session.working("Looking"):
        found = [*operations.health.examined(session.settings), *prefect(session.settings)]
    level = operations.health.worst(found)
    session.answer(
        {"level": level, "findings": found},
        lambda console: _show(console, found, every=every),
    )
    click.get_current_context().exit(EXITS[level])


def _show(console: "Console", found: "list[Finding]", *, every: bool) -> None:
    told = [each for each in found if every or each.level != "fine"]
    well = sum(each.level == "fine" for each in found)
    if told:
        rows = [[each.level, each.check, each.code, each.sentence] for each in told]
        show_table(console, ("State", "Looked at", "Code", "What"), rows)
    console.print(f"{well} of {len(found)} things looked at are well.")


def add_to(program: click.Group) -> None:
    """Register the command."""
    command(
        program,
        "doctor",
        examples=("cultivar doctor", "cultivar doctor --all", "cultivar doctor --json"),
        then="`cultivar verify` checks every file and row.",
    )(doctor)
