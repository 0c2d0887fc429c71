"""Whole files at a place: a local folder or any fsspec URL; either complete or not there.

Knows nothing of what the files hold.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from cultivar.store.failures import file_failures

WHAT = "The artifact store"
_GRACE_SECONDS = 60
_COPIED_BYTES = 1 << 20
_UNFINISHED = ".unfinished"
# Stores on which a put of a whole object shows it at once or never, and what is put that way.
_PUT_WHOLE = ("s3", "s3a", "gs", "gcs", "abfs", "az")
_BYTES_A_REQUEST = 16 << 20


class HashedFile:
    """A file being written, that knows the hash and the size of what went into it."""

    closed = False
    mode = "wb"

    def __init__(self, file: BinaryIO, what: str = WHAT) -> None:
        self.file = file
        self.size = 0
        self._what = what
        self._digest = hashlib.sha256()

    def write(self, data: Any) -> int:
        """Take the next bytes."""
        view = memoryview(data)
        self._digest.update(view)
        self.size += view.nbytes
        with file_failures(self._what):
            return self.file.write(view)

    def flush(self) -> None:
        """Nothing waits here; publishing flushes."""

    def close(self) -> None:
        """Stay open: whoever staged the file decides what becomes of it."""

    @property
    def sha256(self) -> str:
        """The hash of all bytes so far."""
        return self._digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Listed:
    """A file that lies at a place: its relative name, bytes, and when it was written (UTC)."""

    name: str
    size: int
    written_at: datetime


class Files(Protocol):
    """A place of whole files, named by relative paths with forward slashes."""

    def url(self, name: str) -> str:
        """Return the fsspec URL of a file."""
        ...

    def size(self, name: str) -> int | None:
        """Return the file's size in bytes, or None where there is none."""
        ...

    def sizes(self, folder: str) -> dict[str, int]:
        """Return the size in bytes of every file below a folder, by its name."""
        ...

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a file to read; raises FileNotFoundError."""
        ...

    @contextmanager
    def staged(self) -> Iterator[HashedFile]:
        """Yield a file to write aside; it is gone afterwards unless it was published."""
        ...

    def publish(self, staged: HashedFile, name: str) -> None:
        """Give a staged file its final name, in one step."""
        ...

    def listed(self) -> Iterator[Listed]:
        """Yield every published file, in no order."""
        ...

    def remove(self, names: Sequence[str]) -> None:
        """Remove files for good; one that is gone already is passed over."""
        ...


def files_at(url: str, what: str = WHAT) -> Files:
    """Return the place that an fsspec URL or a plain path names; nothing is opened or made.

    ``what`` is how sentences about it call it.
    """
    if "://" not in url:
        return LocalFiles(Path(url), what)
    if url.startswith(("file://", "local://")):
        return LocalFiles(Path(url.partition("://")[2]), what)
    return RemoteFiles(url, what)


class LocalFiles:
    """Files under a local folder: written aside on the same file system, synced, renamed."""

    def __init__(self, root: Path, what: str = WHAT) -> None:
        self.root = root.absolute()
        self._what = what
        self._swept = False

    def url(self, name: str) -> str:
        """Return the file's ``file://`` URL."""
        return f"file://{self.root / name}"

    def size(self, name: str) -> int | None:
        """Return the file's size in bytes, or None where there is none."""
        try:
            with file_failures(self._what, may_be_absent=True):
                return (self.root / name).stat().st_size
        except FileNotFoundError:
            return None

    def sizes(self, folder: str) -> dict[str, int]:
        """Return the size in bytes of every file below a folder, by its name."""
        with file_failures(self._what):
            return {
                path.relative_to(self.root).as_posix(): path.stat().st_size
                for path in (self.root / folder).rglob("*")
                if path.is_file()
            }

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a file to read; raises FileNotFoundError."""
        with (self.root / name).open("rb") as file:
            yield file

    @contextmanager
    def staged(self) -> Iterator[HashedFile]:
        """Yield a file to write aside; a killed writer's is swept up by a later one."""
        with file_failures(self._what):
            file = self._begun()
        try:
            yield HashedFile(file, self._what)
        finally:
            Path(file.name).unlink(missing_ok=True)
            # What could not be flushed was not published either.
            with suppress(OSError):
                file.close()

    def _begun(self) -> BinaryIO:
        folder = self.root / _UNFINISHED
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(exist_ok=True)
        self._sweep(folder)
        file = (folder / f"{uuid.uuid4().hex}.part").open("xb")
        # Held while the writer lives: a file that can be locked is nobody's.
        fcntl.flock(file, fcntl.LOCK_EX)
        return file

    def publish(self, staged: HashedFile, name: str) -> None:
        """Sync the staged file and rename it, so that the final name is whole or absent."""
        with file_failures(self._what):
            staged.file.flush()
            os.fsync(staged.file.fileno())
            target = self.root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            Path(staged.file.name).replace(target)
            for folder in (target.parent, target.parent.parent, self.root):
                _sync_folder(folder)

    def listed(self) -> Iterator[Listed]:
        """Yield every published file, in no order."""
        with file_failures(WHAT):
            for path in self.root.glob("*/*/*"):
                with suppress(FileNotFoundError):  # removed at this moment by somebody else
                    found = path.stat()
                    written = datetime.fromtimestamp(found.st_mtime, UTC)
                    name = path.relative_to(self.root).as_posix()
                    yield Listed(name, found.st_size, written)

    def remove(self, names: Sequence[str]) -> None:
        """Remove files for good; one that is gone already is passed over."""
        with file_failures(WHAT):
            for name in names:
                (self.root / name).unlink(missing_ok=True)

    def _sweep(self, folder: Path) -> None:
        if self._swept:
            return
        self._swept = True
        for path in folder.glob("*.part"):
            with suppress(OSError):
                _remove_if_abandoned(path)


