"""The command that gives feedback on what a published classifier lists in mail.

Verdicts of one call are kept together or not at all; what they amount to is the operation's to say.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.cli.files import verdict_rows
from flows.cli.session import Session
from flows.cli.teaching import classifier_argument, command

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.operations.feedback import Verdict

SHOWN = 30
WHOLE_ID = 32


@classifier_argument
@click.option("--match", "matches", multiple=True, metavar="ITEM", help="It is one; repeatable.")
@click.option("--not-a-match", "others", multiple=True, metavar="ITEM", help="It is none.")
@click.option(
    "--verdicts",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV with the columns item_id, verdict (match, not a match), and suggest if wanted.",
)
@click.option("--suggest", multiple=True, metavar="CLASSIFIER", help="It also judges the items.")
@click.option("--withdraw", multiple=True, metavar="ITEM", help="Take your verdict back.")
@click.option("--list", "only_list", is_flag=True, help="List what can be judged, close first.")
def feedback(
    session: Session,
    *,
    name: str,
    matches: tuple[str, ...],
    others: tuple[str, ...],
    file: Path | None,
    suggest: tuple[str, ...],
    withdraw: tuple[str, ...],
    only_list: bool,
) -> None:
    """Judge what the classifier NAME lists: match, or not a match.

    All verdicts of one call are sent together. From 30 judged items on, a retraining starts by
    itself. Close matches help most. Without an option it shows what stands. ITEM is what --list
    shows: an id, how one begins, or where the item is.
    """
    asked = (only_list, bool(withdraw), bool(matches or others or file or suggest))
    if sum(asked) > 1:
        raise click.UsageError("Judge items, take verdicts back, or list: one at a time.")
    if suggest and not (matches or others or file):
        raise click.UsageError("--suggest goes with --match, --not-a-match or --verdicts.")
    if only_list:
        return _list(session, name)
    if withdraw:
        return _withdraw(session, name, withdraw)
    from cultivar.core.feedback import MATCH, NOT_A_MATCH
    from cultivar.operations.feedback import Verdict

    whole = _whole(session, (*matches, *others), lambda: _listed_ids(session, name))
    given = [Verdict(item, MATCH, suggest) for item in whole[: len(matches)]]
    given += [Verdict(item, NOT_A_MATCH, suggest) for item in whole[len(matches) :]]
    given += _from_file(file, suggest) if file else []
    return _send(session, name, given) if given else _standing(session, name)


def _whole(session: Session, items: Sequence[str], known: Callable[[], Iterable[str]]) -> list[str]:
    """Return whole ids: of what can be judged the one that begins so, or of any item named so."""
    if all(len(item) >= WHOLE_ID for item in items):
        return list(items)
    from cultivar.operations.opening import SHORTEST_ID, item_id_of

    ids = list(known())
    whole = []
    for item in items:
        begun = [id_ for id_ in ids if len(item) >= SHORTEST_ID and id_.startswith(item)]
        whole.append(
            begun[0] if len(begun) == 1 else item_id_of(session.workspace, session.actor, item)
        )
    return whole


def _listed_ids(session: Session, name: str) -> list[str]:
    from cultivar.operations.feedback_views import items_to_judge

    return [each.item_id for each in items_to_judge(session.workspace, session.actor, name)]


def _from_file(file: Path, suggest: tuple[str, ...]) -> "list[Verdict]":
    from cultivar.operations.feedback import Verdict

    return [
        Verdict(
            row["item_id"].strip(),
            row["verdict"].strip().lower(),
            suggest or ((row["suggest"].strip(),) if row.get("suggest", "").strip() else ()),
        )
        for row in verdict_rows(file)
    ]


def _send(session: Session, name: str, given: "list[Verdict]") -> None:
    from cultivar.operations.feedback import give_feedback

    sent = give_feedback(session.workspace, session.actor, name, given)
    started = False
    if sent.due:
        from flows.nudging import nudge

        started = nudge(session.settings, sent.classifier_id, session.actor)
    then = "cultivar retrain status" if started or not sent.due else "cultivar retrain start"
    session.answer(
        {"sent": sent.as_dict() | {"nudged": started}},
        lambda console: _show_sent(console, sent.as_dict(), started),
        f"{then} {sent.classifier_id}",
    )


def _show_sent(console: "Console", sent: dict[str, Any], started: bool) -> None:
    console.print(f"{sent['items']} verdicts are kept. {sent['sentence']}", markup=False)
    for each in sent["evaluations"]:
        console.print(
            f"{each['classifier_id']} says of {each['item_id'][:12]}: {each['prediction']} "
            f"({each['score']:.2f})",
            markup=False,
        )
    if sent["due"] and not started:
        console.print("No Prefect server runs; the next `cultivar up` starts the retraining.")


def _withdraw(session: Session, name: str, items: tuple[str, ...]) -> None:
    from cultivar.operations.feedback import withdraw_feedback

    whole = _whole(session, items, lambda: _own_ids(session, name))
    sent = withdraw_feedback(session.workspace, session.actor, name, list(dict.fromkeys(whole)))
    session.answer(
        {"withdrawn": sent.as_dict()},
        lambda console: console.print(
            f"{sent.items} verdicts are taken back. {sent.sentence}", markup=False
        ),
    )


def _own_ids(session: Session, name: str) -> list[str]:
    from cultivar.operations.feedback_views import feedback_standing

    found = feedback_standing(session.workspace, session.actor, name)
    return [each["item_id"] for each in found["verdicts"] if each["person"] == session.actor]


def _standing(session: Session, name: str) -> None:
    from cultivar.operations.feedback_views import feedback_standing

    found = feedback_standing(session.workspace, session.actor, name)
    session.answer({"feedback": found}, lambda console: _show_standing(console, found))


def _show_standing(console: "Console", found: dict[str, Any]) -> None:
    console.print(found["sentence"], markup=False)
    for sentence in found["not_retrainable"]:
        console.print(sentence, markup=False)
    for each in found["verdicts"]:
        console.print(f"{each['item_id']}  {each['verdict']}  by {each['person']}", markup=False)


def _list(session: Session, name: str) -> None:
    from cultivar.operations.feedback_views import items_to_judge

    found = items_to_judge(session.workspace, session.actor, name)
    rows = [
        {
            "item_id": each.item_id,
            "prediction": each.prediction,
            "score": each.score,
            "location": each.known["location"],
            "folder": each.known["folder"],
            "name": each.known["name"],
            "policy": each.policy,
        }
        for each in found
    ]
    session.answer({"items": rows}, lambda console: _show_items(console, rows))


def _show_items(console: "Console", rows: list[dict[str, Any]]) -> None:
    from flows.cli.tables import Ids, show_table

    cells = []
    for row in rows[:SHOWN]:
        where = "/".join(part for part in (row["location"], row["folder"], row["name"]) if part)
        cells.append([row["item_id"], row["prediction"], f"{row['score']:.2f}", where])
    columns = (Ids("Item", piped=WHOLE_ID), "Prediction", "Score", "Where")
    show_table(console, columns, cells, lead="Where")
    console.print(f"{len(rows)} items can be judged; --json lists them all.")


def add_to(program: click.Group) -> None:
    """Add the commands of this room."""
    command(
        program,
        "feedback",
        examples=(
            "cultivar feedback contracts --list",
            "cultivar feedback contracts --match 3fa94c --not-a-match 77c1d0 --suggest invoices",
            "cultivar feedback contracts --verdicts verdicts.csv",
        ),
        then="The 30th judged item starts a retraining; `cultivar retrain status NAME` follows it.",
    )(feedback)
