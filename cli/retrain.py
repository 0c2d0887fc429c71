"""Commands around a retraining: how far it is, its overview, and what a person decides.

Nothing here decides for the person.
"""

from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from cli.base.confirmation import confirmed
from cli.base.flow_runs import run
from cli.base.help import Sorted, classifier_argument, command, yes_option
from cli.base.session import Session
from cli.retrain_compare import compare
from cli.status import decision_awaited
from cli.terminal.tables import show_table
from cli.terminal.texts import strong
from cultivar import operations
from cultivar.core.figures import probability
from cultivar.core.retraining.actions import ACTIONS, MORE
from cultivar.core.roles import Action
from cultivar.core.serialisation import as_json
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from cultivar.operations.retraining.summaries import (
        ComparedItem,
        RetrainingOverview,
        RetrainingStatus,
        RetrainingSummary,
    )

FLIPS = 20
_DECIDES = (
    "Items of your content that only one of the versions labels can decide: up to 30 verdicts."
)


@click.group(cls=Sorted)
def retrain() -> None:
    """Follow retrainings, read their overview, and decide."""


@classifier_argument
def status(session: Session, name: str) -> None:
    """Show how far the classifier NAME is from its next retraining, and those so far."""
    found = operations.retraining.retraining_status(session.workspace, session.actor, name)
    feedback = operations.retraining.feedback_status(session.workspace, session.actor, name)
    barred = feedback.not_retrainable
    session.answer(
        {"retraining": as_json(found) | {"not_retrainable": barred}},
        lambda console: _show_status(console, found, barred),
        _next_of(found, barred),
    )


def _next_of(found: "RetrainingStatus", barred: "Sequence[str]") -> str | None:
    """Return what comes next: to start what is due, or to look at what waits to be decided."""
    name, last = found.classifier, found.retrainings[-1:]
    if found.code == "due" and not barred:
        return f"cultivar retrain start {quote(name)}"
    if found.heading and last and last[0].outcome == "finished":
        return f"cultivar retrain overview {quote(name)}"
    lacks = found.code == "too-little-feedback" and not barred
    return f"cultivar feedback {quote(name)}" if lacks and not found.heading else None


def _show_status(console: "Console", found: "RetrainingStatus", barred: "Sequence[str]") -> None:
    if found.heading:
        awaited = f": {decision_awaited(found.classifier)}" if found.awaits_decision else ""
        console.print(f"{strong(found.heading)}{awaited}")
    console.print(found.sentence, markup=False)
    for each in barred:
        console.print(each, markup=False)
    rows = [
        [f"No. {made.number}", f"{made.started_at:%Y-%m-%d %H:%M}", _outcome(made),
         ACTIONS.get(made.recommendation or "", ""), _decision(made, found.retrainings),
         made.retrained_version or ""]
        for made in found.retrainings
    ]  # fmt: skip
    if rows:
        columns = ("Retraining", "Started", "Outcome", "Recommendation", "Decision", "Version")
        show_table(console, columns, rows)
        newest = found.retrainings[-1]
        if newest.outcome == "failed" and newest.reason:
            console.print(_failure(newest), markup=False)


def _failure(failed: "RetrainingSummary") -> str:
    """Say why a retraining failed; of what nobody foresaw only the name of the error is kept."""
    if failed.defect:
        return (
            f"No. {failed.number} failed by a defect of Cultivar ({failed.reason}): the log of its "
            "flow run says where, and with the setting debug_log, logs/debug.log says more."
        )
    return f"No. {failed.number} failed: {failed.reason}"


def _outcome(retraining: "RetrainingSummary") -> str:
    return str(retraining.outcome or ("overdue" if retraining.overdue else "running"))


def _decision(retraining: "RetrainingSummary", all_of_them: "Sequence[RetrainingSummary]") -> str:
    """Say who decided; the newest that has finished can be decided on, the ones before cannot."""
    if retraining.decision:
        return f"{retraining.decision} by {retraining.decided_by}"
    finished = [each.number for each in all_of_them if each.outcome == "finished"]
    followed = retraining.outcome == "finished" and retraining.number != finished[-1]
    return f"none; No. {finished[-1]} followed" if followed else "open"


