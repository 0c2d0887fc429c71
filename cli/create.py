"""Commands that create a classifier from seeds, and train it again after a refusal.

What makes a seed and what is learned is decided elsewhere.
"""

import shlex
from typing import TYPE_CHECKING

import click

from cli.base.confirmation import confirmed
from cli.base.flow_runs import run
from cli.base.help import classifier_argument, command, yes_option
from cli.base.next_command import next_of
from cli.base.session import Session
from cli.base.sources import known_source, looked_into
from cli.seeds import expected_line
from cli.status import show_warnings
from cli.terminal.texts import strong
from cultivar import operations
from cultivar.core.errors import InvalidInput
from cultivar.core.figures import probability
from cultivar.core.roles import Action
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from rich.console import Console

    from cli.base.sources import Place
    from cultivar.operations.classifiers.classifiers import Plan
    from cultivar.operations.classifiers.details import ClassifierDetails


@click.argument("name")
@click.option("--description", default="", help="What the category is, for those who review.")
@click.option(
    "--seeds",
    required=True,
    metavar="SOURCE",
    help="The folder of seeds: site/library/folder, a path, or a URL.",
)
@click.option("--plan", "only_plan", is_flag=True, help="Show what would be created, and stop.")
@yes_option
def create(
    session: Session, *, name: str, description: str, seeds: str, only_plan: bool, yes: bool
) -> None:
    """Create and train the classifier NAME from 50 to 500 seeds.

    Seeds are strong examples: the folder holds positives only. Everyday content to compare with
    comes from the baseline.
    """
    # What needs no look at the seeds is refused before they are read.
    operations.transactions.require_permitted(session.workspace, session.actor, Action.CREATE)
    begun = _begun_before(session, name, seeds)
    if begun is not None and not only_plan:
        session.tell(f"{begun} was created before and is not trained yet; this goes on with it.")
        _train(session, begun)
        return
    with looked_into(session, seeds, "seed", yes=yes) as place:
        plan = _planned(session, place, name, description)
        if only_plan:
            repeat = f"cultivar create {shlex.quote(plan.name)} --seeds {shlex.quote(seeds)}"
            session.answer({"plan": plan}, lambda console: _show(console, plan), repeat)
            return
        _agree(session, plan, yes, known=place.aside is None)
        place.keep(session)
    operations.classifiers.create_classifier(
        session.workspace, session.actor, name, description, place.source
    )
    _train(session, plan.classifier_id)


def _begun_before(session: Session, name: str, seeds: str) -> str | None:
    """Return the classifier that an earlier run of the same command left without a model.

    Raises:
        Conflict: code ``name-taken``; the name is that of another one.
    """
    begun = operations.classifiers.unfinished(
        session.workspace, session.actor, name, known_source(session, seeds)
    )
    if begun is None:
        operations.classifiers.require_new(session.workspace, session.actor, name)
    return begun


def _planned(session: Session, place: "Place", name: str, description: str) -> "Plan":
    seeds = (
        operations.training.preview_aside(place.aside, place.source)
        if place.aside is not None
        else None
    )
    return operations.classifiers.plan_classifier(
        session.workspace, session.actor, name, description, place.source, seeds=seeds
    )


def _agree(session: Session, plan: "Plan", yes: bool, *, known: bool) -> None:
    """Show the plan, and go on only when a person agrees to it.

    Raises:
        InvalidInput: code ``too-few-seeds``.
        Conflict: code ``not-confirmed``.
    """
    at_least = session.settings.seeds_at_least
    if not session.json:
        _show(session.console, plan)
    if plan.used < at_least:
        crawl = f", read it again by `cultivar crawl {shlex.quote(plan.site)}`," if known else ""
        raise InvalidInput(
            "too-few-seeds",
            f"A classifier needs at least {at_least} usable seeds; {plan.used} of "
            f"{plan.found} items are usable. Add strong examples to the folder{crawl} and repeat "
            "the command. Nothing was created.",
            {"found": plan.found, "used": plan.used},
        )
    confirmed(session, f"Create the classifier {plan.name}?", yes, default=True)


