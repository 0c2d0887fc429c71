"""Commands about the installation: settings and shell completion.

It shows; the settings are changed in the environment or in config.toml.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.base.help import command
from cli.base.session import Session
from cli.terminal.tables import show_table
from cultivar.core.errors import InvalidInput
from cultivar.settings import SETTINGS

if TYPE_CHECKING:
    from rich.console import Console

SHELLS = ("bash", "zsh", "fish")
LINES = {
    "bash": 'eval "$(_CULTIVAR_COMPLETE=bash_source cultivar)"',
    "zsh": 'eval "$(_CULTIVAR_COMPLETE=zsh_source cultivar)"',
    "fish": "_CULTIVAR_COMPLETE=fish_source cultivar | source",
}
FILES = {"bash": "~/.bashrc", "zsh": "~/.zshrc", "fish": "~/.config/fish/completions/cultivar.fish"}


def settings(session: Session) -> None:
    """Show every setting, its meaning and its variable.

    Environment variables win over config.toml in the home, and that over the defaults.
    """
    shown = session.settings.shown()
    data = {
        each.key: {"value": shown[each.key], "variable": each.variable, "help": each.help}
        for each in SETTINGS
    }
    session.answer({"settings": data}, lambda console: _show(console, data))


def _show(console: "Console", data: dict[str, dict[str, str]]) -> None:
    rows = [[key, each["value"], each["variable"], each["help"]] for key, each in data.items()]
    show_table(console, ("Setting", "Value", "Variable", "Meaning"), rows, lead="Variable")


@click.argument("shell", type=click.Choice(SHELLS), required=False)
def completion(session: Session, shell: str | None) -> None:
    """Print the line that turns on completion in SHELL.

    It completes commands, options, locations and classifiers."""
    chosen = shell or _own_shell()
    data = {"shell": chosen, "line": LINES[chosen], "file": FILES[chosen]}
    session.answer(data, lambda _console: click.echo(LINES[chosen]))
    session.tell(f"Put this line into {FILES[chosen]}.")


def _own_shell() -> str:

    found = Path(os.environ.get("SHELL", "")).name
    if found not in SHELLS:
        raise InvalidInput("unknown-shell", f"Name a shell: {', '.join(SHELLS)}.")
    return found


def add_to(program: click.Group) -> None:
    """Register the commands."""
    command(program, "settings", examples=("cultivar settings", "cultivar settings --json"))(
        settings
    )
    command(
        program,
        "completion",
        examples=("cultivar completion bash >> ~/.bashrc", "cultivar completion zsh"),
    )(completion)
