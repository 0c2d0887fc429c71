"""What a worker process does: open a file of the location, parse it, answer with its items.

Nothing here is called in the process that crawls, except to name the functions.
"""

import ctypes
import hashlib
import io
import multiprocessing.forkserver
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, cast

from cultivar.content.documents import library
from cultivar.content.documents.kinds import (
    HEAD_BYTES,
    kind_of,
    may_be_of_another_kind,
    needs_whole,
)
from cultivar.content.documents.parsing import Parsed, Watch, parse, refuse_by_type
from cultivar.content.documents.unreadable import Unreadable
from cultivar.content.entries import Entry
from cultivar.content.formats import FileType, file_type_of
from cultivar.content.limits import Limits
from cultivar.content.locations import Location, is_local
from cultivar.content.within import open_within

# A worker answers after this long even with files left, so that one slow chunk holds up little.
CHUNK_SECONDS = 2.0
EXIT_OUT_OF_MEMORY = 77
CANNOT_BE_OPENED = "it cannot be opened"
_DIE_WITH_PARENT = 1
# A worker reads one location all its life; its connection is opened once.
_STORES: dict[str, tuple[Any, str]] = {}


@dataclass(frozen=True, slots=True)
class Task:
    """One file to read. ``data`` is set where only the crawling process can open it.

    ``avoided`` are members that took a worker down, by number, each with the status and the reason
    that its row has; no member behind ``last_member`` is read. ``marker`` is, in a worker, the file
    in which it notes the member that it reads.
    """

    entry: Entry
    data: bytes | None = None
    avoided: tuple[tuple[int, str, str], ...] = ()
    last_member: int | None = None
    marker: int | None = None


Read = Callable[[Location, Task, Limits], list[Parsed]]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some files for one worker, and the file in which it notes which one it is at.

    It notes the position of the file, and the number of its member, each in four bytes.
    """

    tasks: tuple[Task, ...]
    marker: str
    is_last_try: bool = False


def start_worker(scratch: str, memory_bytes: int, environment: dict[str, str]) -> None:
    """Bound the worker's memory, tie its life to its parent's, keep its output out of the logs."""
    os.environ.update(environment)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _die_with_the_crawl()
    # A parser's last words may hold content; the crawl reads them for "memory" and drops them.
    last_words = os.open(stderr_file(scratch, os.getpid()), os.O_CREAT | os.O_WRONLY, 0o600)
    os.dup2(last_words, 2)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    library.warm_up()


def _die_with_the_crawl() -> None:
    """Let the system end this worker, hanging or not, when the crawling process is gone.

    The server that forks workers ends when nobody holds its pipe open any more; a worker is handed
    a copy, which would keep both alive for as long as a document hangs.
    """
    server: Any = multiprocessing.forkserver._forkserver
    if server._forkserver_alive_fd is not None:
        os.close(server._forkserver_alive_fd)
        server._forkserver_alive_fd = None
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def stderr_file(scratch: str, pid: int) -> Path:
    """Return the file that takes a worker's error output."""
    return Path(scratch) / f"{pid}.stderr"


def read_chunk(chunk: Chunk, location: Location, limits: Limits, read: Read) -> list[list[Parsed]]:
    """Return the items of the chunk's first files: all of them, or what a time slice allows."""
    marker = os.open(chunk.marker, os.O_CREAT | os.O_WRONLY, 0o600)
    started, answers = time.monotonic(), []
    try:
        for position, task in enumerate(chunk.tasks):
            os.pwrite(marker, position.to_bytes(4, "little") + bytes(4), 0)
            answers.append(read(location, replace(task, marker=marker), limits))
            if time.monotonic() - started > CHUNK_SECONDS:
                break
    except MemoryError:
        # Whatever holds the memory may go on holding it: a fresh process takes over.
        os._exit(EXIT_OUT_OF_MEMORY)
    finally:
        os.close(marker)
    return answers


def read_file(location: Location, task: Task, limits: Limits) -> list[Parsed]:
    """Return the items of one file; one row with a reason where it has none."""
    try:
        _refuse_large(task.entry.size, limits)
        return _parsed(location, task, limits)
    except Unreadable as trouble:
        return [row_without_content(task.entry, trouble.status, trouble.reason)]
    except OSError as error:
        return [row_without_content(task.entry, "failed", _because(error))]


def row_without_content(entry: Entry, status: str, reason: str, sha256: str = "") -> Parsed:
    """Return the row that stands for a file of which nothing could be read."""
    return Parsed("", entry.size, sha256, file_type_of(entry.path).media_type, status, reason)


def _parsed(location: Location, task: Task, limits: Limits) -> list[Parsed]:
    name = task.entry.path
    try:
        refuse_by_type(_file_type(location, task, limits), limits)
    except Unreadable as trouble:
        sha256 = _fingerprint(location, task)
        return [row_without_content(task.entry, trouble.status, trouble.reason, sha256)]
    return list(parse(name, _bytes(location, task, limits), limits, _watch(task)))


def _file_type(location: Location, task: Task, limits: Limits) -> FileType:
    """Return what a file is, by its name alone where that has an extension."""
    name = task.entry.path
    if not may_be_of_another_kind(name):
        return file_type_of(name)
    with _opened(location, task) as stream:
        head = stream.read(HEAD_BYTES)
        return kind_of(name, head + stream.read(limits.max_bytes) if needs_whole(head) else head)


def _watch(task: Task) -> Watch:
    """Return what is known of the members of a file, and what notes which of them is read."""
    avoided = {number: (status, reason) for number, status, reason in task.avoided}
    marker = task.marker

    def begins(number: int) -> None:
        if marker is not None:
            os.pwrite(marker, number.to_bytes(4, "little"), 4)

    return Watch(avoided, task.last_member, begins)


def _bytes(location: Location, task: Task, limits: Limits) -> bytes:
    with _opened(location, task) as stream:
        # A file that grows while it is listed must not grow past the bound.
        data = stream.read(limits.max_bytes + 1)
    _refuse_large(len(data), limits)
    return data


def _refuse_large(size: int, limits: Limits) -> None:
    if size > limits.max_bytes:
        raise Unreadable("too large", f"it is larger than {limits.max_bytes:,} bytes")


def _fingerprint(location: Location, task: Task) -> str:
    with _opened(location, task) as stream:
        digest = hashlib.sha256()
        while piece := stream.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def _opened(location: Location, task: Task) -> BinaryIO:
    if task.data is not None:
        return io.BytesIO(task.data)
    file_system, root = _STORES.get(location.name) or _STORES.setdefault(
        location.name, location.store
    )
    if is_local(file_system):
        return open_within(root, task.entry.address)
    return cast(BinaryIO, file_system.open(task.entry.address, "rb"))


def _because(error: OSError) -> str:
    reason = os.strerror(error.errno).lower() if error.errno else type(error).__name__
    return f"{CANNOT_BE_OPENED}: {reason}"
