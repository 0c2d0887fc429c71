"""What was sent as feedback at once, and all of it taken back, as where a wrong file was read.

What taking back means is the operation's to say.
"""

from typing import TYPE_CHECKING

from cli.base.session import Session
from cli.terminal.tables import show_table
from cultivar import operations
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.operations.retraining.sends import Send


def list_sends(session: Session, name: str) -> None:
    """Show what was sent, the newest last."""
    found = operations.retraining.feedback_sends(session.workspace, session.actor, name)
    session.answer({"sends": found}, lambda console: _show(console, found))


def _show(console: "Console", found: "list[Send]") -> None:
    if not found:
        console.print("Nothing was sent yet.")
        return
    rows = [
        [str(each.number), f"{each.at:%Y-%m-%d %H:%M:%S}", each.person, f"{each.verdicts:,}",
         f"{each.standing:,}"]
        for each in found
    ]  # fmt: skip
    show_table(console, ("Send", "At (UTC)", "Person", "Verdicts", "Standing"), rows)


def withdraw(session: Session, name: str, number: int) -> None:
    """Take all of a send back that still stands."""
    sent = operations.retraining.withdraw_send(session.workspace, session.actor, name, number)
    session.answer(
        {"withdrawn": sent},
        lambda console: console.print(
            f"{how_many(sent.items, 'verdict')} of send {number} taken back. {sent.sentence}",
            markup=False,
        ),
    )
