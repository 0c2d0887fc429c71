"""Back up a home while it is in use: the registry at one moment, and every file that it names.

Where a backup lies and how a file gets there is the store's.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict, InvalidInput
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.runs import claim
from cultivar.operations.transactions import TENANT, require_permitted, transaction
from cultivar.store.backups.places import Backup, BackupPlace
from cultivar.store.backups.registry_copies import copy_to_file
from cultivar.store.migrating import HEAD
from cultivar.store.origin import CODE_VERSION
from cultivar.store.registry import Registry
from cultivar.store.tables import ArtifactRow, AuditRow
from cultivar.store.workspace import Workspace

# while it is held, no store sweep removes what the backup still has to copy
SUBJECT = f"{TENANT}:backup"
Advance = Callable[[int, int | None], None]
# What of the home stands in neither the registry nor an artifact, and cannot be made again.
HOME_FILES = ("config.toml", "drafts/*.json")


@dataclass(frozen=True, slots=True)
class BackupMade:
    """A backup, and how many artifacts could not be part of it as they are damaged."""

    backup: Backup
    place: str

    @property
    def warning(self) -> str:
        """A sentence on artifacts that were damaged or missing; nothing where all were whole."""
        if not self.backup.damaged:
            return ""
        return (
            f"{len(self.backup.damaged):,} artifacts are damaged or missing here, so they are not "
            "in the backup. `cultivar verify` names them."
        )


def create_backup(
    workspace: Workspace, actor: AnyActor, url: str, advance: Advance | None = None
) -> BackupMade:
    """Back up registry, artifacts, settings and unsent verdicts; what is there is not copied again.

    Whoever works meanwhile goes on. What is acknowledged before this begins is in the backup. A
    kill leaves the earlier backups whole, and the same call goes on from there.

    Raises:
        NotPermitted: the actor may not.
        InvalidInput: code ``backup-in-home``.
        Conflict: codes ``already-running``, ``backup-of-another`` (the place holds those of another
            home).
        StoreUnavailable: the place is full, read-only or out of reach.
    """
    require_permitted(workspace, actor, Action.BACK_UP)
    place = BackupPlace(url)
    _require_outside(workspace, url)
    with (
        claim(workspace, "backup", SUBJECT),
        tempfile.TemporaryDirectory(prefix="cultivar-backup-") as scratch,
    ):
        copy = Path(scratch) / "registry.sqlite"
        at = workspace.clock()
        copy_to_file(workspace.registry, copy)
        with Registry.open(f"sqlite:///{copy}") as frozen:
            organisation, artifacts = _held(frozen)
        _require_same(place, organisation)
        before = place.artifacts()
        missing = [each for each in artifacts if before.get(each.path) != each.size]
        damaged = list(_copied(workspace, place, missing, advance))
        registry = place.put_registry(copy)
        backup = Backup(
            f"{at:%Y%m%dT%H%M%SZ}-{registry[:8]}", at, CODE_VERSION, organisation, HEAD, registry,
            _put_home(workspace, place), len(artifacts), sum(each.size for each in artifacts),
            len(missing) - len(damaged), damaged,
        )  # fmt: skip
        place.put(backup)
    with transaction(workspace, actor, Action.BACK_UP) as tx:
        tx.audit(
            AuditAction.BACKED_UP,
            TENANT,
            backup=backup.id,
            files=backup.files,
            copied=backup.copied,
        )
    return BackupMade(backup, place.shown)


def list_backups(url: str) -> list[Backup]:
    """Return the backups in a place, the newest first.

    Raises:
        StoreUnavailable: the place is out of reach.
        Damaged: code ``backup-damaged``.
    """
    return BackupPlace(url).backups()


@dataclass(frozen=True, slots=True)
class _Artifact:
    path: str
    sha256: str
    size: int


def _held(frozen: Registry) -> tuple[str, list[_Artifact]]:
    """Return what tells this home from others, and the artifacts that its registry names."""
    with frozen.reading() as session:
        first = session.scalars(select(AuditRow.hash).order_by(AuditRow.id).limit(1)).one()
        rows = session.execute(
            select(ArtifactRow.path, ArtifactRow.sha256, ArtifactRow.size)
            .where(ArtifactRow.swept_at.is_(None))
            .order_by(ArtifactRow.path)
        )
        return first, [_Artifact(*row) for row in rows]


def _copied(
    workspace: Workspace, place: BackupPlace, missing: list[_Artifact], advance: Advance | None
) -> Iterator[str]:
    """Copy artifacts, and yield the hashes of those that are not whole here."""
    for done, each in enumerate(missing):
        if advance is not None:
            advance(done, len(missing))
        try:
            with workspace.artifacts.files.open(each.path) as file:
                whole = place.put_artifact(file, each.path, each.sha256)
        except FileNotFoundError:
            whole = False
        if not whole:
            yield each.sha256


def _put_home(workspace: Workspace, place: BackupPlace) -> dict[str, str]:
    home = workspace.settings.home
    found = sorted(path for pattern in HOME_FILES for path in home.glob(pattern))
    return {str(path.relative_to(home)): place.put_home_file(path.read_bytes()) for path in found}


def _require_outside(workspace: Workspace, url: str) -> None:
    path = url.removeprefix("file://").removeprefix("local://")
    home = workspace.settings.home
    if "://" not in path and Path(path).absolute().resolve().is_relative_to(home.resolve()):
        raise InvalidInput(
            "backup-in-home",
            f"{path} lies in the home {home}, so whatever destroys the one destroys the other. "
            "Name a folder on another disk, or an object store.",
        )


def _require_same(place: BackupPlace, organisation: str) -> None:
    there = next((each for each in place.backups()), None)
    if there is not None and there.organisation != organisation:
        raise Conflict(
            "backup-of-another",
            f"{place.shown} holds the backups of another home. Name a place of its own.",
            {"backup": there.id},
        )
