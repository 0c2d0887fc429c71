"""Worker processes that parse: whatever one file does to its worker, the others are answered.

Decides who reads what and what a death means; it knows nothing about formats or artifacts.
"""

import concurrent.futures
import io
import itertools
import math
import multiprocessing
import multiprocessing.forkserver
import os
import shutil
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from multiprocessing import popen_forkserver, reduction, spawn, util
from multiprocessing.context import ForkServerContext, ForkServerProcess, set_spawning_popen
from pathlib import Path
from types import TracebackType
from typing import Any

import pebble

from cultivar.content.documents.parsing import Parsed
from cultivar.content.formats import PDF, file_type_of
from cultivar.content.limits import Limits
from cultivar.content.locations import Location
from cultivar.content.reading import (
    CHUNK_SECONDS,
    EXIT_OUT_OF_MEMORY,
    Chunk,
    Read,
    Task,
    read_chunk,
    read_file,
    row_without_content,
    start_worker,
    stderr_file,
)
from cultivar.settings.processors import available_cores
from cultivar.settings.scratch import Scratch

_SOCKET_PATH_BYTES = 104  # on macOS; Linux has four more
_CHUNK_FILES = 16
_CHUNK_BYTES = 2_000_000
_CHUNKS_AHEAD = 8
# So many members of one file may each take a worker down before the rest is given up.
_AVOIDED_AT_MOST = 5
# Its own exit, and that of a process which the system kills to save others.
_MEMORY_EXITS = frozenset({EXIT_OUT_OF_MEMORY, -9})

Answer = tuple[Task, list[Parsed]]


class Workers:
    """A pool of processes, each bounded in time and memory, for one location.

    Use it as a context manager; ``answers`` keeps the order of the tasks. ``files`` tells how many
    tasks there are: few of them do not start every process.
    """

    def __init__(
        self, location: Location, limits: Limits, files: int, read: Read = read_file
    ) -> None:
        self._location, self._limits, self._read = location, limits, read
        allowed = limits.workers or available_cores()
        self._count = max(1, min(allowed, math.ceil(files / _CHUNK_FILES)))
        self._numbers = itertools.count()
        self._notes = Scratch("cultivar-crawl-")
        self._scratch = str(self._notes.path)
        self._pool: Any = None

    def __enter__(self) -> "Workers":
        """Start nothing yet: the first task does."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the processes and remove what they noted."""
        if self._pool is not None:
            self._pool.stop() if kind else self._pool.close()
            self._pool.join()
        self._notes.close()

    def answers(self, tasks: Iterable[Task]) -> Iterator[Answer]:
        """Yield each task with its items, in order, with a bounded number of tasks under way."""
        waiting: deque[tuple[Chunk, Any]] = deque()
        for chunk in chunked(tasks):
            waiting.append(self._submit(chunk))
            if len(waiting) >= _CHUNKS_AHEAD * self._count:
                yield from self._settled(*waiting.popleft())
        while waiting:
            yield from self._settled(*waiting.popleft())

    def _submit(self, tasks: tuple[Task, ...], *, is_last_try: bool = False) -> tuple[Chunk, Any]:
        if self._pool is None:
            self._pool = _started(self._count, self._scratch, self._limits)
        number = next(self._numbers)
        chunk = Chunk(tasks, str(Path(self._scratch) / f"{number}.at"), is_last_try)
        arguments = (chunk, self._location, self._limits, self._read)
        return chunk, self._pool.schedule(read_chunk, arguments, timeout=self._seconds(tasks))

    def _seconds(self, tasks: tuple[Task, ...]) -> float:
        longest = max(
            self._limits.time_for(task.entry.size, may_be_scan=_may_be_scan(task)) for task in tasks
        )
        return longest + (CHUNK_SECONDS if len(tasks) > 1 else 0)

    def _settled(self, chunk: Chunk, future: Any) -> Iterator[Answer]:
        try:
            answers = future.result()
        except concurrent.futures.TimeoutError:
            trouble = ("timed out", f"reading it takes longer than {self._limits.seconds:g} s")
            yield from self._around(chunk, trouble, is_certain=True)
        except pebble.ProcessExpired as death:
            yield from self._around(chunk, self._cause(death), is_certain=False)
        else:
            yield from zip(chunk.tasks, answers, strict=False)
            yield from self._again(chunk.tasks[len(answers) :])
        finally:
            Path(chunk.marker).unlink(missing_ok=True)

    def _again(self, tasks: tuple[Task, ...], *, is_last_try: bool = False) -> Iterator[Answer]:
        if tasks:
            yield from self._settled(*self._submit(tasks, is_last_try=is_last_try))

    def _around(
        self, chunk: Chunk, trouble: tuple[str, str], *, is_certain: bool
    ) -> Iterator[Answer]:
        """Read the files before and after the guilty one again, and that one alone."""
        at, member = _position(chunk)
        guilty = chunk.tasks[at]
        yield from self._again(chunk.tasks[:at])
        if is_certain or chunk.is_last_try:
            yield from self._without(guilty, member, trouble)
        else:
            # What others left behind in the worker may have been the cause.
            yield from self._again((guilty,), is_last_try=True)
        yield from self._again(chunk.tasks[at + 1 :])

    def _without(self, guilty: Task, member: int, trouble: tuple[str, str]) -> Iterator[Answer]:
        """Read a file without the member that took its worker down, if it was one of them."""
        known = [number for number, _, _ in guilty.avoided]
        if not member or guilty.last_member is not None:
            yield guilty, [row_without_content(guilty.entry, *trouble)]
        elif member in known or len(known) >= _AVOIDED_AT_MOST:
            # what comes behind it is given up, and what was read is kept
            yield from self._again((replace(guilty, last_member=member - 1),))
        else:
            avoided = (*guilty.avoided, (member, *trouble))
            yield from self._again((replace(guilty, avoided=avoided),))

    def _cause(self, death: pebble.ProcessExpired) -> tuple[str, str]:
        words = stderr_file(self._scratch, death.pid or 0)
        said = words.read_bytes()[-4_000:].lower() if words.exists() else b""
        if death.exitcode in _MEMORY_EXITS or b"memory" in said or b"cannot allocate" in said:
            return "out of memory", "reading it takes too much memory"
        return "failed", f"the parser crashed (exit code {death.exitcode})"