def _show(console: "Console", plan: "Plan") -> None:
    console.print(f"{strong(plan.name)} ({plan.classifier_id})")
    if plan.description:
        console.print(plan.description, markup=False)
    place = "/".join(part for part in (plan.site, plan.library, plan.folder) if part)
    console.print(
        f"Seeds: {plan.used:,} of {how_many(plan.found, 'item')} of {place}", markup=False
    )
    for reason, number in plan.skipped.items():
        console.print(f"  {number} skipped: {reason}", markup=False)
    for warning in plan.warnings:
        console.print(f"  Note: {warning}", markup=False)


@classifier_argument
def train(session: Session, name: str) -> None:
    """Read the seeds of NAME again, and train it again.

    Use it when the seeds were refused, or training broke off. Crawl the seeds' location first when
    its documents changed.
    """
    # Nothing to do is said at once, before an orchestrator is started.
    due = operations.training.training_due(session.workspace, session.actor, name)
    details = operations.classifiers.classifier_details(session.workspace, session.actor, name)
    if due:
        _train(session, details.id)
        return
    session.answer(
        {"classifier": details, "trained": False},
        lambda console: console.print(_why_not_trained(details), markup=False),
        next_of(session, details),
    )


def _why_not_trained(details: "ClassifierDetails") -> str:
    """Say that nothing was trained, and which version there is."""
    live = next((each for each in details.versions if each.id == details.published_version), None)
    version = live or details.versions[-1]
    return (
        f"Nothing was trained: a model of {details.name} was built from these seeds before. "
        f"Version {version.number} ({version.id}) is {'live' if live else 'its newest'}."
    )


def _train(session: Session, classifier: str) -> None:
    parameters = {"classifier": classifier, "actor": session.actor}
    calls = (("seed_ingest", parameters), ("training", parameters))
    run(session, "Training", *calls, subjects=[classifier])
    details = operations.classifiers.classifier_details(
        session.workspace, session.actor, classifier
    )
    doubts = _doubts(session, classifier)
    session.answer(
        {"classifier": details, "trained": True},
        lambda console: _trained(console, details, doubts, session.settings.test_items_recommended),
        f"cultivar add-test {classifier} FOLDER",
    )


def _doubts(session: Session, classifier: str) -> str | None:
    """Return what to expect of the seeds, how many are in doubt, and what names them."""
    source = operations.training.source_of(session.workspace, session.actor, classifier)
    checked = operations.training.check_seeds(session.workspace, session.actor, source, classifier)
    found = checked.found
    lines = [expected_line(found.f1, classifier)] if found.f1 else []
    if found.in_doubt:
        doubt = how_many(found.in_doubt, "seed")
        lines.append(
            f"{doubt} {'is' if found.in_doubt == 1 else 'are'} in doubt: "
            f"`cultivar seeds check {classifier}` names them and says why."
        )
    return "\n".join(lines) or None


def _trained(
    console: "Console", details: "ClassifierDetails", doubts: str | None, wanted: int
) -> None:
    version = details.versions[-1]
    console.print(
        f"{details.name} is trained: version {version.number} ({version.id}), "
        f"threshold {probability(version.threshold)}. Status: {strong(details.status)}."
    )
    show_warnings(console, details)
    if doubts:
        console.print(doubts)
    console.print(
        f"To see how good it is, give it test items: {wanted:,} or more, half of them of the "
        "category, none of them seeds."
    )


def add_to(program: click.Group) -> None:
    """Register the commands."""
    command(
        program,
        "create",
        examples=(
            'cultivar create "Supplier contracts" --seeds ./contracts',
            'cultivar create Complaints --seeds sites/Quality/complaints --description "Letters of '
            'complaint" --yes',
            "cultivar create Complaints --seeds ./complaints --plan --json",
        ),
        then="Collect test items, relevant and not, and `cultivar add-test NAME FOLDER`.",
    )(create)
    command(
        program,
        "train",
        examples=("cultivar crawl seeds", "cultivar train complaints"),
        then="`cultivar add-test NAME FOLDER`.",
    )(train)
