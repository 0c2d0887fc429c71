"""The command that proves what a version was made from, and that nothing kept was changed.

Checking and retraining are the operation's.
"""

from typing import TYPE_CHECKING, Any

import click

from cli.base.help import command, known_classifiers
from cli.base.session import Session
from cli.terminal.texts import strong
from cultivar import operations

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.operations.audit.verification import Verification


@click.argument("name", required=False, shell_complete=known_classifiers)
@click.option("--candidate", is_flag=True, help="Check the newest version, published or not.")
def verify(session: Session, name: str | None, candidate: bool) -> None:
    """Check all files behind the published version of NAME and retrain it; without NAME everything.

    Walks from the model to the crawled items, compares each file with its hash, then repeats the
    training: the result must be the same bytes. Without NAME every artifact and model, and every
    row of the audit log, is checked, and so is whether the registry is what that log says. Nothing
    is trained then.
    """
    if name is None:
        _everything(session)
        return

    with session.working(f"Verifying {name}"):
        found = operations.audit.verify(session.workspace, session.actor, name, candidate=candidate)
    session.answer(_plain(found), lambda console: _show(console, found))


def _everything(session: Session) -> None:
    with session.working("Verifying") as account:
        found = operations.audit.verify_everything(
            session.workspace, session.actor,
            lambda done, total: account(f"Verifying file {done + 1} of {total}"),
        ).require()  # fmt: skip
    session.answer(
        {"files": found.files, "audit_rows": found.audit.anchor.count},
        lambda console: console.print(
            f"{found.files:,} files are what their hashes say. {found.audit.sentence} The registry "
            "is what they say."
        ),
    )


def _plain(found: "Verification") -> dict[str, Any]:
    return {
        "classifier": found.classifier_id,
        "version": found.version_id,
        "model": found.model_sha256,
        "retrained": found.retrained_sha256,
        "identical": found.identical,
        "files": found.files.ancestors,
    }


def _show(console: "Console", found: "Verification") -> None:
    for file in found.files.ancestors:
        console.print(f"  {file.schema:22} {file.sha256[:12]}  by {file.producer}, as recorded")
    console.print(
        f"{strong(found.version_id)}: {len(found.files.ancestors)} files are what their "
        f"hashes say, and training again gives the same model ({found.model_sha256[:12]}), bit "
        "by bit."
    )


def add_to(program: click.Group) -> None:
    """Register the commands."""
    command(
        program,
        "verify",
        examples=(
            "cultivar verify",
            "cultivar verify complaints",
            "cultivar verify complaints --candidate --json",
        ),
    )(verify)
