"""Commands that put policies' labels in force and take them back.

Evaluating, checking and applying are the flows'.
"""

from typing import TYPE_CHECKING, Any

import click

from flows.cli.session import Session
from flows.cli.teaching import command, location_argument

if TYPE_CHECKING:
    from rich.console import Console


@location_argument
@click.option("--preview", is_flag=True, help="Show what would change; change nothing.")
@click.option(
    "--accept", "accepted", multiple=True, metavar="TOKEN",
    help="Accept the difference with this token; may be repeated.",
)  # fmt: skip
@click.option("--list", "listed", default=0, metavar="N", help="List up to N changes a location.")
def apply(
    session: Session,
    *,
    locations: tuple[str, ...],
    preview: bool,
    accepted: tuple[str, ...],
    listed: int,
) -> None:
    """Apply every enabled policy at LOCATIONS, or to all content.

    Only what is new is assigned. Where another version of a policy or a classifier would take back
    or change labels, the difference is shown and waits until it is accepted.
    """
    from flows.cli.running import run

    parameters: dict[str, Any] = {"locations": list(locations) or None, "actor": session.actor}
    parameters |= {"accepted": list(accepted), "preview": preview}
    (found,) = run(session, "Applying policies", ("apply_policies", parameters))
    if listed:
        found = [each | {"changes": _changes(session, each, listed)} for each in found]
    waiting = [each["token"] for each in found if each["waits"]]
    then = "cultivar policy apply " + " ".join(f"--accept {token}" for token in waiting)
    session.answer(
        {"locations": found}, lambda console: _show(console, found), then if waiting else None
    )


def _changes(session: Session, found: dict[str, Any], count: int) -> list[dict[str, Any]]:
    from cultivar.operations.policy_changes import changed_items

    return changed_items(session.workspace, session.actor, found["changes"], count)


def _show(console: "Console", found: list[dict[str, Any]]) -> None:
    from flows.cli.tables import show_table

    names = ("items", "labels", "added", "removed", "changed", "unchanged", "kept for people")
    columns = ("Location", "State", *(name.capitalize() for name in names), "Token")
    rows = [
        [each["location"], _state(each), *(f"{each['counts'][name]:,}" for name in names),
         each["token"]]
        for each in found
    ]  # fmt: skip
    if not found:
        console.print("Nothing is due: every label follows from the newest.")
        return
    show_table(console, columns, rows)
    for each in found:
        if isinstance(each["changes"], list):
            _list(console, each)


def _state(found: dict[str, Any]) -> str:
    if found["application"] is not None:
        return f"applied ({found['application']})"
    return "waits to be accepted" if found["waits"] else "shown"


def _list(console: "Console", found: dict[str, Any]) -> None:
    from flows.cli.tables import Ids, show_table

    rows = [
        [row["item_id"], row["path"], row["change"], row["before"] or "", row["after"] or ""]
        for row in found["changes"]
    ]
    columns = (Ids("Item"), "Path", "Change", "Before", "After")
    show_table(console, columns, rows, title=found["location"], lead="Path")


@click.argument("name", required=False)
@click.option("--version", type=int, help="The policy's version; the newest if left out.")
@click.option(
    "--classifier-version", metavar="ID", help="Instead of a policy: a version of a classifier."
)
@click.option("--reason", default="", help="Why; it stays on record.")
def undo(
    session: Session,
    *,
    name: str | None,
    version: int | None,
    classifier_version: str | None,
    reason: str,
) -> None:
    """Take back what a version of the policy NAME, or of a classifier, has labelled.

    What writers put into the content's own store goes as well; nothing else does.
    """
    from cultivar.operations.policy_undoing import begin_undo
    from flows.cli.running import run

    undone = begin_undo(
        session.workspace,
        session.actor,
        policy=name,
        version=version,
        classifier_version=classifier_version,
        reason=reason,
    )
    parameters = {"undone": undone.subject, "actor": session.actor}
    (taken,) = run(session, "Undoing", ("undo_labels", parameters))
    total = sum(taken.values())
    session.answer(
        {"undone": undone.subject, "taken_back": taken},
        lambda console: console.print(
            f"{total:,} labels were taken back at {len(taken)} locations."
        ),
        "cultivar policy apply --preview",
    )


@click.option("--again", is_flag=True, help="Also what was given up or refused.")
def write(session: Session, *, again: bool) -> None:
    """Write labels into the content's own stores now, where policies ask for it.

    `cultivar up` does so every five minutes. What does not work is tried again, later each time,
    for about half a day; then it is given up, with its reason.
    """
    from cultivar.operations.write_queue import retry_writes, writes_standing
    from flows.cli.running import run

    if again:
        retry_writes(session.workspace, session.actor)
    (found,) = run(session, "Writing labels", ("write_labels", {"actor": session.actor}))
    standing = writes_standing(session.workspace, session.actor)
    session.answer(
        {"writes": found, "standing": standing}, lambda console: _writes(console, found, standing)
    )


def _writes(console: "Console", found: dict[str, int], standing: list[dict[str, Any]]) -> None:
    said = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in found.items())
    console.print(f"Writes: {said}.")
    for each in standing:
        if each["state"] == "failed":
            told = f"{each['writes']:,} of the writer {each['writer']} failed: {each['reason']}."
            console.print(f"{told} `cultivar policy write --again` tries them again.", markup=False)


@click.argument("location")
@click.argument("drive")
def drive(session: Session, location: str, drive: str) -> None:
    """State that the files of LOCATION are those of the Microsoft Graph drive DRIVE."""
    from cultivar.operations.write_queue import name_drive

    name_drive(session.workspace, session.actor, location, drive)
    session.answer(
        {"location": location, "drive": drive},
        lambda console: console.print(f"{location} is the drive {drive}.", markup=False),
    )


def add_to(policy: click.Group) -> None:
    """Add the commands to the group of policies."""
    command(
        policy,
        "apply",
        examples=(
            "cultivar policy apply --preview --list 20",
            "cultivar policy apply",
            "cultivar policy apply sites --accept 0c9f1a2b3d4e",
        ),
        then="`cultivar policy undo NAME` takes it back.",
    )(apply)
    command(
        policy,
        "undo",
        examples=(
            'cultivar policy undo keep-contracts --reason "Too broad"',
            "cultivar policy undo --classifier-version contracts-0123456789ab",
        ),
    )(undo)
    command(policy, "write", examples=("cultivar policy write", "cultivar policy write --again"))(
        write
    )
    command(policy, "drive", examples=("cultivar policy drive sites b!k3x",))(drive)
