"""Files that commands read and write for a person: whole, or not at all with a sentence.

What stands in them is the commands' to say.
"""

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from cultivar.core.errors import InvalidInput


def verdict_rows(file: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV of verdicts, by column; absent values are empty.

    Raises:
        InvalidInput: code ``bad-verdicts``; no CSV in UTF-8, no row, or without the columns
            ``item_id`` and ``verdict``.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = list(csv.DictReader(text, restkey="", restval=""))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput("bad-verdicts", f"{file.name} is not a CSV in UTF-8.") from error
    if not rows:
        raise InvalidInput("bad-verdicts", f"{file.name} holds no verdict.")
    if not {"item_id", "verdict"} <= set(rows[0]):
        raise InvalidInput(
            "bad-verdicts",
            f"{file.name} has the columns {', '.join(rows[0])}; item_id and verdict are needed.",
        )
    return rows


@contextmanager
def written_aside(target: Path, encoding: str = "utf-8") -> Iterator[TextIO]:
    """Write a file whose name stands for all of it: aside first, then renamed.

    A device is written to as it stands.

    Raises:
        InvalidInput: code ``cannot-write``.
    """
    device = target.exists() and not target.is_file()
    target = target if device else target.resolve()
    aside = target if device else target.with_name(f".{target.name}.{os.getpid()}")
    try:
        file = aside.open("w", encoding=encoding, newline="")
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        with file:
            yield file
        if not device:
            _rename(aside, target)
    finally:
        if not device:
            aside.unlink(missing_ok=True)


def _rename(aside: Path, target: Path) -> None:
    try:
        aside.replace(target)
    except OSError as error:
        raise _unwritable(target, error) from error


def _unwritable(target: Path, error: OSError) -> InvalidInput:
    return InvalidInput("cannot-write", f"{target} cannot be written ({type(error).__name__}).")
