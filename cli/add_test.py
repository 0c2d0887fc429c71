"""The commands that add test items and take a folder of them out again.

Which are used and what the gates say is decided elsewhere.
"""

from typing import TYPE_CHECKING, Any

import click

from cli.base.confirmation import confirmed
from cli.base.flow_runs import run
from cli.base.help import classifier_argument, command, yes_option
from cli.base.session import Session
from cli.base.sources import source_named
from cli.terminal.review_state import next_in_review
from cultivar import operations
from cultivar.core.lifecycle import Event, transition_for
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.operations.training.test_sets import TestSetReport


LISTED_AT_MOST = 5


@classifier_argument
@click.argument("source")
@yes_option
def add_test(session: Session, name: str, source: str, yes: bool) -> None:
    """Add the documents of SOURCE to the test items of NAME.

    SOURCE is site/library/folder, a path, or a URL. Give 200 items or more, half of them of the
    category, none of them seeds. Folders positive/ and negative/, or a labels.csv (path,label),
    declare what items are: the balance check then uses that; the model never sees it.
    """
    operations.transactions.require_permitted(session.workspace, session.actor, Action.TRAIN, name)
    before = operations.classifier_state.classifier_state(session.workspace, name)
    classifier_id = before.classifier_id
    # Too early is said at once, before anything is crawled or started.
    transition_for(Event.TESTING_STARTED, before.status, classifier_id)
    place = source_named(session, source, "test", yes=yes)
    text = "/".join(part for part in (place.site, place.prefix) if part)
    parameters = {
        "classifier": classifier_id,
        "source": text,
        "actor": session.actor,
    }
    subjects = [classifier_id]
    run(session, "Scoring test items", ("test_scoring", parameters), subjects=subjects)
    _answer(session, classifier_id, {})


def _answer(session: Session, classifier_id: str, more: dict[str, Any]) -> None:
    after = operations.classifier_state.classifier_state(session.workspace, classifier_id)
    test_set: ArtifactReference = session.workspace.artifacts.reference(after.test_set_sha256)
    report = operations.training.report_test_set(session.workspace, classifier_id, test_set)
    unused = operations.training.left_out(session.workspace, classifier_id, test_set)
    plain = _plain(report) | {"left_out": unused}
    state = operations.review.review_state(session.workspace, session.actor, classifier_id)
    session.answer(
        {"classifier": after.classifier_id, "status": str(after.status), "test": plain} | more,
        lambda console: _show(console, report, unused),
        next_in_review(state),
    )


@classifier_argument
@click.argument("source")
@yes_option
def remove_test(session: Session, name: str, source: str, yes: bool) -> None:
    """Take the folder SOURCE out of the test items of NAME; no file is touched.

    SOURCE is named as for add-test. Items that reviewers have seen stay, as accuracy rests on them.
    """
    place = operations.training.source_in_use(session.workspace, session.actor, name, source)
    uses = operations.training.uses_of_source(session.workspace, session.actor, name, place)
    before = operations.classifier_state.classifier_state(session.workspace, name)
    text = "/".join(part for part in (place.site, place.prefix) if part)
    confirmed(session, f"Take {text} out of the test items of {before.name}? {uses.sentence}.", yes)
    parameters = {
        "classifier": before.classifier_id,
        "source": text,
        "actor": session.actor,
        "remove": True,
    }
    subjects = [before.classifier_id]
    run(session, "Scoring test items", ("test_scoring", parameters), subjects=subjects)
    _answer(session, before.classifier_id, {"removed": uses})


def _plain(report: "TestSetReport") -> dict[str, Any]:
    return {
        "found": report.selection.found,
        "used": report.selection.used,
        "skipped": dict(report.selection.skipped),
        "declared": report.declared,
        "overlapping": report.overlapping,
        "warnings": list(report.warnings),
    }


def _show(console: "Console", report: "TestSetReport", unused: list[dict[str, str | None]]) -> None:
    used, found = report.selection.used, report.selection.found
    console.print(f"The test set holds {how_many(used, 'item')} ({found:,} found).")
    for reason, number in report.selection.skipped.items():
        console.print(f"  {number:,} left out: {reason}", markup=False)
    for each in unused[:LISTED_AT_MOST]:
        why = f"equals {each['equals']}" if each["equals"] else each["reason"]
        console.print(f"    {each['path']}: {why}", markup=False)
    if len(unused) > LISTED_AT_MOST:
        console.print(f"    {len(unused) - LISTED_AT_MOST:,} more; --json lists all.")
    for warning in report.warnings:
        console.print(f"  Note: {warning}", markup=False)


def add_to(program: click.Group) -> None:
    """Register the commands."""
    command(
        program,
        "add-test",
        examples=(
            "cultivar add-test complaints ./test",
            "cultivar add-test complaints sites/Quality/test --yes",
        ),
        then="`cultivar review NAME`. More test items can be added at any time; what is reviewed "
        "stays reviewed.",
    )(add_test)
    command(
        program,
        "remove-test",
        examples=("cultivar remove-test complaints ./test",),
        then="`cultivar status NAME` names the folders that test items are from.",
    )(remove_test)
