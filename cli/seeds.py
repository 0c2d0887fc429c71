"""Commands about seeds before a classifier learns from them.

What is in doubt is found by the operations; a person decides which seeds there are.
"""

import shlex
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.base.help import GoesWith, Sorted, command
from cli.base.session import Session
from cli.base.sources import known_source, source_named
from cli.terminal.reviewer import Reviewer
from cli.terminal.suggested_seeds import SuggestedSeeds
from cli.terminal.tables import Ids, show_table
from cli.terminal.texts import strong
from cultivar import operations
from cultivar.core.errors import NotFound
from cultivar.core.seeds.expected import MEANING
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from cultivar.content.locations import Source
    from cultivar.operations.training.seed_checks import CheckedSeeds
    from cultivar.operations.training.seed_suggestions import Suggestion

_SHOWN = 5


@click.argument("seeds", metavar="NAME|SOURCE")
def check(session: Session, seeds: str) -> None:
    """Say which seeds are in doubt and what they lack, before or after a classifier is created.

    NAME is a classifier, SOURCE a folder of seeds: site/library/folder, a path, or a URL; a folder
    that no location holds becomes one. A classifier is trained on the spot, each seed judged by a
    model that has not learned from it, and the model is not kept. No seed is taken away.
    """
    with session.working("Checking the seeds"):
        source, classifier = _source(session, seeds)
        checked = operations.training.check_seeds(
            session.workspace, session.actor, source, classifier
        )
    name = classifier or "NAME"
    create = f"cultivar create NAME --seeds {shlex.quote(seeds)}"
    fine = f"cultivar status {shlex.quote(classifier)}" if classifier else create
    then = _look_at(checked) if checked.found.in_doubt else fine
    session.answer({"seeds": checked}, lambda console: _show(console, checked, name), then)


def _look_at(checked: "CheckedSeeds") -> str:
    """Return the command that opens the first seed in doubt."""
    found = checked.found
    copies = [item for family in found.copies for item in family[1:]]
    first = next(iter([*found.ordinary, *found.unknown, *found.pages, *copies]))
    place = f"{checked.source.site}/{checked.paths[first]}"
    return f"cultivar explore open {shlex.quote(place)}"


@click.argument("name")
@click.option(
    "--like", required=True, metavar="TEXT|FILE",
    help="A sentence that describes the kind, or a document of it.",
)  # fmt: skip
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for good examples; NAME-seeds in this folder where it is left out.",
)
@click.option("--list", "only_list", is_flag=True, help="Show the likest documents, and stop.")
@click.option(
    "--top", type=click.IntRange(min=1), default=None, cls=GoesWith, other="--list",
    help="With --list: how many, 30 if left out.",
)  # fmt: skip
def suggest(
    session: Session, *, name: str, like: str, into: Path | None, only_list: bool, top: int | None
) -> None:
    """Find good examples of NAME in the content by a description, and pick them by keys.

    All crawled content is ranked by words and meaning, and ranked again with each answer. A pick is
    put into a folder as a text file; nothing is picked by itself. Leave and come back at any time:
    what is in the folder stays picked.
    """
    folder = into or Path(f"{operations.classifiers.id_from(name)}-seeds")
    with session.working("Searching the content"):
        search = operations.training.search_seeds(
            session.workspace, session.actor, _description(session, like)
        )
        pile = SuggestedSeeds(session, search, folder)
    if only_list:
        found = search.next(top or 30)
        session.answer({"suggestions": found}, lambda console: _listed(console, found))
        return
    Reviewer(session, pile).run()
    if pile.ended:
        session.tell(pile.ended)
    picked = len(search.picked)
    create = f"cultivar create {shlex.quote(name)} --seeds {shlex.quote(str(folder))}"
    again = f"cultivar seeds suggest {shlex.quote(name)} --like {shlex.quote(like)}"
    session.answer(
        {"picked": picked, "folder": str(folder), "items": search.picked},
        lambda console: console.print(
            f"{how_many(picked, 'good example')} in {folder}.", markup=False
        ),
        create if picked >= session.settings.seeds_at_least else again,
    )


def _description(session: Session, like: str) -> str:
    """Return a text as it is given, or what counts of the document that it names."""
    path = Path(like).expanduser()
    with suppress(OSError):
        if path.is_file():
            return operations.scoring.text_of_file(
                session.workspace, session.actor, path.name, path.read_bytes()
            )
    return like


def _listed(console: "Console", found: "Sequence[Suggestion]") -> None:
    rows = [
        [each.item_id, f"{each.location}/{each.path}", f"{each.likeness:.2f}"] for each in found
    ]
    show_table(console, (Ids("Item"), "Where", "Likeness"), rows, lead="Where")


def _source(session: Session, seeds: str) -> "tuple[Source, str | None]":
    """Return the folder of seeds that is named, and the classifier where one is named instead.

    Raises: as ``source_named``.
    """
    try:
        return operations.training.source_of(session.workspace, session.actor, seeds), seeds
    except NotFound as unknown:
        try:
            known_source(session, seeds)
        except NotFound:
            raise NotFound(
                unknown.code, f"{unknown.sentence} No location has that name either."
            ) from None
    return source_named(session, seeds, "seed", yes=False), None


def _show(console: "Console", checked: "CheckedSeeds", name: str) -> None:
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
    if checked.found.in_doubt:
        console.print(
            "What is no good example is taken out of the folder, or replaced; `cultivar crawl "
            f"{shlex.quote(checked.source.site)}` reads the folder again.",
            markup=False,
        )
    else:
        console.print("No seed is in doubt.")
    _show_variety(console, checked, name)


def _show_variety(console: "Console", checked: "CheckedSeeds", name: str) -> None:
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
    if found.lacking:
        shares = ", ".join(f"{name} ({share:.0%})" for name, share in found.lacking.items())
        console.print(
            f"No seed is in these languages of the content: {shares}. What is of the kind there is "
            "hardly found: add examples.",
            markup=False,
        )
    if found.f1:
        console.print(expected_line(found.f1, name), markup=False)
    if found.apart:
        console.print(
            "The seeds seem to be stronger than typical members of the kind, which score between "
            "them and everyday content. Add typical and borderline examples."
        )


def expected_line(f1: tuple[float, float], name: str) -> str:
    """Say from where to where F1 in this content is expected, and what narrows it."""
    low, high = f1
    return (
        f"From these seeds alone, labels in this content are expected to reach an F1 between "
        f"{low:.2f} and {high:.2f} ({MEANING}). Verdicts on the content raise it: `cultivar review "
        f"{shlex.quote(name)} --from content`."
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
        """Find seeds, and look at them before a classifier learns from them."""

    command(
        seeds,
        "suggest",
        examples=(
            'cultivar seeds suggest "Supplier contracts" --like "agreement with a supplier on '
            'prices, delivery and liability"',
            "cultivar seeds suggest Complaints --like ./letter.docx --into ./complaints",
            'cultivar seeds suggest Complaints --like "I want my money back" --list --json',
        ),
        then="`cultivar create NAME --seeds FOLDER` once there are 50.",
    )(suggest)
    command(
        seeds,
        "check",
        examples=(
            "cultivar seeds check ./contracts",
            "cultivar seeds check complaints",
            "cultivar seeds check sites/Quality/complaints --json",
        ),
        then="Look at what is in doubt, replace what is no good example, or `cultivar create`.",
    )(check)
