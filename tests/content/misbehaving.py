"""Reading functions that do to a worker what a hostile file may do; workers import them by name."""

import os
import signal
import time
from typing import Any

from cultivar.content.documents import mails, parsing
from cultivar.content.documents.parsing import Parsed
from cultivar.content.limits import Limits
from cultivar.content.locations import Location
from cultivar.content.reading import Task, read_file


def read(location: Location, task: Task, limits: Limits) -> list[Parsed]:
    """Do what the file's name says, else read it as ever."""
    name = task.entry.path.rpartition("/")[2]
    tx = PERMISSION_FOR.get(name.partition("-")[0])
    if tx is not None:
        tx()
    return read_file(location, task, limits)


def read_letters(location: Location, task: Task, limits: Limits) -> list[Parsed]:
    """Do what a mail asks for when it is parsed, else read it as ever."""
    vars(parsing)["read_mail"] = _obey
    return read_file(location, task, limits)


def _obey(data: bytes, *rest: Any) -> Any:
    for name, deed in PERMISSION_FOR.items():
        if b"Please " + name.encode() in data:
            deed()
    return mails.read_mail(data, *rest)


def _hang() -> None:
    while True:
        time.sleep(60)


def _hang_deaf() -> None:
    """Hang as a native library does: no Python code runs, so no signal handler either."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    _hang()


def _eat() -> None:
    eaten = []
    while True:
        eaten.append(bytearray(50_000_000))


def _abort_for_memory() -> None:
    """Die as the parsing library dies when an allocation fails."""
    os.write(2, b"memory allocation of 8589934592 bytes failed\n")
    os.abort()


def _crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


PERMISSION_FOR = {
    "hang": _hang,
    "deaf": _hang_deaf,
    "eat": _eat,
    "abort": _abort_for_memory,
    "crash": _crash,
}
