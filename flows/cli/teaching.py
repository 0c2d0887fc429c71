"""Commands whose help teaches: what it does, examples, and what comes next.

It shapes click's classes; it knows no command.
"""

import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

from flows.cli.session import Session

F = TypeVar("F", bound=Callable[..., Any])


class Taught(click.Command):
    """A command with ``examples`` and a sentence on what comes ``then``."""

    def __init__(
        self, *args: Any, examples: Sequence[str] = (), then: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)
        self.then = then

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples and what comes next."""
        with formatter.section("Examples"):
            for example in self.examples:
                formatter.write_text(example)
        if self.then:
            with formatter.section("Then"):
                formatter.write_text(self.then)


class Sorted(click.Group):
    """A group that lists its commands in the order in which a person needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which they were added."""
        return list(self.commands)


class Program(Sorted):
    """A group that imports the module of a command only when the command is asked for.

    ``modules`` maps the name of each command to its module in ``flows.cli``, in the order in which
    a person needs them; the module's ``add_to`` adds it.
    """

    def __init__(self, *args: Any, modules: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.modules = dict(modules)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, imported or not."""
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, importing its module where that was not done."""
        if cmd_name in self.modules and cmd_name not in self.commands:
            importlib.import_module(f"flows.cli.{self.modules[cmd_name]}").add_to(self)
        return super().get_command(ctx, cmd_name)

    def every(self) -> dict[str, click.Command]:
        """Return all commands by name, every module imported."""
        context = click.Context(self)
        found = {name: self.get_command(context, name) for name in self.modules}
        return {name: each for name, each in found.items() if each is not None}


def json_option(function: F) -> F:
    """Add ``--json``: one JSON object on standard output, errors included."""
    return click.option(
        "--json",
        "as_json",
        is_flag=True,
        expose_value=False,
        callback=_speak_json,
        help="Answer with one JSON object, for scripts.",
    )(function)


def yes_option(function: F) -> F:
    """Add ``--yes``: do not ask."""
    return click.option("--yes", is_flag=True, help="Do not ask; do it.")(function)


def _speak_json(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        ctx.ensure_object(Session).json = True


def command(
    group: click.Group, name: str, *, examples: Sequence[str], then: str = ""
) -> Callable[[Callable[..., None]], Taught]:
    """Add a function to a group as a command that takes the session first and knows ``--json``."""

    def add(function: Callable[..., None]) -> Taught:
        made = group.command(
            name, cls=Taught, examples=examples, then=then, short_help=_first_clause(function)
        )(json_option(click.pass_obj(function)))
        assert isinstance(made, Taught)  # noqa: S101 - cls says so
        return made

    return add


def _first_clause(function: Callable[..., None]) -> str:
    """Return the beginning of a docstring that stands alone in a list of commands."""
    line = (function.__doc__ or "").strip().splitlines()[0]
    return re.split(r"[:;.]", line)[0]


def classifier_argument(function: F) -> F:
    """Add the argument NAME with completion of classifier names."""
    return click.argument("name", shell_complete=known_classifiers)(function)


def location_argument(function: F) -> F:
    """Add the arguments LOCATION... with completion of location names."""
    return click.argument("locations", nargs=-1, shell_complete=known_locations)(function)


def known_classifiers(
    _ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Complete a classifier's id."""
    return _starting(Session.known_classifiers(), incomplete)


def known_locations(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Complete a location's name."""
    return _starting(Session.known_locations(), incomplete)


def _starting(names: Sequence[str], incomplete: str) -> list[str]:
    return [name for name in names if name.lower().startswith(incomplete.lower())]
