"""Commands that apply policies' labels and take them back.

Evaluating, checking and applying are the flows'.
"""

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from cli.base.confirmation import confirmed, require_somebody
from cli.base.flow_runs import run
from cli.base.help import command, location_argument, yes_option
from cli.base.next_command import after_classifying
from cli.base.session import Session
from cli.policy_dry_run import print_wrong
from cli.terminal.tables import show_table
from cultivar import operations
from cultivar.core.errors import NotPermitted
from cultivar.core.roles import Action
from cultivar.core.vocabulary import how_many
from processes.prefect_server import server

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.operations.policies.policy_changes import ChangedLabel
    from cultivar.operations.policies.undo import Undone

SHOWN = 10
_COUNTS = ("items", "labels", "added", "removed", "changed")
_CHANGES = ("added", "removed", "changed")
_HEADINGS = ("Location", "State", "Items", "Labels", "Added", "Removed", "Changed", "Set by hand")


@location_argument
@click.option("--preview", is_flag=True, help="Show what would change; change nothing.")
@click.option(
    "--accept", "accepted", multiple=True, metavar="TOKEN",
    help="Accept the difference with this token, as a run before named it; may be repeated.",
)  # fmt: skip
@click.option(
    "--list",
    "listed",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="List up to N changes a location.",
)
@yes_option
def apply(
    session: Session,
    *,
    locations: tuple[str, ...],
    preview: bool,
    accepted: tuple[str, ...],
    listed: int,
    yes: bool,
) -> None:
    """Apply every enabled policy at LOCATIONS, or to all content.

    Shows what changes and asks once. With --yes locations where labels are only added are labelled:
    where another version of a policy or a classifier would take back or change labels, the
    difference of the location waits until it is accepted.
    """
    operations.transactions.require_permitted(session.workspace, session.actor, Action.LABEL)
    operations.content.require_content(session.workspace, locations)
    parameters: dict[str, Any] = {"locations": list(locations) or None, "actor": session.actor}
    if preview:
        found = _applied(session, parameters | {"preview": True})
    elif yes or accepted:
        if accepted:
            waits = _applied(session, parameters | {"preview": True})
            operations.policies.require_waiting(
                accepted, {each["token"]: each["location"] for each in waits if each["waits"]}
            )
        agreed = {"accepted": list(accepted), "additions": yes}
        found = _applied(session, parameters | agreed)
    else:
        found = _asked(session, parameters, listed)
    if listed and session.json:
        found = [each | {"changes": _changes(session, each, listed)} for each in found]
    session.answer(
        {"locations": found},
        lambda console: _show_done(session, console, found, listed),
        _then(session, found),
    )


