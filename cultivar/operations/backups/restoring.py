"""Restore a backup into an empty home, of this release or an earlier one, and verify one aside.

Restoring migrates what is older. It never changes a home in which something was set up.
"""

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select, update

from cultivar.core.audit_actions import AuditAction
from cultivar.core.audit_chain import Entry
from cultivar.core.errors import Conflict, Damaged, NotFound
from cultivar.operations.audit.audit import checked_log
from cultivar.operations.audit.verification import Checked, check_everything
from cultivar.operations.runs import ABANDONED
from cultivar.operations.transactions import TENANT, is_set_up
from cultivar.settings import Settings
from cultivar.store import audit_log
from cultivar.store.backups.places import Backup, BackupPlace
from cultivar.store.backups.registry_copies import copy_rows, stand_alone
from cultivar.store.engines import parsed_url
from cultivar.store.failures import file_failures
from cultivar.store.files import files_at
from cultivar.store.homes import private_folder
from cultivar.store.origin import path_of
from cultivar.store.registry import Registry
from cultivar.store.tables import ArtifactRow, RunRow
from cultivar.store.workspace import now, open_workspace

Advance = Callable[[int, int | None], None]
SETTINGS_FILE = "config.toml"
LEFT_BEHIND = "the home was restored from a backup that was made meanwhile"
RESTORED_SETTINGS = "config.backup.toml"
# a backup may come from elsewhere, and nothing of it shall land outside the home
_HOME_FILE = re.compile(r"config\.toml|drafts/[\w-]+\.json")


@dataclass(frozen=True, slots=True)
class VerifiedBackup:
    """A backup that was restored aside and checked, file by file and row by row."""

    backup: Backup
    checked: Checked


@dataclass(frozen=True, slots=True)
class Restored:
    """A home that holds what a backup held; ``settings_file`` is where its settings lie, if any."""

    backup: Backup
    files: int
    audit_rows: int
    settings_file: Path | None


def verify_backup(
    settings: Settings, url: str, named: str | None = None, advance: Advance | None = None
) -> VerifiedBackup:
    """Restore a backup's registry aside, and check every file and every row of the audit log.

    ``named`` is a backup's id; the newest one when it is left out. Nothing of the home is touched.

    Raises:
        NotFound: code ``no-backup``.
        Damaged: code ``backup-damaged``, or those of ``cultivar verify``.
    """
    place = BackupPlace(url)
    backup = place.backup(named)
    with tempfile.TemporaryDirectory(prefix="cultivar-backup-") as scratch:
        copy = Path(scratch) / "registry.db"
        place.get_registry(backup, copy)
        for sha256 in backup.home.values():
            place.get_home_file(sha256)
        aside = replace(
            settings, registry_url=f"sqlite:///{copy}", artifacts_url=place.artifacts_url
        )
        with open_workspace(aside, create=False) as workspace:
            checked = check_everything(workspace, advance).require()
    return VerifiedBackup(backup, checked)


def restore_backup(
    settings: Settings,
    person: str,
    url: str,
    named: str | None = None,
    advance: Advance | None = None,
) -> Restored:
    """Bring back what a backup holds, into the registry and artifact store that the settings name.

    Either may be of another kind than before, so this is also the way from SQLite to PostgreSQL
    and back. The registry comes last: before it is there, nothing is set up, and the same call goes
    on from there. The settings of before are put beside those of the home, for a person to take.

    Raises:
        NotFound: code ``no-backup``.
        Conflict: code ``home-in-use``; something is set up there. ``registry-newer``,
            ``backup-newer``: this release is too old for the backup.
        Damaged: code ``backup-damaged``, or those of the audit log.
        StoreUnavailable: a store is full, read-only or out of reach.
    """
    place = BackupPlace(url)
    backup = place.backup(named)
    _require_empty(settings)
    private_folder(settings.home, settings.home)
    target = _sqlite_file(settings)
    beside = target or settings.home / "registry.db"
    with _unpacked(place, backup, beside) as unpacked:
        with Registry.open(f"sqlite:///{unpacked}", create=False) as registry:
            files = _fetch_artifacts(place, settings, registry, advance)
            rows = _note(registry, backup, person)
            kept = _put_home(place, backup, settings)
            if target is None:
                with Registry.open(settings.registry_url) as database:
                    copy_rows(registry, database)
        if target is not None:
            _put_registry(unpacked, target)
    return Restored(backup, files, rows, kept)


