"""The commands that keep a copy of everything, verify it, and bring it back.

What belongs to a backup is the operations' to know.
"""

from typing import TYPE_CHECKING, Any

import click

from cli.base.help import Sorted, command
from cli.base.session import Session, counted
from cli.terminal.tables import show_table
from cli.terminal.texts import strong
from cultivar import operations
from cultivar.core.errors import InvalidInput

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.store.backups.places import Backup


@click.group(cls=Sorted)
def backup() -> None:
    """Back up a home while it is in use, verify backups, and restore one into an empty home."""


place_argument = click.argument("place", required=False)
id_option = click.option("--id", "named", help="The backup's id; the newest when it is left out.")


def _place(session: Session, place: str | None) -> str:
    found = place or session.settings.backup_url
    if found is None:
        raise InvalidInput(
            "no-backup-place",
            "No place for backups is named. Name a folder or an fsspec URL here, or set "
            "`backup_url` (`cultivar settings --help`).",
        )
    return found


@place_argument
def create(session: Session, place: str | None) -> None:
    """Back up everything to PLACE: a folder on another disk, or an fsspec URL such as s3://bucket.

    Without PLACE the setting `backup_url` names it. Registry, artifacts, settings and unsent
    verdicts are copied while people go on working; artifacts that an earlier backup brought there
    are not copied again. Prefect's history and the logs are no part of it.
    """
    url = _place(session, place)
    with session.working("Backing up") as account:
        made = operations.backups.create_backup(
            session.workspace, session.actor, url,
            lambda done, total: account(counted("Copying files", done, total)),
        )  # fmt: skip
    if made.warning:
        session.tell(made.warning)
    session.answer(
        _plain(made.backup) | {"warning": made.warning},
        lambda console: console.print(
            f"Backup {strong(made.backup.id)}: {made.backup.files:,} files, "
            f"{made.backup.copied:,} of them new there, {_megabytes(made.backup)} in all."
        ),
        f"cultivar backup verify {place}" if place else "cultivar backup verify",
    )


@place_argument
def list_all(session: Session, place: str | None) -> None:
    """List the backups in PLACE, the newest first."""
    url = _place(session, place)
    found = operations.backups.list_backups(url)
    session.answer(
        {"backups": [_plain(each) for each in found]},
        lambda console: _table(console, found),
        None if found else f"cultivar backup create {place or ''}".strip(),
    )


@place_argument
@id_option
def verify(session: Session, *, place: str | None, named: str | None) -> None:
    """Restore a backup of PLACE aside and check every file and every row of the audit log in it.

    Nothing of the home is touched, and none is needed.
    """
    url = _place(session, place)
    with session.working("Verifying") as account:
        found = operations.backups.verify_backup(
            session.settings, url, named,
            lambda done, total: account(counted("Verifying files", done, total)),
        )  # fmt: skip
    session.answer(
        {"backup": found.backup.id, "files": found.checked.files}
        | {"audit_rows": found.checked.audit.anchor.count},
        lambda console: console.print(
            f"Backup {strong(found.backup.id)} can be restored: {found.checked.files:,} files are "
            f"what their hashes say. {found.checked.audit.sentence}"
        ),
    )


@place_argument
@id_option
def restore(session: Session, *, place: str | None, named: str | None) -> None:
    """Restore a backup of PLACE into the home, which must be empty.

    Registry and artifacts go where the settings of this home say, so it is also the way to move
    between SQLite and PostgreSQL, or to another object store. Backups of earlier releases are
    brought to the form of this one.
    """
    url = _place(session, place)
    with session.working("Restoring") as account:
        made = operations.backups.restore_backup(
            session.settings, session.actor, url, named,
            lambda done, total: account(counted("Copying files", done, total)),
        )  # fmt: skip

    def tell(console: "Console") -> None:
        console.print(
            f"Restored {strong(made.backup.id)} into {session.settings.home}: {made.files:,} files "
            f"and {made.audit_rows:,} rows of the audit log."
        )
        if made.settings_file:
            console.print(
                f"The settings of before are in {made.settings_file}. None of them is in force: "
                "compare them with yours."
            )

    session.answer(
        {"backup": made.backup.id, "files": made.files, "audit_rows": made.audit_rows}
        | {"settings_file": str(made.settings_file) if made.settings_file else None},
        tell,
        "cultivar verify",
    )


def _plain(backup: "Backup") -> dict[str, Any]:
    return {
        "id": backup.id,
        "at": backup.at,
        "code_version": backup.code_version,
        "revision": backup.revision,
        "files": backup.files,
        "bytes": backup.bytes,
        "copied": backup.copied,
        "damaged": backup.damaged,
    }


def _megabytes(backup: "Backup") -> str:
    return f"{backup.bytes / 1e6:,.1f} MB"


def _table(console: "Console", found: "list[Backup]") -> None:
    show_table(
        console,
        (
            "backup",
            "made at",
            "files",
            "new then",
            "size",
            "damaged",
        ),
        [
            (
                each.id, f"{each.at:%Y-%m-%d %H:%M} UTC", f"{each.files:,}", f"{each.copied:,}",
                _megabytes(each), f"{len(each.damaged):,}" if each.damaged else "",
            )
            for each in found
        ],
    )  # fmt: skip


def add_to(program: click.Group) -> None:
    """Register the commands."""
    program.add_command(backup)
    command(
        backup,
        "create",
        examples=(
            "cultivar backup create /mnt/backups",
            "cultivar backup create s3://bucket/cultivar",
        ),
        then="Verify it: `cultivar backup verify PLACE`.",
    )(create)
    command(backup, "list", examples=("cultivar backup list /mnt/backups",))(list_all)
    command(
        backup,
        "verify",
        examples=(
            "cultivar backup verify /mnt/backups",
            "cultivar backup verify /mnt/backups --id 20261127T040000Z-1a2b3c4d --json",
        ),
    )(verify)
    command(
        backup,
        "restore",
        examples=(
            "CULTIVAR_HOME=/srv/new cultivar backup restore /mnt/backups",
            "cultivar backup restore s3://bucket/cultivar --id 20261127T040000Z-1a2b3c4d",
        ),
        then="Check it: `cultivar verify`. Then `cultivar explore refresh` and `cultivar up`.",
    )(restore)
