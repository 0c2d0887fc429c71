"""Questions before something is done that a person may not mean.

Who runs a script says --yes.
"""

from pathlib import Path

import click

from flows.cli.session import Session


def confirmed(session: Session, question: str, yes: bool) -> None:
    """Go on when a person confirms, here or by ``--yes``.

    Raises:
        Conflict: code ``not-confirmed``; nobody can be asked, or the answer is no.
    """
    from cultivar.core.errors import Conflict

    if yes or (session.interactive and click.confirm(question, default=False)):
        return
    raise Conflict("not-confirmed", f"{question} Nothing was done; --yes does it.")


def confirmed_overwriting(session: Session, target: Path | None, yes: bool) -> None:
    """Go on when no file stands in the way, or when a person lets it be overwritten.

    Raises:
        Conflict: as ``confirmed``.
    """
    if target is not None and target.is_file():
        confirmed(session, f"The file {target} is overwritten.", yes)
