"""The command that shows where everything stands.

It reads the registry alone, so it answers at once.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import click

from cli.base.help import command, known_classifiers
from cli.base.left_items import show_how_many_left
from cli.base.next_command import after_classifying, next_of
from cli.base.session import Session
from cli.label import show
from cli.location import show_failed
from cli.terminal.accuracy import accuracy_text, accuracy_with_bounds, show_languages
from cli.terminal.review_state import verdicts_standing
from cli.terminal.tables import show_table
from cli.terminal.texts import strong
from cultivar import operations
from cultivar.core.lifecycle import Status, Step
from cultivar.core.review.accuracy import accuracy_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from cultivar.core.review.languages import LanguageAccuracy
    from cultivar.operations.classifiers.details import ClassifierDetails, StepState
    from cultivar.operations.classifiers.summaries import ClassifierSummary
    from cultivar.operations.gates import GateOutcome
    from cultivar.operations.runs import FailedCrawl, LastRun
    from cultivar.operations.scoring.labelling import Labelling
    from cultivar.operations.tenant.tenant import TenantState

RE_TRAINING = "Re-training"
APART = (
    "Note: the seeds are stronger examples than other documents of their kind in your content, or "
    "otherwise unlike them. Typical and borderline examples among the seeds help."
)
WITHOUT_POINTS = (
    "It labels content at the threshold of its review, as an earlier Cultivar trained or published "
    "it. A retraining, or a newer version that is published, gives content an operating point of "
    "its own; where few items are relevant, more labels are right then."
)


@dataclass(frozen=True, slots=True)
class _Overview:
    """Where everything stands."""

    tenant: "TenantState"
    classifiers: "list[ClassifierSummary]"
    archived: "list[ClassifierSummary]"
    labellings: "list[Labelling]"
    failed_crawls: "Mapping[str, FailedCrawl]"
    not_found_again: "Mapping[str, int]"


@click.argument("name", required=False, shell_complete=known_classifiers)
@click.option("--details", "every_figure", is_flag=True, help="With NAME: every figure and gate.")
def status(session: Session, name: str | None, every_figure: bool) -> None:
    """Show all classifiers by status, or where NAME stands and why."""
    workspace = session.existing_workspace()
    if workspace is None:
        session.answer(
            {"tenant": None, "classifiers": [], "labellings": []},
            lambda console: console.print(f"Nothing is set up in {session.settings.home} yet."),
            "cultivar opt-in --content FOLDER",
        )
        return
    session.workspace = workspace
    if name is None:
        _everything(session)
    else:
        _one(session, name, every_figure)


def _everything(session: Session) -> None:
    tenant = operations.tenant.tenant_state(session.workspace, session.actor)
    classifiers = operations.classifiers.list_classifiers(session.workspace, session.actor)
    archived = operations.classifiers.list_classifiers(
        session.workspace, session.actor, archived=True
    )
    labelled = operations.scoring.labellings(session.workspace, session.actor)
    failed = operations.runs.failed_crawls(session.workspace)
    left = operations.content.how_many_left(session.workspace)
    data = _Overview(tenant, classifiers, archived, labelled, failed, left)
    session.answer(data, lambda console: _show_all(console, data), _next_of_all(session, data))


def _next_of_all(session: Session, data: _Overview) -> str:
    if data.tenant.opt_in_status != "opted in":
        return "cultivar opt-in"
    if not data.classifiers:
        return 'cultivar create "NAME" --seeds FOLDER'
    for each in data.classifiers:
        if each.heading or each.retraining_due or not each.published_version:
            return f"cultivar status {each.id}"
    first, *others = data.classifiers
    return after_classifying(session, None if others else first.id)


def _show_archived(console: "Console", archived: "list[ClassifierSummary]") -> None:
    if archived:
        console.print(f"  {strong('Archived')}")
    for each in archived:
        console.print(f"    {each.name} ({each.id}), by {each.owner}", markup=False)


def _show_all(console: "Console", data: _Overview) -> None:
    tenant = data.tenant
    documents = f", baseline of {tenant.baseline_documents:,} documents"
    console.print(
        f"{tenant.name}: {tenant.opt_in_status}{documents if tenant.baseline_documents else ''}"
    )
    if tenant.overdue:
        console.print("The baseline takes longer than it may; `cultivar opt-in` takes it up again.")
    console.print("\n" + strong("Trainable classifiers"))
    if not data.classifiers:
        console.print("  none yet")
    for heading in (*map(str, Status), RE_TRAINING):
        inside = [each for each in data.classifiers if _heading(each) == heading]
        if inside:
            console.print(f"  {strong(heading)}")
        for each in inside:
            console.print(f"    {_line(each)}", markup=False)
    _show_archived(console, data.archived)
    if data.labellings:
        console.print()
        show(console, data.labellings)
    if data.failed_crawls:
        console.print()
        show_failed(console, data.failed_crawls)
    show_how_many_left(console, data.not_found_again)


def _heading(each: "ClassifierSummary") -> str:
    """Return where a classifier stands: its status, or Re-training until that is decided."""
    return str(each.heading or each.status)


def _line(each: "ClassifierSummary") -> str:
    live = f", published {each.published_version}" if each.published_version else ""
    due = ", retraining due" if each.retraining_due else ""
    waits = ", retraining has finished and waits for a decision" if each.awaits_decision else ""
    return f"{each.name} ({each.id}), by {each.owner}{live}{due}{waits}"


def decision_awaited(classifier: str) -> str:
    """Return the sentence of a retraining that has finished and that nobody has decided on."""
    return (
        "it has finished and waits for a person's decision: `cultivar retrain overview "
        f"{classifier}` shows both versions, then `cultivar retrain republish {classifier}` or "
        f"`cultivar retrain more {classifier}`."
    )


def _one(session: Session, name: str, every_figure: bool) -> None:
    details = operations.classifiers.classifier_details(session.workspace, session.actor, name)
    languages: list[LanguageAccuracy] = []
    if details.review.decided:  # only then is the test set read
        languages = operations.review.accuracy_by_language(session.workspace, session.actor, name)
    session.answer(
        {"classifier": details, "languages": languages},
        lambda console: _show_one(console, details, languages, every_figure),
        next_of(session, details),
    )


def _show_one(
    console: "Console",
    details: "ClassifierDetails",
    languages: "Sequence[LanguageAccuracy]",
    every_figure: bool,
) -> None:
    console.print(f"{strong(details.name)} ({details.id}), {details.kind}, by {details.owner}")
    if details.description:
        console.print(details.description, markup=False)
    console.print(f"Status: {strong(details.status)} since {_moment(details.status_at)}")
    if details.status_reason:
        console.print(details.status_reason, markup=False)
    if details.heading:
        said = (
            f"{decision_awaited(details.id)}"
            if details.awaits_decision
            else f"it runs; see `cultivar retrain status {details.id}`."
        )
        console.print(f"{strong(details.heading)}: {said}")
    _show_run(console, details.last_run)
    _show_steps(console, details.steps)
    show_warnings(console, details)
    _show_review(console, details, every_figure)
    if every_figure or len(languages) > 1:
        show_languages(console, languages)
    _show_gates(console, details, every_figure)
    _show_live(console, details)
    _show_publish(console, details)


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "never"


def _show_run(console: "Console", run: "LastRun | None") -> None:
    if run is None or run.outcome == "completed":
        return
    stage = run.stage.replace("_", " ").capitalize()
    if run.ended_at is None:
        of = f" of {run.total:,}" if run.total else ""
        far = f": {run.done:,}{of}" if run.done else ""
        console.print(f"{stage} runs since {_moment(run.started_at)}{far}.")
    elif run.outcome == "abandoned" or run.reason == operations.runs.INTERRUPTED:
        console.print(
            f"{stage} began at {_moment(run.started_at)} and broke off: {run.reason}. What "
            "it had done is kept."
        )


def _show_steps(console: "Console", steps: "Sequence[StepState]") -> None:
    # a version is published, not items: that step has no number
    rows = [
        [
            each.step.capitalize(),
            "" if each.step == Step.PUBLISH else f"{each.items:,}",
            each.status,
        ]
        for each in steps
    ]
    show_table(console, ("Step", "Items", "Status"), rows)


def _show_review(console: "Console", details: "ClassifierDetails", every_figure: bool) -> None:
    review = details.review
    if review.items:
        console.print(
            f"Review: {review.reviewed:,} of {review.items:,} items have a verdict; "
            f"{review.decided:,} are decided in closed batches "
            f"({review.reviews_needed:,} are needed)."
        )
    content = details.from_content
    if content.judged or content.batch is not None:
        console.print(
            f"From the content: {verdicts_standing(content)} "
            f"`cultivar review {details.id} --from content` goes on.",
            markup=False,
        )
    if review.accuracy is not None:
        console.print(f"Accuracy in review: {accuracy_text(review)}, of {details.reviewed_version}")
    if review.accuracy is not None and every_figure:
        console.print(f"  {accuracy_with_bounds(review)}", markup=False)


def _show_live(console: "Console", details: "ClassifierDetails") -> None:
    """Print the live version with the figures that are its own."""
    live = details.live
    if live is None:
        return
    made = f" (retraining {live.retraining})" if live.retraining else ""
    console.print(
        f"Live: {live.version}{made} since {_moment(live.since)}, by {live.by}",
        markup=False,
    )
    for name, found in (live.retrained or {}).items():
        if found.accuracy is not None:
            share = 100 * found.accuracy["estimate"]
            console.print(f"  right on {share:.0f} % of {found.items:,} {name}")
    if live.reviewed and live.version != details.reviewed_version:
        stated = accuracy_in_words(live.reviewed.accuracy, live.reviewed.assured)
        console.print(f"  accuracy in its review: {stated}")
    if live.operating_point is None:
        console.print(WITHOUT_POINTS)
        return
    console.print(f"In your content: labels at the operating point {live.operating_point}.")
    if live.expected:
        console.print(live.expected, markup=False)


def _show_gates(console: "Console", details: "ClassifierDetails", every_figure: bool) -> None:
    closed = [each for each in details.gates if each.outcome != "pass"]
    shown = details.gates if every_figure else closed
    if shown:
        parts = [f"{each.gate} {_outcome(each)}" for each in shown]
        console.print(f"Gates: {', '.join(parts)}", markup=False)
    for each in closed:
        for check in each.checks:
            if check.outcome != "pass":
                console.print(f"  {check.code}: {check.sentence}", markup=False)


def _outcome(gate: "GateOutcome") -> str:
    by = gate.overridden_by
    return f"overridden by {by} ({gate.override_reason})" if by else str(gate.outcome)


def show_warnings(console: "Console", details: "ClassifierDetails") -> None:
    """Print what the newest training warns of."""
    if details.versions and details.versions[-1].training.get("seeds_apart"):
        console.print(APART)


def _show_publish(console: "Console", details: "ClassifierDetails") -> None:
    if details.retraining_due:
        waits = details.retraining_held_back
        starts = (
            f"`cultivar retrain start {details.id}` starts it; where `cultivar up` runs, it "
            "starts automatically."
        )
        console.print(f"{strong('A retraining is due')}: {waits or starts}")
    if details.publish_shut_because and not operations.classifiers.is_newest_live(details):
        console.print("Publish is not open:")
        for reason in details.publish_shut_because:
            console.print(f"  {reason}", markup=False)
    left = details.review.reviews_left
    needed = details.review.items_needed
    if left and not needed and details.status == "Ready to review":
        console.print(f"About {left} more reviews are needed.")


def add_to(program: click.Group) -> None:
    """Register the commands."""
    command(
        program,
        "status",
        examples=(
            "cultivar status",
            "cultivar status complaints",
            "cultivar status complaints --details",
            "cultivar status --json",
        ),
        then="Its last line names the next command.",
    )(status)
