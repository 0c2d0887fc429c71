"""The command that gives feedback on what a published classifier lists in mail.

Verdicts of one call are kept together or not at all; what they amount to is the operation's to say.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.base.files import (
    list_options,
    read_verdicts,
    verdict_options,
)
from cli.base.help import classifier_argument, command
from cli.base.session import Session
from cli.feedback_list import list_judgeable
from cli.feedback_sends import list_sends
from cli.feedback_sends import withdraw as withdraw_whole
from cli.retrain import start
from cli.terminal.listed_mail import STARTS_ELSEWHERE, ListedMail, starts_elsewhere
from cli.terminal.reviewer import Reviewer
from cli.terminal.texts import printable, strong
from cultivar import operations
from cultivar.core.figures import probability_in_words
from cultivar.core.retraining.feedback import MATCH, NOT_A_MATCH
from cultivar.core.review.verdict_files import FEEDBACK, answers_by_item
from cultivar.core.roles import Action
from cultivar.core.serialisation import as_json
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.operations.retraining.feedback import Sent, Verdict
    from cultivar.operations.retraining.feedback_views import FeedbackStatus


@classifier_argument
@click.option(
    "--match", "matches", multiple=True, metavar="ITEM", help="Mark ITEM as a match (repeatable)."
)
@click.option(
    "--not-a-match",
    "others",
    multiple=True,
    metavar="ITEM",
    help="Mark ITEM as not a match (repeatable).",
)
@verdict_options(
    "relevant (yes, no: whether the document is one of the kind) or verdict (match, not a match); "
    "and suggest if wanted"
)
@click.option("--suggest", multiple=True, metavar="CLASSIFIER", help="It also judges the items.")
@click.option("--copies", is_flag=True, help="Exact copies that are listed take the verdict over.")
@click.option("--withdraw", multiple=True, metavar="ITEM", help="Take your verdict back.")
@click.option("--sends", is_flag=True, help="List what was sent at once.")
@click.option(
    "--withdraw-send",
    type=click.IntRange(min=1),
    metavar="NUMBER",
    help="Take all of one send back, as of a wrong file.",
)
@list_options("what can be judged, close matches first", "all of that")
def feedback(
    session: Session,
    *,
    name: str,
    matches: tuple[str, ...],
    others: tuple[str, ...],
    file: Path | None,
    skip_empty: bool,
    suggest: tuple[str, ...],
    copies: bool,
    withdraw: tuple[str, ...],
    sends: bool,
    withdraw_send: int | None,
    only_list: bool,
    target: Path | None,
) -> None:
    """Judge what the classifier NAME lists: match, or not a match.

    Without an option, at a terminal, it shows one item after another: y match, n not a match, m
    skip, s suggest another classifier, u take back, o open the document, ? help, q quit. Verdicts
    wait on this machine until Enter sends them together; nothing counts before. In a script it
    shows what stands. Close matches help most.

    From 30 judged items on, a retraining is due: a verdict that changes one which an earlier
    retraining used counts again, one that repeats it does not.

    ITEM is a path as the lists print it, with or without its location, a file name that only one
    item has, an id, or the start of one.
    """
    listing = only_list or target is not None
    whole_send = sends or withdraw_send is not None
    asked = (
        listing,
        bool(withdraw),
        whole_send,
        bool(matches or others or file or suggest or copies),
    )
    if sum(asked) > 1:
        raise click.UsageError("Judge items, take verdicts back, or list: one at a time.")
    if (suggest or copies) and not (matches or others or file):
        option = "--suggest" if suggest else "--copies"
        raise click.UsageError(f"{option} goes with --match, --not-a-match or --verdicts.")
    if listing:
        return list_judgeable(session, name, target)
    if whole_send:
        return _whole_send(session, name, withdraw_send)
    if withdraw:
        return _withdraw(session, name, withdraw)

    who = session.workspace, session.actor
    if matches or others or file:
        operations.transactions.require_permitted(*who, Action.TRAIN, name)
    whole = operations.retraining.items_to_send(*who, name, (*matches, *others))
    given = [operations.retraining.Verdict(item, MATCH, suggest) for item in whole[: len(matches)]]
    given += [
        operations.retraining.Verdict(item, NOT_A_MATCH, suggest) for item in whole[len(matches) :]
    ]
    given += _from_file(session, name, file, suggest, skip_empty=skip_empty) if file else []
    if given:
        return _send(session, name, given, copies=copies)
    return _by_keys(session, name) if session.interactive else _standing(session, name)


def _whole_send(session: Session, name: str, number: int | None) -> None:
    return list_sends(session, name) if number is None else withdraw_whole(session, name, number)


def _from_file(
    session: Session, name: str, file: Path, suggest: tuple[str, ...], *, skip_empty: bool
) -> "list[Verdict]":
    said = read_verdicts(file, FEEDBACK, skip_empty=skip_empty)
    asked = [line.item for line in said.lines]
    names = operations.retraining.names_to_judge(session.workspace, session.actor, name, asked)
    found = answers_by_item(said, names, operations.retraining.NOT_LISTED)
    return [
        operations.retraining.Verdict(
            item_id, line.answer, suggest or ((line.suggest,) if line.suggest else ())
        )
        for item_id, line in found.items()
    ]


def _by_keys(session: Session, name: str) -> None:
    """Judge by keys; what is due afterwards and starts nowhere else starts here."""
    pile = ListedMail(session, name)
    try:
        Reviewer(session, pile).run()
    except KeyboardInterrupt:
        session.tell(_kept(pile.unsent, pile.classifier))
        raise
    if pile.ended:
        session.tell(pile.ended)
    places = _places(session, name) if any(sent.evaluations for sent in pile.sent) else {}
    for sent in pile.sent:
        _show_sent(session.console, sent, pile.starts_elsewhere, places)
    if pile.sent and pile.sent[-1].due and not pile.starts_elsewhere:
        return start(session, pile.classifier)
    console = session.console
    console.print(_kept(pile.unsent, pile.classifier), markup=False)
    if pile.is_all_judged and pile.missing:
        console.print(
            f"Every listed item is judged, and {pile.missing} more make a retraining due: mail "
            "that is crawled and classified from now on, or other verdicts on what an earlier "
            "retraining used."
        )
    console.print(f"Next: {strong(_after(pile))}")
    return None


def _after(pile: "ListedMail") -> str:
    """Return the command that comes next after a sitting."""
    if pile.unsent:
        return f"cultivar feedback {pile.classifier}"
    if pile.starts_elsewhere or not pile.missing:
        return f"cultivar retrain status {pile.classifier}"
    return "cultivar crawl" if pile.is_all_judged else f"cultivar feedback {pile.classifier}"


def _kept(unsent: int, classifier: str) -> str:
    if not unsent:
        return "No verdict waits to be sent."
    are = "is" if unsent == 1 else "are"
    return (
        f"{how_many(unsent, 'verdict')} {are} kept here and not sent; `cultivar feedback "
        f"{classifier}` goes on from there."
    )


def _send(session: Session, name: str, given: "list[Verdict]", *, copies: bool) -> None:
    who = session.workspace, session.actor
    sent = operations.retraining.give_feedback(*who, name, given, copies=copies)
    started = sent.due and starts_elsewhere(session, sent)
    then = "cultivar retrain status" if started or not sent.due else "cultivar retrain start"
    places = _places(session, name) if sent.evaluations else {}
    session.answer(
        {"sent": as_json(sent) | {"nudged": started}},
        lambda console: _show_sent(console, sent, started, places),
        f"{then} {sent.classifier_id}",
    )


def _places(session: Session, name: str) -> dict[str, str]:
    """Return item id → how lists print it, of the items with a verdict that the person may see."""
    named = operations.retraining.names_judged(session.workspace, session.actor, name)
    return {item_id: each.shown for item_id, each in named.items()}


def _show_sent(console: "Console", sent: "Sent", started: bool, places: dict[str, str]) -> None:
    console.print(f"{sent.kept} {sent.sentence}", markup=False)
    for each in sent.evaluations:
        what = printable(places.get(each.item_id, each.item_id))
        said = f"{each.prediction} ({probability_in_words(each.score)})"
        console.print(f"{each.classifier_id} says of {what}: {said}", markup=False)
    if sent.due and started:
        console.print(STARTS_ELSEWHERE)


def _withdraw(session: Session, name: str, items: tuple[str, ...]) -> None:
    whole = operations.retraining.items_to_withdraw(session.workspace, session.actor, name, items)
    sent = operations.retraining.withdraw_feedback(
        session.workspace, session.actor, name, list(dict.fromkeys(whole))
    )
    session.answer(
        {"withdrawn": sent},
        lambda console: console.print(
            f"{how_many(sent.items, 'verdict')} taken back. {sent.sentence}", markup=False
        ),
    )


def _standing(session: Session, name: str) -> None:
    found = operations.retraining.feedback_status(session.workspace, session.actor, name)
    places = _places(session, name)
    verdicts = [as_json(each) | {"path": places.get(each.item_id)} for each in found.verdicts]
    session.answer(
        {"feedback": as_json(found) | {"verdicts": verdicts}},
        lambda console: _show_standing(console, found, places),
    )


def _show_standing(console: "Console", found: "FeedbackStatus", places: dict[str, str]) -> None:
    console.print(found.sentence, markup=False)
    for sentence in found.not_retrainable:
        console.print(sentence, markup=False)
    for each in found.verdicts:
        what = printable(places.get(each.item_id, each.item_id))
        console.print(f"{each.verdict}  {what}  by {each.person}", markup=False)


def add_to(program: click.Group) -> None:
    """Register the commands."""
    command(
        program,
        "feedback",
        examples=(
            "cultivar feedback contracts",
            "cultivar feedback contracts --list",
            "cultivar feedback contracts --match mail/ada/inbox/12.eml --not-a-match 77c1d0",
            "cultivar feedback contracts --match 12.eml --copies",
            "cultivar feedback contracts --csv to-judge.csv",
            "cultivar feedback contracts --verdicts to-judge.csv --skip-empty",
            "cultivar feedback contracts --withdraw-send 3",
        ),
        then="With 30 judged items a retraining is due; `cultivar retrain status NAME` follows it.",
    )(feedback)