def _sqlite_file(settings: Settings) -> Path | None:
    """Return the file of the registry, None where it is on PostgreSQL."""
    url = parsed_url(settings.registry_url)
    return Path(url.database or "") if url.drivername == "sqlite" else None


def _require_empty(settings: Settings) -> None:
    with suppress(NotFound), open_workspace(settings, create=False) as workspace:
        if is_set_up(workspace):
            raise Conflict(
                "home-in-use",
                f"{workspace.registry.shown} is in use, and a backup is restored into an empty "
                "home alone. Name another folder by CULTIVAR_HOME, or another database by "
                "`registry_url`.",
            )


@contextmanager
def _unpacked(place: BackupPlace, backup: Backup, target: Path) -> Iterator[Path]:
    """Yield the backup's registry as a file beside the one that it becomes.

    It is gone afterwards, if it was not taken.
    """
    path = target.with_name(f"{target.name}.unfinished")
    with file_failures("The home"):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove(path)
    try:
        place.get_registry(backup, path)
        yield path
    finally:
        _remove(path)


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _put_registry(unpacked: Path, target: Path) -> None:
    """Give the registry its name, in one step."""
    stand_alone(unpacked, for_use=True)
    with file_failures("The home"):
        for ending in ("-wal", "-shm"):
            target.with_name(target.name + ending).unlink(missing_ok=True)
        unpacked.replace(target)


def _fetch_artifacts(
    place: BackupPlace, settings: Settings, registry: Registry, advance: Advance | None
) -> int:
    """Copy every artifact of the registry that is not there yet; return how many there are."""
    files = files_at(settings.artifacts_url)
    with registry.reading() as session:
        query = select(ArtifactRow.schema_name, ArtifactRow.sha256, ArtifactRow.size)
        query = query.where(ArtifactRow.swept_at.is_(None))
        wanted = session.execute(query.order_by(ArtifactRow.sha256)).all()
    there = files.sizes("")
    paths = {row.sha256: path_of(row.schema_name, row.sha256) for row in wanted}
    missing = [row for row in wanted if there.get(paths[row.sha256]) != row.size]
    for done, row in enumerate(missing):
        if advance is not None:
            advance(done, len(missing))
        path = paths[row.sha256]
        with place.artifact(path) as file, files.staged() as staged:
            while block := file.read(1 << 20):
                staged.write(block)
            if staged.sha256 != row.sha256:
                raise Damaged(
                    "backup-damaged",
                    f"The artifact {row.sha256[:12]} of the backup is not what its hash says. "
                    "Take an earlier backup.",
                )
            files.publish(staged, path)
    return len(wanted)


def _note(registry: Registry, backup: Backup, person: str) -> int:
    """Check the audit log, end what was at work, append that it was restored; return its rows."""
    at = now()
    with registry.transaction() as session:
        checked_log(session).require()
        # what was at work when the backup was made works on another home
        session.execute(
            update(RunRow)
            .where(RunRow.ended_at.is_(None))
            .values(ended_at=at, outcome=ABANDONED, reason=LEFT_BEHIND)
        )
        entry = Entry(at, person, AuditAction.RESTORED.value, TENANT, {"backup": backup.id})
        return audit_log.append(session, entry).number


def _put_home(place: BackupPlace, backup: Backup, settings: Settings) -> Path | None:
    kept = None
    for name, sha256 in sorted(backup.home.items()):
        if not _HOME_FILE.fullmatch(name):
            raise Damaged(
                "backup-damaged", f"The backup names {name!r}, which is no file of a home."
            )
        path = settings.home / (RESTORED_SETTINGS if name == SETTINGS_FILE else name)
        private_folder(path.parent, settings.home)
        with file_failures("The home"):
            path.write_bytes(place.get_home_file(sha256))
            path.chmod(0o600)
        kept = path if name == SETTINGS_FILE else kept
    return kept
