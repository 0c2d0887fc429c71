"""Commands that create a classifier from seeds, and train it again after a refusal.

What makes a seed and what is learned is decided elsewhere.
"""

from typing import TYPE_CHECKING, Any

import click

from cultivar.core.errors import InvalidInput, NotReady
from flows.cli.session import Session
from flows.cli.status import show_warnings
from flows.cli.teaching import classifier_argument, command, yes_option
from flows.cli.texts import strong

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.operations.classifiers import Plan


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
    from cultivar.operations.classifiers import create_classifier, plan_classifier
    from flows.cli.places import source_named

    source = source_named(session, seeds, "seed", yes=yes)
    plan = plan_classifier(session.workspace, session.actor, name, description, source)
    if only_plan:
        repeat = f'cultivar create "{plan.name}" --seeds {seeds} --yes'
        session.answer({"plan": plan.as_dict()}, lambda console: _show(console, plan), repeat)
        return
    _agree(session, plan, yes)
    create_classifier(session.workspace, session.actor, name, description, source)
    _train(session, plan.classifier_id)


def _agree(session: Session, plan: "Plan", yes: bool) -> None:
    """Show the plan, and go on only when a person agrees to it."""
    from cultivar.core.limits import SEEDS_AT_LEAST

    if not session.json:
        _show(session.console, plan)
    if plan.used < SEEDS_AT_LEAST:
        raise InvalidInput(
            "too-few-seeds",
            f"A classifier needs at least {SEEDS_AT_LEAST} usable seeds; {plan.used} of "
            f"{plan.found} items are usable. Add strong examples to the folder and crawl "
            f"{plan.site} again. Nothing was created.",
            {"found": plan.found, "used": plan.used},
        )
    if yes or (session.interactive and click.confirm("Create it?", default=True)):
        return
    raise NotReady(
        "not-confirmed", "Nothing was created. Repeat the command with --yes to create it."
    )


def _show(console: "Console", plan: "Plan") -> None:
    console.print(f"{strong(plan.name)} ({plan.classifier_id})")
    if plan.description:
        console.print(plan.description, markup=False)
    place = "/".join(part for part in (plan.site, plan.library, plan.folder) if part)
    console.print(f"Seeds: {plan.used} of {plan.found} items of {place}", markup=False)
    for reason, number in plan.skipped.items():
        console.print(f"  {number} skipped: {reason}", markup=False)
    for warning in plan.warnings:
        console.print(f"  Note: {warning}", markup=False)


@classifier_argument
def train(session: Session, name: str) -> None:
    """Take the seeds of NAME in again, and train it.

    For when they were refused, or training broke off. Crawl the seeds' location first when its
    documents changed.
    """
    from cultivar.operations.standing import standing_of

    _train(session, standing_of(session.workspace, name).classifier_id)


def _train(session: Session, classifier: str) -> None:
    from cultivar.operations.details import classifier_details
    from flows.cli.running import run

    parameters = {"classifier": classifier, "actor": session.actor}
    calls = (("seed_ingest", parameters), ("training", parameters))
    run(session, "Training", *calls, subjects=[classifier])
    details = classifier_details(session.workspace, session.actor, classifier)
    session.answer(
        {"classifier": details},
        lambda console: _trained(console, details),
        f"cultivar add-test {classifier} FOLDER",
    )


def _trained(console: "Console", details: dict[str, Any]) -> None:
    version = details["versions"][-1]
    console.print(
        f"{details['name']} is trained: version {version['number']} ({version['id']}), "
        f"threshold {version['threshold']:.2f}. Status: {strong(details['status'])}."
    )
    show_warnings(console, details)
    console.print(
        "To see how good it is, give it test items: 200 or more, half of them of the category, "
        "none of them seeds."
    )


def add_to(program: click.Group) -> None:
    """Add the commands of this room."""
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