@classifier_argument
def start(session: Session, name: str) -> None:
    """Start the retraining of NAME that is due, here, where no server has started it."""
    operations.transactions.require_permitted(session.workspace, session.actor, Action.TRAIN, name)
    found = operations.retraining.retraining_status(session.workspace, session.actor, name)
    if not operations.retraining.may_retrain(session.workspace, found.classifier):
        raise operations.retraining.refused_to_begin(found.classifier, found.code, found.sentence)
    parameters = {"classifier": found.classifier, "actor": session.actor}
    run(session, "Retraining", ("retrain", parameters))
    _overview(session, name)


@classifier_argument
def overview(session: Session, name: str) -> None:
    """Show what the last retraining of NAME came to, both versions side by side."""
    _overview(session, name)


def _overview(session: Session, name: str) -> None:
    found = operations.retraining.overview(session.workspace, session.actor, name)
    flips = [row.item_id for row in found.items if row.flips][:FLIPS]
    names = operations.content.names_of(session.workspace, session.actor, found.classifier, flips)
    session.answer(
        {"overview": found},
        lambda console: _show_overview(console, found, names),
        _after_overview(found),
    )


def _after_overview(found: "RetrainingOverview") -> str:
    if found.may_compare:
        return f"cultivar retrain compare {found.classifier}"
    republish = found.recommendation["decision"] == "republish"
    return f"cultivar retrain {'republish' if republish else 'more'} {found.classifier}"


def _show_overview(console: "Console", found: "RetrainingOverview", names: dict[str, str]) -> None:
    action, reasons = found.recommendation["action"], list(found.recommendation["reasons"])
    if (
        found.may_compare
    ):  # one direction: more feedback is asked for only once that decides nothing
        action = "compare the versions in your content"
        reasons = [each for each in reasons if each != MORE] + [_DECIDES]
    console.print(f"Recommended: {strong(action)}")
    for reason in reasons:
        console.print(f"  {reason}", markup=False)
    columns = ("Items", "Version", "Precision", "Recall", "Accuracy", "True pos.", "False pos.")
    rows = []
    for items, versions in found.sets.items():
        for version, each in versions.items():
            shares = [_share(each[key]) for key in ("precision", "recall", "accuracy")]
            counts = [_count(each[key]) for key in ("true_positives", "false_positives")]
            rows.append([f"{items} ({each['items']})", version, *shares, *counts])
    show_table(console, columns, rows)
    console.print("In brackets: the 95 % interval.")
    _show_flips(console, found, names)


def _show_flips(console: "Console", found: "RetrainingOverview", names: dict[str, str]) -> None:
    """Print what the versions disagree on: what people said, and each score beside its bound."""
    change = "changes" if found.flips == 1 else "change"
    console.print(f"{found.flips:,} of {how_many(found.compared, 'item')} {change} sides.")
    flips = [row for row in found.items if row.flips][:FLIPS]
    rows = [
        [names.get(row.item_id, row.item_id[:12]), _said(row), _judged(row, "published"),
         _judged(row, "retrained")]
        for row in flips
    ]  # fmt: skip
    if flips:
        show_table(console, ("Item", "People said", "Published version", "Retrained version"), rows)
        console.print(
            "A version is judged by twins that have not learned from the item. Each twin matches "
            "from a probability of its own, which stands beside that of the item."
        )
    if found.flips > len(flips):
        console.print(f"{found.flips - len(flips):,} more: `--json` lists them.")


def _said(row: "ComparedItem") -> str:
    words = ("match", "not a match") if row.with_feedback else ("relevant", "not relevant")
    return words[0] if row.relevant else words[1]


def _judged(row: "ComparedItem", side: str) -> str:
    """Return a prediction with its probability beside the one from which on it would be a match."""
    score, bound, said = row.retrained_score, row.retrained_from, row.retrained_prediction
    if side == "published":
        score, bound, said = row.published_score, row.published_from, row.published_prediction
    if bound is None:
        return f"{said} ({probability(score)})"
    return f"{said} ({probability(score, bound)}; from {probability(bound, score)} on)"


