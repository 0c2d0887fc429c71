"""The program: all commands in the order of a classifier's life, and what becomes of errors.

A person never sees a traceback; a script gets the same as JSON.
"""

import sys
from typing import Any

import click

import cultivar
from cli.base import defects
from cli.base.help import Program
from cli.base.session import Session, wants_json, write_json
from cli.base.wrapping import wrapped
from cli.terminal.texts import on_a_line
from cli.terminal.waiting import Waiting
from cultivar.core.errors import CultivarError
from cultivar.settings.channels import Channel, acting_through

# Each command and the module that adds it, in the order of a classifier's life.
COMMANDS = {
    "demo": "demo",
    "location": "location",
    "crawl": "crawl",
    "opt-in": "opt_in",
    "seeds": "seeds",
    "create": "create",
    "train": "create",
    "add-test": "add_test",
    "remove-test": "add_test",
    "review": "review",
    "publish": "publish",
    "gate": "publish",
    "operating-point": "operating_point",
    "label": "label",
    "policy": "policy",
    "explore": "explore",
    "feedback": "feedback",
    "retrain": "retrain",
    "point-back": "retrain",
    "release": "release",
    "drift": "release",
    "status": "status",
    "archive": "archive",
    "restore": "archive",
    "explain": "explain",
    "verify": "verify",
    "doctor": "doctor",
    "audit": "audit",
    "artifacts": "artifacts",
    "store": "store",
    "backup": "backup",
    "project": "project",
    "serve": "serve",
    "key": "serve",
    "up": "up",
    "person": "person",
    "role": "role",
    "grant": "role",
    "settings": "settings",
    "completion": "settings",
}
REFUSED, MISUSED, INTERRUPTED = 1, 2, 130
INTERRUPTION = "What was done is kept; the same command goes on from there."


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
    with acting_through(Channel.CLI), Waiting(wanted=not session.json):
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
    if defects.interrupted(error):
        return _failed(session, "interrupted", INTERRUPTION, INTERRUPTED)
    told = defects.told(error)
    return _failed(session, told.code, told.sentence, REFUSED)


def _misused(session: Session, error: click.UsageError) -> int:
    path = error.ctx.command_path if error.ctx else _command_path(session.arguments)
    # click lists choices one a line
    said = " ".join(error.format_message().split())
    said = said if said.endswith((".", "?")) else f"{said}."
    return _failed(session, "usage", f"{said} `{path} --help` shows how.", MISUSED)


def _command_path(arguments: tuple[str, ...]) -> str:
    """Return the command that a command line names, where parsing broke off before it was known."""
    words = ["cultivar"]
    group: click.Command | None = program
    for word in arguments:
        if not isinstance(group, click.Group):
            break
        group = group.get_command(click.Context(group), word)
        words += [word] if group is not None else []
    return " ".join(words)


def _failed(session: Session, code: str, message: str, exit_code: int) -> int:
    if session.json:
        write_json({"error": {"code": code, "message": message}})
    else:
        first, *rest = wrapped(f"{code}: {on_a_line(message)}")
        click.secho(f"{code}:", fg="red", bold=True, nl=False, err=True)
        click.echo("\n".join([first.removeprefix(f"{code}:"), *rest]), err=True)
    return exit_code


def _pipe_closed() -> int:
    """End quietly when whoever reads the output has gone, as `head` does."""
    sys.stderr.close()
    return REFUSED
