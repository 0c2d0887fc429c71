"""Commands whose help teaches: what it does, examples, and what comes next.

It shapes click's classes; it knows no command.
"""

import difflib
import functools
import importlib
import re
import shlex
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

import click

from cli.base.session import Session
from cultivar.core.errors import InvalidInput
from cultivar.core.projects.names import is_whole

F = TypeVar("F", bound=Callable[..., Any])
# A word of a command line as a shell reads it: quotes keep spaces together. An option goes with
# its value.
_WORD = r"(?:[^\s'\"]|'[^']*'|\"[^\"]*\")+"
_PART = re.compile(rf"--\S+ (?!--){_WORD}|{_WORD}")


class GoesWith(click.Option):
    """An option that means nothing unless another one is given."""

    def __init__(self, *args: Any, other: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.other = other

    def require(self, ctx: click.Context) -> None:
        """Do nothing where the other option is given.

        Raises:
            UsageError: it is not.
        """
        named = next(
            each for each in ctx.command.params if self.other in each.opts + each.secondary_opts
        )
        if not ctx.params[named.name or ""]:
            raise click.UsageError(f"{self.opts[-1]} goes with {self.other}. Give both.", ctx)


def _counts(option: click.Option) -> bool:
    """Tell whether one value of an option counts, so that a second one changes what is meant."""
    is_switch = option.is_bool_flag and not option.secondary_opts
    return not (option.multiple or option.count or is_switch)


class HelpfulCommand(click.Command):
    """A command with ``examples`` and a sentence on what comes ``then``."""

    def __init__(
        self, *args: Any, examples: Sequence[str] = (), then: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)
        self.then = then

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the words of the command; an option that would count for nothing is refused."""
        if not ctx.resilient_parsing:
            self._refuse_repeated(ctx, args)
        left = super().parse_args(ctx, args)
        for each in self.params:
            if isinstance(each, GoesWith) and ctx.params[each.name or ""]:
                each.require(ctx)
        return left

    def _refuse_repeated(self, ctx: click.Context, args: list[str]) -> None:
        """Refuse an option that is there twice, or beside its opposite, where one value counts."""
        twice: list[str | None] = []
        with suppress(click.UsageError):  # which the parsing itself then says
            _, _, order = self.make_parser(ctx).parse_args(args=list(args))
            given = [each for each in order if isinstance(each, click.Option) and _counts(each)]
            twice = [name for name, n in Counter(each.name for each in given).items() if n > 1]
        if not twice:
            return
        options = dict.fromkeys(each.opts[-1] for each in given if each.name == twice[0])
        if len(options) > 1:
            raise click.UsageError(f"{' and '.join(options)} exclude each other. Give one.", ctx)
        raise click.UsageError(
            f"{next(iter(options))} is given more than once, and one value counts. Give it once.",
            ctx,
        )

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples and what comes next."""
        with formatter.section("Examples"):
            for example in self.examples:
                for line in pasteable(example, formatter.width - formatter.current_indent):
                    formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
        if self.then:
            with formatter.section("Then"):
                formatter.write_text(self.then)


def pasteable(command: str, width: int) -> list[str]:
    """Return a command as lines that a shell takes as one, each of at most ``width`` characters.

    A line breaks before an option or a word, and never within quotes, however long they are.
    """
    lines: list[str] = []
    for part in _PART.findall(command):
        if lines and len(lines[-1]) + 1 + len(part) <= width - 2:
            lines[-1] += f" {part}"
        else:
            lines.append(f"    {part}" if lines else part)
    return [f"{line} \\" for line in lines[:-1]] + lines[-1:]


class Sorted(click.Group):
    """A group that lists its commands in the order in which a person needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which they were added."""
        return list(self.commands)

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the first clause of its help, which ends as a command's does."""
        return _first_clause(self.help)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the words of a command; without any, print the help, which is no mistake."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help())
            ctx.exit()
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is meant; for an unknown one name those like it."""
        name = args[0]
        asked = not ctx.resilient_parsing and not name.startswith("-")
        if asked and self.get_command(ctx, name) is None:
            raise click.UsageError(f"There is no command {name!r}.{self._meant(ctx, name)}", ctx)
        return super().resolve_command(ctx, args)

    def _meant(self, ctx: click.Context, name: str) -> str:
        known = self.list_commands(ctx)
        like = difflib.get_close_matches(name, known) or self._below(ctx, name)
        return f" Did you mean {' or '.join(repr(each) for each in like)}?" if like else ""

    def _below(self, ctx: click.Context, name: str) -> list[str]:
        """Return the commands of this name in the groups of this one."""
        groups = {each: self.get_command(ctx, each) for each in self.list_commands(ctx)}
        return [
            f"{each} {name}"
            for each, group in groups.items()
            if isinstance(group, click.Group) and group.get_command(ctx, name)
        ]


class Program(Sorted):
    """A group that imports the module of a command only when the command is asked for.

    ``modules`` maps the name of each command to its module in ``cli``, in the order in which
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
            importlib.import_module(f"cli.{self.modules[cmd_name]}").add_to(self)
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
) -> Callable[[Callable[..., None]], HelpfulCommand]:
    """Add a function to a group as a command that takes the session first and knows ``--json``."""

    def add(function: Callable[..., None]) -> HelpfulCommand:
        made = group.command(
            name,
            cls=HelpfulCommand,
            examples=examples,
            then=then,
            short_help=_first_clause(function.__doc__),
        )(json_option(click.pass_obj(_given_whole(function))))
        assert isinstance(made, HelpfulCommand)  # noqa: S101 - cls says so
        return made

    return add


def _first_clause(text: str | None) -> str:
    """Return the beginning of a docstring that stands alone in a list of commands."""
    line = (text or "").strip().splitlines()[0]
    return re.split(r"[:;.]", line)[0] + "."


def _given_whole(function: Callable[..., None]) -> Callable[..., None]:
    """Refuse values that are not UTF-8 before a command sees them; paths of files may be anything.

    Raises:
        InvalidInput: code ``half-character``.
    """

    @functools.wraps(function)
    def checked(session: Session, **given: Any) -> None:
        for name, value in given.items():
            texts = value if isinstance(value, tuple) else (value,)
            if not all(is_whole(each) for each in texts if isinstance(each, str)):
                raise InvalidInput(
                    "half-character",
                    f"What is given for {name.replace('_', ' ')} is not UTF-8. An item can be "
                    "named by its id, a folder by a link that has another name.",
                )
        function(session, **given)

    return checked


def same_command(**changed: Any) -> str:
    """Return the command line that runs, with other values for some of its options."""
    ctx = click.get_current_context()
    words = ctx.command_path.split()
    for parameter in ctx.command.params:
        name = parameter.name or ""
        if name not in ctx.params:
            continue
        value = changed.get(name, ctx.params[name])
        if value not in (None, (), parameter.default):
            words += _spelt(parameter, value)
    return shlex.join(words)


def _spelt(parameter: click.Parameter, value: Any) -> list[str]:
    if isinstance(parameter, click.Argument):
        return [str(each) for each in (value if isinstance(value, tuple) else (value,))]
    if not isinstance(parameter, click.Option):
        return []
    if parameter.is_flag and not isinstance(value, bool):
        return [parameter.opts[0]] if parameter.flag_value == value else []
    if parameter.is_flag:
        return parameter.opts[:1] if value else parameter.secondary_opts[:1]
    values = value if isinstance(value, tuple) else (value,)
    return [word for each in values for word in (parameter.opts[0], _text(each))]


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


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
