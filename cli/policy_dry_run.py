"""The command that says what a policy would label, without labelling anything."""

from typing import TYPE_CHECKING, Any

import click

from cli.base.session import Session
from cli.terminal.tables import Ids, show_table
from cli.terminal.texts import strong
from cultivar import operations
from cultivar.core.figures import LEGEND, PROBABILITY, probability
from cultivar.core.serialisation import fields_of
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from cultivar.operations.policies.dry_run import ReachedItem, Trial
    from cultivar.operations.policies.expected_errors import ExpectedWrong


@click.argument("name")
@click.option("--location", "locations", multiple=True, help="Only there; may be repeated.")
@click.option("--seed", type=int, help="Draw another random sample.")
def dry_run(session: Session, name: str, locations: tuple[str, ...], seed: int | None) -> None:
    """Say what the policy NAME would label, without labelling anything.

    How many items, a random sample with the words that decided, the newest 50, and how many labels
    are expected to be wrong.
    """
    with session.working(f"Trying {name}"):
        tried = operations.policies.policy_named(session.workspace, session.actor, name)
        found = operations.policies.try_policy(
            session.workspace, session.actor, tried, list(locations) or None, seed
        )
    then = f"cultivar policy update {tried.policy_id}" if found.undone else "cultivar policy apply"
    session.answer(_plain(found), lambda console: _trial(console, found), then)


def _plain(found: "Trial") -> dict[str, Any]:
    policy = {"policy": found.policy.policy_id, "version": found.policy.version}
    return policy | fields_of(found.figures)


def _trial(console: "Console", found: "Trial") -> None:
    console.print(f"{found.policy.sentence}", markup=False)
    if found.undone:
        console.print(
            f"Version {found.policy.version} was undone and labels nothing any more. "
            f"`cultivar policy update {found.policy.policy_id}` makes the next version. If it says "
            "the same:"
        )
    for name in found.undone_classifiers:
        console.print(
            f"The published version of {name} was undone: nothing is labelled because of it until "
            "another is published."
        )
    console.print(
        f"{strong(format(found.would_label, ','))} of {how_many(found.items, 'item')} would be "
        f"labelled. The condition reaches {found.reached:,}. Of them, {found.kept_for_people:,} "
        f"keep the label that a person set by hand, and {found.outranked:,} get the label of a "
        "policy that comes first."
    )
    for each in found.expected_wrong:
        print_wrong(console, each)
    if found.sample is None:
        console.print("Items are shown to content explorer list viewers only.")
        return
    _listed(console, "A random sample", found.sample)
    _listed(console, "The newest", found.newest or [])
    if any(row.score is not None for row in found.sample):
        console.print(LEGEND)


def print_wrong(console: "Console", stated: "ExpectedWrong") -> None:
    """Print how many labels of a version are expected to be wrong, and how well that is known."""
    console.print(_wrong(stated))
    if stated.poorly_known:
        console.print(stated.poorly_known, markup=False)


def _wrong(stated: "ExpectedWrong") -> str:
    by = stated.version or "no classifier's match"
    if stated.poorly_known and stated.wrong is None:
        return f"Expected wrong labels by {by}: not known yet."
    if stated.wrong is None:
        return f"Expected wrong labels by {by}: not evaluated, as there is no release report."
    wrong = stated.wrong
    return (
        f"Expected wrong labels by {by}: {wrong.estimate:,.0f} of {stated.labels:,} "
        f"({wrong.lower:,.0f} to {wrong.upper:,.0f}, {stated.grade})."
    )


def _listed(console: "Console", title: str, rows: "Sequence[ReachedItem]") -> None:
    if not rows:
        console.print(f"{title}: none.")
        return
    cells = []
    explained = any(_words(row) for row in rows)
    for row in rows:
        score = "" if row.score is None else probability(row.score)
        where = "/".join(part for part in (row.folder, row.name) if part)
        cell = [row.item_id, where, f"{row.created_at:%Y-%m-%d}", score]
        cells.append([*cell, ", ".join(_words(row))] if explained else cell)
    columns = (Ids("Item"), "Where", "Created", PROBABILITY)
    said = (*columns, "Words that decided") if explained else columns
    show_table(console, said, cells, title=title, lead="Where")


def _words(row: "ReachedItem") -> list[str]:
    """Return the words that decided, each once however it is spelt and however often it stands."""
    found = getattr(row, "words", None) or ()
    return list({each.word.casefold(): each.word for each in found}.values())