def _applied(session: Session, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    (found,) = run(session, "Applying policies", ("apply_policies", parameters))
    return list(found)


def _asked(session: Session, parameters: dict[str, Any], listed: int) -> list[dict[str, Any]]:
    """Show what would change, and apply exactly that when a person agrees.

    Raises:
        Conflict: code ``not-confirmed``.
    """
    require_somebody(session, "Apply the labels of every enabled policy?")
    with server.running(session.settings, session.tell):
        found = _applied(session, parameters | {"preview": True})
        counts = {name: sum(each["counts"][name] for each in found) for name in _CHANGES}
        if any(counts.values()):
            _show(session, session.console, found, listed)
            _show_wrong(session, found)
            confirmed(session, _question(counts), yes=False)
        tokens = [each["token"] for each in found if each["waits"]]
        return _applied(session, parameters | {"accepted": tokens}) if found else []


def _show_wrong(session: Session, found: list[dict[str, Any]]) -> None:
    """Print how many of the labels to be added are expected to be wrong."""
    differences = [(each["changes"], each["labels"]) for each in found]
    for each in operations.policies.expected_wrong_of(session.workspace, differences):
        print_wrong(session.console, each)


def _question(counts: dict[str, int]) -> str:
    deeds = {"added": "add {}", "removed": "take back {}", "changed": "change {}"}
    said = [deeds[name].format(how_many(count, "label")) for name, count in counts.items() if count]
    return f"{', '.join(said)}?".capitalize()


def _then(session: Session, found: list[dict[str, Any]]) -> str:
    tokens = [each["token"] for each in found if each["waits"]]
    if tokens:
        return "cultivar policy apply " + " ".join(f"--accept {token}" for token in tokens)
    shown = [each["counts"] for each in found if each["application"] is None]
    if any(counts[name] for counts in shown for name in _CHANGES):
        return "cultivar policy apply"
    changed = any(_applied_counts(found).values())
    return "cultivar explore groups" if changed else after_classifying(session)


def _applied_counts(found: list[dict[str, Any]]) -> Counter[str]:
    """Return how many labels were added, removed and changed, where they were applied."""
    counts: Counter[str] = Counter()
    for each in found:
        if each["application"] is not None:
            counts.update({name: each["counts"][name] for name in _CHANGES})
    return counts


def _show_done(
    session: Session, console: "Console", found: list[dict[str, Any]], listed: int
) -> None:
    """Print what changed, and what that came to in a sentence, with the way back."""
    _show(session, console, found, listed)
    for each in found:
        if each["why"]:
            command = f"cultivar policy apply --accept {each['token']}"
            console.print(f"{each['why']} `{command}` applies exactly that.", markup=False)
    counts = _applied_counts(found)
    if not any(counts.values()):
        if any(each["application"] is not None for each in found):
            console.print("No label changed.")
        return
    said = how_many(counts["added"], "label")
    were = "was" if counts["added"] == 1 else "were"
    console.print(
        f"{said} {were} given, {counts['removed']:,} taken back, {counts['changed']:,} changed."
    )
    policies = operations.policies.list_policies(session.workspace, session.actor)
    names = [each.policy_id for each in policies if each.enabled and not each.undone]
    name = names[0] if len(names) == 1 else "NAME"
    console.print(f"To take back what a policy has labelled: `cultivar policy undo {name}`.")


def _changes(session: Session, found: dict[str, Any], count: int) -> "list[ChangedLabel]":
    return operations.policies.changed_items(
        session.workspace, session.actor, found["changes"], count
    )


def _show(
    session: Session, console: "Console", found: list[dict[str, Any]], listed: int = 0
) -> None:
    rows = [
        [each["location"], _state(each),
         *(f"{each['counts'][name]:,}" for name in (*_COUNTS, "kept for people"))]
        for each in found
    ]  # fmt: skip
    if found:
        show_table(console, _HEADINGS, rows)
    else:
        console.print("Nothing is due: every label follows from the newest.")
    for each in found:
        if listed or each["application"] is None:
            _list(session, console, each, listed or SHOWN)
    _show_undone(session, console)


def _state(found: dict[str, Any]) -> str:
    if found["application"] is not None:
        return "applied"
    return "waits to be accepted" if found["waits"] else "shown"


def _list(session: Session, console: "Console", found: dict[str, Any], count: int) -> None:
    """List what would change at a location, and say how to see the rest."""
    total = sum(found["counts"][name] for name in _CHANGES)
    try:
        rows = _changes(session, found, count) if total else []
    except NotPermitted as refused:
        console.print(f"Which items change is not shown: {refused.sentence}", markup=False)
        return
    if rows:
        title = f"{found['location']}: {how_many(total, 'change')}"
        cells = [[row.path, _change(row)] for row in rows]
        show_table(console, ("Item", "What changes"), cells, title=title)
    if total > len(rows):
        console.print(
            f"{total - len(rows):,} more; all of them: `cultivar policy apply {found['location']} "
            f"--preview --list {total}`",
            markup=False,
        )


def _change(row: "ChangedLabel") -> str:
    sentences = {"added": f"gets {row.after}", "removed": f"loses {row.before}"}
    return sentences.get(row.change, f"{row.before} becomes {row.after}")


def _show_undone(session: Session, console: "Console") -> None:
    """Say which enabled policies label nothing, as their newest version was undone."""
    for each in operations.policies.list_policies(session.workspace, session.actor):
        if each.enabled and each.undone:
            console.print(
                f"Version {each.version} of {each.name} was undone and labels nothing. "
                f"`cultivar policy update {each.policy_id}` makes version {each.version + 1}.",
                markup=False,
            )


@click.argument("name", required=False)
@click.option("--version", type=int, help="The policy's version; the newest if left out.")
@click.option(
    "--classifier-version", metavar="ID", help="Instead of a policy: a version of a classifier."
)
@click.option("--reason", default="", help="Why; it stays on record.")
@yes_option
def undo(
    session: Session,
    *,
    name: str | None,
    version: int | None,
    classifier_version: str | None,
    reason: str,
    yes: bool,
) -> None:
    """Take back what a version of the policy NAME, or of a classifier, has labelled. Asks once.

    What writers put into the content's own store goes as well; nothing else does. That version
    labels nothing from then on.
    """
    named = {"policy": name, "version": version, "classifier_version": classifier_version}
    undone, labels = operations.policies.plan_undo(session.workspace, session.actor, **named)  # type: ignore[arg-type]
    confirmed(session, _undo_question(undone, labels), yes)
    operations.policies.begin_undo(session.workspace, session.actor, reason=reason, **named)  # type: ignore[arg-type]
    parameters = {"undone": undone.subject, "actor": session.actor}
    (taken,) = run(session, "Undoing", ("undo_labels", parameters))
    session.answer(
        {"undone": undone.subject, "taken_back": taken},
        lambda console: _show_taken(console, undone, taken),
        f"cultivar policy update {undone.policy_id}"
        if undone.policy_id
        else "cultivar policy apply",
    )


def _undo_question(undone: "Undone", labels: dict[str, int]) -> str:
    places = [f"{count:,} at {location}" for location, count in labels.items() if count]
    total = how_many(sum(labels.values()), "label")
    at = f" ({', '.join(places)})" if places else ""
    return f"{_named(undone)} will label nothing any more. Take back {total}{at}?"


def _named(undone: "Undone") -> str:
    return f"{undone.name[:1].upper()}{undone.name[1:]}"


def _show_taken(console: "Console", undone: "Undone", taken: dict[str, int]) -> None:
    total = sum(taken.values())
    where = f" at {how_many(len(taken), 'location')}" if taken else ""
    were = "was" if total == 1 else "were"
    console.print(f"{how_many(total, 'label')} {were} taken back{where}.")
    console.print(f"{_named(undone)} labels nothing any more.")
    if undone.policy_id:
        console.print("The next version of the policy labels again, with or without a change.")


def add_to(policy: click.Group) -> None:
    """Add the commands to the group of policies."""
    command(
        policy,
        "apply",
        examples=(
            "cultivar policy apply --preview --list 20",
            "cultivar policy apply",
            "cultivar policy apply sites --yes",
            "cultivar policy apply sites --accept 0c9f1a2b3d4e",
        ),
        then="`cultivar policy undo NAME` takes it back. A script adds --yes.",
    )(apply)
    command(
        policy,
        "undo",
        examples=(
            'cultivar policy undo keep-contracts --reason "Too broad"',
            "cultivar policy undo --classifier-version contracts-0123456789ab",
        ),
    )(undo)