def _remove_if_abandoned(path: Path) -> None:
    with path.open("rb") as file:
        # The pause covers the moment between a file's making and its locking.
        if time.time() - os.fstat(file.fileno()).st_mtime < _GRACE_SECONDS:
            return
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class RemoteFiles:
    """Files on an fsspec store: built in an unnamed local file, then put in one request."""

    def __init__(self, url: str, what: str = WHAT) -> None:
        self._url = url.rstrip("/")
        self._what = what
        self._found: tuple[Any, str] | None = None

    @property
    def _place(self) -> tuple[Any, str]:
        if self._found is None:
            from fsspec.core import url_to_fs  # noqa: PLC0415 - not needed by a local store

            system, root = url_to_fs(self._url)
            self._found = (system, root.rstrip("/"))
        return self._found

    def _path(self, name: str) -> str:
        return f"{self._place[1]}/{name}"

    def url(self, name: str) -> str:
        """Return the file's fsspec URL."""
        return f"{self._url}/{name}"

    def size(self, name: str) -> int | None:
        """Return the file's size in bytes, or None where there is none."""
        system, _ = self._place
        system.invalidate_cache()
        try:
            with file_failures(self._what, may_be_absent=True):
                return int(system.info(self._path(name))["size"])
        except FileNotFoundError:
            return None

    def sizes(self, folder: str) -> dict[str, int]:
        """Return the size in bytes of every file below a folder, by its name."""
        system, root = self._place
        system.invalidate_cache()
        with file_failures(self._what):
            found = system.find(self._path(folder), detail=True)
        # a store may name its files with or without a slash in front
        root = root.strip("/")
        return {
            name.strip("/").removeprefix(f"{root}/"): int(each["size"])
            for name, each in found.items()
        }

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a file to read; raises FileNotFoundError."""
        with self._place[0].open(self._path(name), "rb") as file:
            yield file

    @contextmanager
    def staged(self) -> Iterator[HashedFile]:
        """Yield an unnamed local file: the system frees it even when the writer is killed."""
        with tempfile.TemporaryFile() as file:
            yield HashedFile(file, self._what)

    def publish(self, staged: HashedFile, name: str) -> None:
        """Copy the staged file to its final name, which appears when the last byte is there."""
        with file_failures(self._what):
            staged.file.flush()
            staged.file.seek(0)
            system, path = self._place[0], self._path(name)
            if _takes_whole(system, staged.size):
                system.pipe_file(path, staged.file.read())
            else:
                _copy(staged.file, system.open(path, "wb", autocommit=False))

    def listed(self) -> Iterator[Listed]:
        """Yield every published file, in no order."""
        system, root = self._place
        system.invalidate_cache()
        with file_failures(WHAT):
            try:
                found = system.find(root, detail=True)
            except FileNotFoundError:
                return
            for path, facts in found.items():
                name = path.removeprefix("/").removeprefix(root.removeprefix("/")).strip("/")
                yield Listed(name, int(facts["size"]), _written_at(facts))

    def remove(self, names: Sequence[str]) -> None:
        """Remove files for good; one that is gone already is passed over."""
        if not names:
            return
        system, _ = self._place
        with file_failures(WHAT):
            if _removes_at_once(system):
                system.rm([self._path(name) for name in names])
                return
            for name in names:
                with suppress(FileNotFoundError):
                    system.rm_file(self._path(name))


def _removes_at_once(system: Any) -> bool:
    """Tell whether a store takes many names in one request and passes over those that are gone."""
    protocols = (system.protocol,) if isinstance(system.protocol, str) else system.protocol
    return protocols[0] in ("s3", "s3a")


def _written_at(facts: Mapping[str, Any]) -> datetime:
    """Return when a store says that a file was written; now where it does not say."""
    stated = facts.get("LastModified") or facts.get("mtime") or facts.get("created")
    if isinstance(stated, int | float):
        return datetime.fromtimestamp(stated, UTC)
    if isinstance(stated, str):
        stated = datetime.fromisoformat(stated)
    if not isinstance(stated, datetime):
        return datetime.now(UTC)
    return stated if stated.tzinfo else stated.replace(tzinfo=UTC)


def _takes_whole(system: Any, size: int) -> bool:
    protocols = (system.protocol,) if isinstance(system.protocol, str) else system.protocol
    # fsspec's memory store shows a file that is still being copied, whatever it is asked.
    return "memory" in protocols or (protocols[0] in _PUT_WHOLE and size <= _BYTES_A_REQUEST)


def _copy(source: BinaryIO, target: Any) -> None:
    """Copy in parts; closing the target commits nothing, so half a copy is never the artifact."""
    try:
        with target:
            shutil.copyfileobj(source, target, _COPIED_BYTES)
    except BaseException:
        target.discard()
        raise
    target.commit()
