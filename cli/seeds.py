"""Commands about seeds before a classifier learns from them.

What is in doubt is found by the operations; a person decides which seeds there are.
"""

import shlex
from typing import TYPE_CHECKING

import click

from cli.base.help import Sorted, command
from cli.base.session import Session
from cli.base.sources import known_source, source_named
from cli.terminal.texts import strong
from cultivar import operations
from cultivar.core.errors import NotFound
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from cultivar.content.locations import Source
    from cultivar.operations.training.seed_checks import CheckedSeeds

_SHOWN = 5


@click.argument("seeds", metavar="NAME|SOURCE")
def check(session: Session, seeds: str) -> None:
    """Say which seeds are in doubt and what they lack, before or after a classifier is created.

    NAME is a classifier, SOURCE a folder of seeds: site/library/folder, a path, or a URL; a folder
    that no location holds becomes one. A classifier is trained on the spot, each seed judged by a
    model that has not learned from it, and the model is not kept. No seed is taken away.
    """
    with session.working("Checking the seeds"):
        source = _source(session, seeds)
        checked = operations.training.check_seeds(session.workspace, session.actor, source)
    again = f"cultivar crawl {shlex.quote(source.site)}"
    then = again if checked.found.in_doubt else f"cultivar create NAME --seeds {shlex.quote(seeds)}"
    session.answer({"seeds": checked}, lambda console: _show(console, checked), then)


def _source(session: Session, seeds: str) -> "Source":
    """Return the folder of a classifier's seeds, or the one that is named.

    Raises: as ``source_named``.
    """
    try:
        return operations.training.source_of(session.workspace, session.actor, seeds)
    except NotFound as unknown:
        try:
            known_source(session, seeds)
        except NotFound:
            raise NotFound(
                unknown.code, f"{unknown.sentence} No location has that name either."
            ) from None
    return source_named(session, seeds, "seed", yes=False)


def _show(console: "Console", checked: "CheckedSeeds") -> None:
    found = checked.found
    place = "/".join(filter(None, (checked.source.site, checked.source.prefix)))
    console.print(f"{strong(how_many(found.seeds, 'seed'))} of {place}.")
    _named(
        console, checked, found.ordinary,
        "{} more like everyday content than like the other seeds, the least alike first. Open "
        "them: one that is no good example teaches the wrong thing.",
    )  # fmt: skip
    _named(
        console, checked, found.unknown,
        "{} hardly a word with any other document, as where text was read badly.",
        verb=("shares", "share"),
    )  # fmt: skip
    _named(
        console, checked, found.pages,
        "{} mostly of lines that many seeds share, such as a form or a notice.",
        verb=("consists", "consist"),
    )  # fmt: skip
    for family in found.copies:
        _named(console, checked, family, "{} near copies of one another: together they tell as "
               "much as one.", verb=("is", "are"))  # fmt: skip
    if not checked.found.in_doubt:
        console.print("No seed is in doubt.")
    _show_variety(console, checked)


def _show_variety(console: "Console", checked: "CheckedSeeds") -> None:
    found = checked.found
    if len(found.groups) > 1:
        sizes = "; ".join(
            f"{len(each.rows)} ({', '.join(each.words)})" if each.words else str(len(each.rows))
            for each in found.groups
        )
        console.print(
            f"The seeds fall into {len(found.groups)} groups: {sizes}. Give each form of the kind "
            "enough examples.",
            markup=False,
        )
    if len(found.languages) > 1:
        listed = ", ".join(f"{name} {count}" for name, count in found.languages.items())
        console.print(f"Languages: {listed}. A language with few examples is found poorly.")
    if found.apart:
        console.print(
            "Many items of the content score nearly like the seeds: the seeds seem to be stronger "
            "than typical members of the kind. Add typical and borderline examples."
        )


def _named(
    console: "Console",
    checked: "CheckedSeeds",
    items: "Sequence[str]",
    sentence: str,
    verb: tuple[str, str] = ("looks", "look"),
) -> None:
    if not items:
        return
    said = f"{how_many(len(items), 'seed')} {verb[len(items) != 1]}"
    console.print(sentence.format(said), markup=False)
    for item in items[:_SHOWN]:
        console.print(f"  {checked.paths[item]}", markup=False)
    if len(items) > _SHOWN:
        console.print(f"  and {len(items) - _SHOWN} more: --json lists them all")


def add_to(program: click.Group) -> None:
    """Register the commands."""

    @program.group("seeds", cls=Sorted)
    def seeds() -> None:
        """Look at seeds before a classifier learns from them."""

    command(
        seeds,
        "check",
        examples=(
            "cultivar seeds check ./contracts",
            "cultivar seeds check complaints",
            "cultivar seeds check sites/Quality/complaints --json",
        ),
        then="Replace what is in doubt and crawl the location again, or `cultivar create`.",
    )(check)