def _may_be_scan(task: Task) -> bool:
    file_type = file_type_of(task.entry.path)
    return file_type.family in {"image", "archive"} or file_type.media_type == PDF


def chunked(tasks: Iterable[Task]) -> Iterator[tuple[Task, ...]]:
    """Group tasks, in order, into few enough files and bytes for one worker at a time."""
    chunk: list[Task] = []
    size = 0
    for task in tasks:
        if chunk and (len(chunk) == _CHUNK_FILES or size + task.entry.size > _CHUNK_BYTES):
            yield tuple(chunk)
            chunk, size = [], 0
        chunk.append(task)
        size += task.entry.size
    if chunk:
        yield tuple(chunk)


def _position(chunk: Chunk) -> tuple[int, int]:
    """Return which file a worker was at, and the number of its member, 0 outside of any."""
    try:
        noted = Path(chunk.marker).read_bytes()
    except FileNotFoundError:
        return 0, 0
    at, member = (int.from_bytes(part, "little") for part in (noted[:4], noted[4:8]))
    return min(at, len(chunk.tasks) - 1), member


def _shorten_socket_paths() -> None:
    """Put the fork server's socket under /tmp where the path to the temporary folder is too long.

    The path of a Unix socket holds about a hundred bytes. Python does the same from 3.14 on.
    """
    longest = os.path.join(util.get_temp_dir(), "listener-12345678")  # noqa: PTH118
    if len(os.fsencode(longest)) < _SOCKET_PATH_BYTES:
        return
    short = tempfile.mkdtemp(prefix="pymp-", dir="/tmp")
    util.Finalize(None, shutil.rmtree, args=(short, True), exitpriority=-100)
    multiprocessing.current_process()._config["tempdir"] = short  # type: ignore[attr-defined]


def _started(count: int, scratch: str, limits: Limits) -> Any:
    _shorten_socket_paths()
    multiprocessing.forkserver.set_forkserver_preload(["cultivar.content.reading"])
    return pebble.ProcessPool(
        max_workers=count,
        initializer=start_worker,
        # The server that forks them may have been started under another environment.
        initargs=(scratch, limits.memory_bytes, dict(os.environ)),
        context=_Context(),
    )


class _Popen(popen_forkserver.Popen):
    """Start a child that does not run the caller's main module again.

    The main module may be an orchestrator's engine (seconds to import in each worker) or a script
    without a guard (which would crawl again in each worker). Workers need neither, nor the caller's
    working directory, which they may not be allowed to enter. The body is that of the base class
    in Python 3.11 to 3.13, without the ``init_main`` keys and the directory.
    """

    def _launch(self, process_obj: Any) -> None:
        prepared = spawn.get_preparation_data(process_obj._name)
        kept = {
            key: value
            for key, value in prepared.items()
            if key != "dir" and not key.startswith("init_main")
        }
        buffer = io.BytesIO()
        set_spawning_popen(self)
        try:
            reduction.dump(kept, buffer)
            reduction.dump(process_obj, buffer)
        finally:
            set_spawning_popen(None)
        self.sentinel, write_end = multiprocessing.forkserver.connect_to_new_process(
            self._fds  # type: ignore[attr-defined]
        )
        parent_end = os.dup(write_end)
        ends = (parent_end, self.sentinel)
        self.finalizer = util.Finalize(self, util.close_fds, ends)  # type: ignore[attr-defined]
        with open(write_end, "wb", closefd=True) as stream:  # noqa: PTH123 - a descriptor
            stream.write(buffer.getbuffer())
        self.pid = multiprocessing.forkserver.read_signed(self.sentinel)


class _Process(ForkServerProcess):
    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802
        return _Popen(process_obj)


class _Context(ForkServerContext):
    Process = _Process
