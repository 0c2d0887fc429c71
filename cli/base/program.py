"""The program: all commands in the order of a classifier's life, and what becomes of errors.

A person never sees a traceback; a script gets the same as JSON.
"""

import re
import sys
import textwrap
from contextlib import suppress
from typing import Any

import click
from rich.console import Console

import cultivar
from cli.base.help import Program
from cli.base.session import Session, wants_json, write_json
from cli.terminal.texts import on_a_line
from cli.terminal.waiting import Waiting
from cultivar.core.errors import CultivarError, place_of
from cultivar.settings import read_settings
from cultivar.store.defects import keep_in_full

# Each command and the module that adds it, in the order of a classifier's life.
COMMANDS = {
    "demo": "demo",
    "location": "location",
    "crawl": "location",
    "opt-in": "opt_in",
    "create": "create",
    "train": "create",
    "add-test": "add_test",
    "review": "review",
    "publish": "publish",
    "gate": "publish",
    "label": "label",
    "policy": "policy",
    "explore": "explore",
    "feedback": "feedback",
    "retrain": "retrain",
    "point-back": "retrain",
    "release": "release",
    "drift": "release",
    "status": "status",
    "explain": "explain",
    "verify": "verify",
    "audit": "audit",
    "artifacts": "artifacts",
    "project": "project",
    "serve": "serve",
    "key": "serve",
    "up": "up",
    "role": "role",
    "grant": "role",
    "settings": "settings",
    "completion": "settings",
}
REFUSED, MISUSED, INTERRUPTED = 1, 2, 130
INTERRUPTION = "What was done is kept."


@click.group(
    cls=Program,
    modules=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=(
        "See it all in three minutes: `cultivar demo`. With documents of your own: "
        "location add, crawl, opt-in, create, add-test, review, publish, label. "
        "Each command says what comes next. CULTIVAR_HOME names the folder that holds everything."
    ),
)
@click.version_option(cultivar.__version__, prog_name="cultivar")
def program() -> None:
    """Grow text classifiers from samples, review them, publish them, and label content."""


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    session = Session(json=wants_json(arguments), arguments=tuple(arguments))
    with Waiting(wanted=not session.json):
        return _run(session, arguments)


def _run(session: Session, arguments: list[str]) -> int:
    try:
        returned: Any = program.main(
            arguments, prog_name="cultivar", standalone_mode=False, obj=session
        )
    except click.UsageError as error:
        return _misused(session, error)
    except (click.Abort, KeyboardInterrupt, EOFError) as error:
        # a question that was left stands on the line; elsewhere click has ended the line
        if isinstance(error, click.Abort) and error.__cause__ is None and session.interactive:
            click.echo(err=True)
        return _failed(session, "interrupted", INTERRUPTION, INTERRUPTED)
    except CultivarError as error:
        return _failed(session, error.code, error.sentence, REFUSED)
    except BrokenPipeError:
        return _pipe_closed()
    except Exception as error:  # noqa: BLE001 - never a traceback for a person
        return _unforeseen(session, error)
    finally:
        session.close()
    return returned if isinstance(returned, int) else 0


def _unforeseen(session: Session, error: Exception) -> int:
    if _interrupted(error):
        return _failed(session, "interrupted", INTERRUPTION, INTERRUPTED)
    return _failed(session, "defect", _defect(error), REFUSED)


def _interrupted(error: BaseException) -> bool:
    """Tell whether Ctrl-C is behind an error: compiled code answers it with one of its own."""
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__ or error
        if isinstance(error, KeyboardInterrupt):
            return True
    return False


def _misused(session: Session, error: click.UsageError) -> int:
    path = error.ctx.command_path if error.ctx else "cultivar"
    # click lists choices one a line
    said = " ".join(error.format_message().split())
    said = said if said.endswith((".", "?")) else f"{said}."
    return _failed(session, "usage", f"{said} `{path} --help` shows how.", MISUSED)


def _failed(session: Session, code: str, message: str, exit_code: int) -> int:
    if session.json:
        write_json({"error": {"code": code, "message": message}})
    else:
        first, *rest = _wrapped(f"{code}: {on_a_line(message)}")
        click.secho(f"{code}:", fg="red", bold=True, nl=False, err=True)
        click.echo("\n".join([first.removeprefix(f"{code}:"), *rest]), err=True)
    return exit_code


def _wrapped(message: str) -> list[str]:
    """Return a message as lines that end between words; a command in it stays on one line."""
    if not sys.stderr.isatty():
        return [message]

    width = Console(stderr=True).width
    kept = re.sub(r"`[^`]*`", lambda command: command[0].replace(" ", "\0"), message)
    lines = textwrap.wrap(kept, width, break_long_words=False, break_on_hyphens=False)
    return [line.replace("\0", " ") for line in lines]


def _pipe_closed() -> int:
    """End quietly when whoever reads the output has gone, as `head` does."""
    sys.stderr.close()
    return REFUSED


def _defect(error: Exception) -> str:
    """Name an unforeseen error's type and place; its text may quote a document."""
    with suppress(CultivarError, OSError):
        keep_in_full(read_settings(), error)
    place = place_of(error)
    where = f" ({place})" if place else ""
    return f"A defect of Cultivar: {type(error).__name__}{where}. Nothing was half-written."
