"""The one way to ask before something that stands is changed, and what a script is told instead.

It asks once; ``--yes`` is the answer of a script, and without it nothing is changed.
"""

import shlex
from pathlib import Path

import click

from cli.base.session import Session
from cli.base.wrapping import wrapped
from cultivar.core.errors import Conflict

# as long as the answers that click shows after a question; no line breaks in it
_ROOM = "\N{NO-BREAK SPACE}" * len(" [y/N]: ")


def confirmed(session: Session, question: str, yes: bool, *, default: bool = False) -> None:
    """Go on when a person agrees, here or by ``--yes``.

    Raises:
        Conflict: code ``not-confirmed``; the answer is no, or nobody can be asked.
    """
    if yes:
        return
    require_somebody(session, question)
    if not agrees(question, default=default):
        raise Conflict("not-confirmed", "Nothing was changed.")


def agrees(question: str, *, default: bool = False) -> bool:
    """Ask a person for yes or no; a question wider than the terminal is broken between words."""
    *lines, last = wrapped(f"{question}{_ROOM}")
    for line in lines:
        click.echo(line)
    return click.confirm(last.removesuffix(_ROOM), default=default)


def require_somebody(session: Session, question: str) -> None:
    """Do nothing where a person can be asked.

    Raises:
        Conflict: code ``not-confirmed``; the sentence names the command that does not ask.
    """
    if not session.interactive:
        raise Conflict(
            "not-confirmed",
            f"{question} There is no terminal to ask at, so nothing was changed. "
            f"`{agreeing(session)}` does it.",
        )


def agreeing(session: Session) -> str:
    """Return the command line that was given with ``--yes``, ready to be pasted."""
    return shlex.join(["cultivar", *session.arguments, "--yes"])


def confirmed_overwriting(session: Session, target: Path | None, yes: bool) -> None:
    """Go on when no file stands in the way, or when a person lets it be overwritten.

    Raises:
        Conflict: as ``confirmed``.
    """
    if target is not None and target.is_file():
        confirmed(session, f"Overwrite the file {target}?", yes)