def _share(figure: dict[str, float] | None) -> str:
    if figure is None:
        return "none"
    estimate, lower, upper = (100 * figure[name] for name in ("estimate", "lower", "upper"))
    return f"{estimate:.0f} % ({lower:.0f}-{upper:.0f})"


def _count(figure: dict[str, float] | None) -> str:
    return "0" if figure is None else f"{figure['estimate']:.0f}"


@classifier_argument
@click.option("--retraining", "number", type=int, help="The one you looked at.")
@click.option("--reason", help="Needed against the recommendation; it stays with your name.")
@yes_option
def republish(
    session: Session, *, name: str, number: int | None, reason: str | None, yes: bool
) -> None:
    """Make the retrained version of NAME the live one. Asks once."""
    workspace, actor = session.workspace, session.actor
    planned = operations.retraining.plan_republish(
        workspace, actor, name, number=number, reason=reason
    )
    confirmed(session, f"Publish {planned.sentence}?", yes)
    with session.working("Republishing"):
        made = operations.retraining.republish(workspace, actor, name, number=number, reason=reason)
    _show_moved(session, made)


@classifier_argument
@click.option("--retraining", "number", type=int, help="The one you looked at.")
def more(session: Session, name: str, number: int | None) -> None:
    """Keep the live version of NAME and give more feedback; 30 more items start a retraining."""
    operations.retraining.keep_published(session.workspace, session.actor, name, number=number)
    session.answer(
        {"kept": name},
        lambda console: console.print(f"The live version of {name} stays."),
        f"cultivar feedback {quote(name)} --list",
    )


@classifier_argument
@click.option(
    "--to",
    "version",
    metavar="VERSION",
    help="A version's id, or a number of those that were live: 1 is the first.",
)
@yes_option
def point_back(session: Session, name: str, version: str | None, yes: bool) -> None:
    """Make the version of NAME that was live before, or the one named, live again. Asks once."""
    planned = operations.retraining.plan_point_back(session.workspace, session.actor, name, version)
    confirmed(session, f"Point back to {planned.sentence}?", yes)
    _show_moved(
        session, operations.retraining.point_back(session.workspace, session.actor, name, version)
    )


def _show_moved(session: Session, made: Any) -> None:
    session.answer(
        {"publication": made},
        lambda console: console.print(
            f"{made.version_id} is live, by {made.actor} at {made.at:%Y-%m-%d %H:%M} UTC."
        ),
        "cultivar label",
    )


def add_to(program: click.Group) -> None:
    """Register the commands."""
    program.add_command(retrain)
    command(retrain, "status", examples=("cultivar retrain status contracts",))(status)
    command(retrain, "start", examples=("cultivar retrain start contracts",))(start)
    command(
        retrain,
        "overview",
        examples=("cultivar retrain overview contracts --json",),
        then="`cultivar retrain republish NAME`, or `more`, or nothing: the live version stays.",
    )(overview)
    command(
        retrain,
        "compare",
        examples=(
            "cultivar retrain compare contracts",
            "cultivar retrain compare contracts --csv differing.csv",
            "cultivar retrain compare contracts --verdicts differing.csv",
        ),
        then="`cultivar retrain overview NAME` says what is recommended now.",
    )(compare)
    command(
        retrain,
        "republish",
        examples=(
            "cultivar retrain republish contracts --retraining 2",
            'cultivar retrain republish contracts --reason "Agreed with the records board"',
        ),
        then="`cultivar label` classifies the content by it; `cultivar point-back NAME` undoes it.",
    )(republish)
    command(retrain, "more", examples=("cultivar retrain more contracts",))(more)
    command(
        program,
        "point-back",
        examples=("cultivar point-back contracts", "cultivar point-back contracts --to 1"),
        then="`cultivar label` classifies the content by it.",
    )(point_back)
