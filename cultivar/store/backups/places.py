"""A place of backups: what lies where in it, and how a file gets there whole.

A backup is one small file that is written last. What it names is named by its hash and never
changed, so that later backups share it and a killed one leaves the earlier ones as they were.
"""

import gzip
import json
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from cultivar.core.errors import Damaged, NotFound
from cultivar.core.texts.shown_places import shown_place
from cultivar.store.failures import file_failures
from cultivar.store.files import HashedFile, files_at
from cultivar.store.integrity import sha256_of

WHAT = "The place of the backups"
LAYOUT = 1
ARTIFACTS = "artifacts"
_BACKUPS, _REGISTRIES, _HOME = "backups", "registries", "home"
_COPIED_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup: everything of a home at one moment.

    ``organisation`` tells homes apart, ``revision`` is the form of the registry. ``registry`` and
    the values of ``home`` are hashes. ``files`` and ``bytes`` count the artifacts that the
    registry names, ``copied`` those that no earlier backup had brought here; ``damaged`` are the
    hashes of artifacts that were damaged or missing in the home, and so are missing here.
    """

    id: str
    at: datetime
    code_version: str
    organisation: str
    revision: str
    registry: str
    home: dict[str, str]
    files: int
    bytes: int
    copied: int
    damaged: list[str]


class BackupPlace:
    """A folder or any fsspec URL that backups are kept in."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._files = files_at(url, WHAT)

    @property
    def artifacts_url(self) -> str:
        """The URL under which the artifacts lie as in an artifact store."""
        return self._files.url(ARTIFACTS).removeprefix("file://")

    def artifacts(self) -> dict[str, int]:
        """Return the size of each artifact that is here, by its path in the artifact store."""
        found = self._files.sizes(ARTIFACTS)
        return {name.removeprefix(f"{ARTIFACTS}/"): size for name, size in found.items()}

    def put_artifact(self, file: BinaryIO, path: str, sha256: str) -> bool:
        """Copy an artifact here; one whose bytes are not those of its hash is not kept."""
        with self._files.staged() as staged:
            _copy(file, staged)
            if staged.sha256 != sha256:
                return False
            self._files.publish(staged, f"{ARTIFACTS}/{path}")
        return True

    def put_registry(self, path: Path) -> str:
        """Copy a registry's file here, packed; return the hash of its bytes."""
        with path.open("rb") as file:
            sha256 = sha256_of(file)
            file.seek(0)
            with self._files.staged() as staged:
                # no time stands in it, so that equal registries give equal files
                with gzip.GzipFile("", "wb", 6, staged, mtime=0) as packed:
                    shutil.copyfileobj(file, packed, _COPIED_BYTES)
                self._files.publish(staged, f"{_REGISTRIES}/{sha256}.sqlite.gz")
        return sha256

    def put_home_file(self, data: bytes) -> str:
        """Keep a small file of the home; return its hash."""
        with self._files.staged() as staged:
            staged.write(data)
            self._files.publish(staged, f"{_HOME}/{staged.sha256}")
            return staged.sha256

    def put(self, backup: Backup) -> None:
        """Write the file that makes a backup of what is here."""
        stated = asdict(backup) | {"layout": LAYOUT, "at": backup.at.isoformat()}
        with self._files.staged() as staged:
            staged.write((json.dumps(stated, indent=2, sort_keys=True) + "\n").encode())
            self._files.publish(staged, f"{_BACKUPS}/{backup.id}.json")

    def backups(self) -> list[Backup]:
        """Return the backups that are here, the newest first.

        Raises:
            Damaged: code ``backup-damaged``; a file cannot be read.
        """
        names = [name for name in self._files.sizes(_BACKUPS) if name.endswith(".json")]
        found = map(self._read, names)
        return sorted(found, key=lambda each: (each.at, each.id), reverse=True)

    def backup(self, named: str | None) -> Backup:
        """Return the backup of that id, or the newest one.

        Raises:
            NotFound: code ``no-backup``; there is none, or none of that id.
        """
        found = self.backups()
        chosen = [each for each in found if named is None or each.id == named]
        if not chosen:
            if not found:
                raise NotFound(
                    "no-backup",
                    f"{self.shown} holds no backup. Check the place; `cultivar backup create` "
                    "makes the first.",
                )
            there = ", ".join(each.id for each in found[:10])
            raise NotFound(
                "no-backup", f"There is no backup {named} in {self.shown}. There are: {there}."
            )
        return chosen[0]

    def get_registry(self, backup: Backup, path: Path) -> None:
        """Write the registry of a backup to a file.

        Raises:
            Damaged: code ``backup-damaged``; it is missing, or not what its hash says.
        """
        name = f"{_REGISTRIES}/{backup.registry}.sqlite.gz"
        with self._opened(name, "registry") as packed, file_failures(f"The disk of {path.parent}"):
            path.touch(mode=0o600, exist_ok=False)
            with path.open("r+b") as file:
                _unpack(packed, file)
                file.seek(0)
                sound = sha256_of(file) == backup.registry
        if not sound:
            raise _damaged("the registry")

    def get_home_file(self, sha256: str) -> bytes:
        """Return a small file of the home; raises as ``get_registry``."""
        with self._opened(f"{_HOME}/{sha256}", "file of the home") as file:
            return file.read()

    @contextmanager
    def artifact(self, path: str) -> Iterator[BinaryIO]:
        """Open an artifact; raises as ``get_registry``."""
        with self._opened(f"{ARTIFACTS}/{path}", f"artifact {path}") as file:
            yield file

    @property
    def shown(self) -> str:
        """The place as sentences name it, without a password."""
        return shown_place(self.url)

    @contextmanager
    def _opened(self, name: str, what: str) -> Iterator[BinaryIO]:
        try:
            with file_failures(WHAT, may_be_absent=True), self._files.open(name) as file:
                yield file
        except FileNotFoundError as error:
            raise _damaged(f"the {what}") from error

    def _read(self, name: str) -> Backup:
        with self._opened(name, name) as file:
            data = file.read()
        try:
            stated: dict[str, Any] = json.loads(data)
            layout = stated.pop("layout")
            if layout == LAYOUT:
                return Backup(**stated | {"at": datetime.fromisoformat(stated["at"])})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _damaged(name) from error
        raise Damaged(
            "backup-newer",
            f"The backup {name} was made by a newer Cultivar (its layout is {layout}, this release "
            f"reads {LAYOUT}). Install that release or a later one.",
        )


def _copy(file: BinaryIO, target: HashedFile) -> None:
    while block := file.read(_COPIED_BYTES):
        target.write(block)


def _unpack(packed: BinaryIO, file: BinaryIO) -> None:
    try:
        with gzip.GzipFile("", "rb", fileobj=packed) as stream:
            shutil.copyfileobj(stream, file, _COPIED_BYTES)
    except (gzip.BadGzipFile, zlib.error, EOFError, ValueError) as error:
        raise _damaged("the registry") from error


def _damaged(what: str) -> Damaged:
    return Damaged(
        "backup-damaged",
        f"The backup is damaged: {what} is missing or not as it was written. Take an earlier one "
        "(`cultivar backup list`).",
    )
