"""Files that commands read and write for a person: whole, or not at all with a sentence.

What stands in them is the commands' to say.
"""

import csv
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from cli.base.help import GoesWith
from cultivar.core.errors import InvalidInput
from cultivar.core.review.verdict_files import read_verdict_file
from cultivar.core.spreadsheets import cell

if TYPE_CHECKING:
    from cultivar.core.review.verdict_files import Form, VerdictFile

F = TypeVar("F", bound=Callable[..., Any])


def verdict_options(says: str) -> Callable[[F], F]:
    """Add the options that take verdicts from a file; ``says`` names its columns of answers."""
    options = (
        click.option(
            "--verdicts",
            "file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True),
            help=f"A CSV with the column item_id or path, and {says}; - reads standard input.",
        ),
        click.option(
            "--skip-empty",
            is_flag=True,
            cls=GoesWith,
            other="--verdicts",
            help="With --verdicts: leave out lines without an answer.",
        ),
    )
    return _all_of(options)


def correct_option(function: F) -> F:
    """Add the option that lets a file of verdicts change those of closed batches."""
    return click.option(
        "--correct", "correction", metavar="REASON",
        help="With --verdicts: change verdicts of closed batches too; the reason stays on record.",
    )(function)  # fmt: skip


def list_options(what: str, written: str) -> Callable[[F], F]:
    """Add the options that list what is to be judged, as a table or as a file to be filled in."""
    options = (
        click.option("--list", "only_list", is_flag=True, help=f"List {what}; stop."),
        click.option(
            "--csv",
            "target",
            type=click.Path(dir_okay=False, path_type=Path),
            help=f"Write {written} as a CSV that --verdicts takes back once it is filled in.",
        ),
    )
    return _all_of(options)


def require_one(file: Path | None, correction: str | None = None, *, lists: bool) -> None:
    """Do nothing where verdicts are taken from a file or listed, and a correction has its file.

    Raises:
        click.UsageError: both are asked for, or a correction without a file.
    """
    if file is not None and lists:
        raise click.UsageError("Take verdicts from a file, or list: one at a time.")
    if correction is not None and file is None:
        raise click.UsageError("--correct says why a file of verdicts changes others: --verdicts.")


def _all_of(options: Sequence[Callable[[F], F]]) -> Callable[[F], F]:
    def add(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return add


def read_verdicts(file: Path, form: "Form", *, skip_empty: bool) -> "VerdictFile":
    """Read a CSV of verdicts; ``-`` is standard input.

    Raises:
        InvalidInput: code ``bad-verdicts`` where it is not in UTF-8, and the codes of
            ``read_verdict_file``.
    """
    return read_verdict_file(_text(file), form, skip_empty=skip_empty)


def _text(file: Path) -> str:
    piped = str(file) == "-"
    try:
        data = _standard_input() if piped else file.read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise InvalidInput(
            "bad-verdicts", f"{file} cannot be read ({type(error).__name__})."
        ) from error
    except UnicodeDecodeError as error:
        name = "Standard input" if piped else file.name
        raise InvalidInput(
            "bad-verdicts",
            f"{name} is not in UTF-8. A spreadsheet saves that as “CSV UTF-8”.",
        ) from error


def _standard_input() -> bytes:
    binary = getattr(sys.stdin, "buffer", None)
    return binary.read() if binary is not None else sys.stdin.read().encode()


def write_rows(target: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as a CSV for a spreadsheet; an absent value is an empty cell."""
    # spreadsheets take the byte order mark as a sign of UTF-8
    with written_aside(target, "utf-8-sig") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows([_cell(row[name]) for name in columns] for row in rows)


def taken_back(target: Path | None) -> str:
    """Return the option that takes a written list back, as it is typed."""
    return f" --verdicts {quote(str(target))}" if target is not None else ""


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else cell(str(value))


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
    why = {
        FileNotFoundError: "there is no such folder",
        PermissionError: "you may not write there",
        NotADirectoryError: "what should be its folder is a file",
    }.get(type(error), type(error).__name__)
    return InvalidInput(
        "cannot-write", f"{target} cannot be written: {why}. Name another file or folder."
    )
