"""The command that crawls locations, and what it says of each.

How a location is read is decided in ``content``.
"""

from typing import TYPE_CHECKING, Any

import click

from cli.base.crawls import crawl_location
from cli.base.defects import interrupted, told
from cli.base.help import command, location_argument
from cli.base.left_items import left_by, noticed_by, show_left, show_noticed
from cli.base.next_command import after_classifying
from cli.base.session import Session, write_json
from cli.terminal.texts import strong
from cultivar import operations
from cultivar.core.errors import CultivarError, NotReady
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from cultivar.operations.content.left_items import LeftItem
    from cultivar.operations.content.noticed import NoticedAt


@click.option(
    "--allow-mass-deletion",
    is_flag=True,
    help="Accept a crawl that finds less than half of the files, or none.",
)
@click.option(
    "--from-scratch",
    is_flag=True,
    help="Read every file again; mends damaged items.",
)
@click.option(
    "--retry",
    is_flag=True,
    help="Read again what could not be read, and compare every file with what was read of it.",
)
@location_argument
def crawl(session: Session, locations: tuple[str, ...], **how: bool) -> None:
    """Read what is new or changed in LOCATIONS, or in all of them.

    Where one location fails, the others are crawled all the same.
    """
    known = (
        [operations.content.location_named(session.workspace, each) for each in locations]
        if locations
        else operations.content.visible_locations(session.workspace, session.actor)
    )
    if not known:
        raise NotReady(
            "no-location", "There is no location yet. `cultivar location add NAME FOLDER` adds one."
        )
    counts: dict[str, dict[str, Any]] = {}
    failed: dict[str, CultivarError] = {}
    for each in known:
        try:
            counts[each.name] = crawl_location(session, each, **how)
        except Exception as error:
            if len(known) == 1 or interrupted(error):
                raise
            failed[each.name] = error if isinstance(error, CultivarError) else told(error)
    if not failed:
        answer: dict[str, Any] = {"crawled": counts}
        beside = _beside(session, counts)
        answer |= {"not_found_again": beside[0], "noticed": beside[1]}
        session.answer(answer, lambda console: _crawls(console, counts, *beside), _then(session))
        return
    refused = operations.content.not_all_crawled(len(counts), failed)
    if not session.json:
        _crawls(session.console, counts, *_beside(session, counts))
        raise refused
    write_json({"crawled": counts} | _errors(refused, failed))
    click.get_current_context().exit(1)


def _errors(refused: "CultivarError", failed: "Mapping[str, CultivarError]") -> dict[str, Any]:
    said = {name: {"code": each.code, "message": each.sentence} for name, each in failed.items()}
    return {"failed": said, "error": {"code": refused.code, "message": refused.sentence}}


def _then(session: Session) -> str:
    if operations.tenant.tenant_state(session.workspace, session.actor).opt_in_status != "opted in":
        return "cultivar opt-in"
    classifiers = operations.classifiers.list_classifiers(session.workspace, session.actor)
    if any(each.published_version for each in classifiers):
        return after_classifying(session)
    return 'cultivar create "NAME" --seeds SITE/FOLDER'


def _beside(
    session: Session, counts: dict[str, dict[str, Any]]
) -> "tuple[list[LeftItem], dict[str, NoticedAt]]":
    """Return what is named beside the counts: items not found again, and what was noticed."""
    return left_by(session, counts), noticed_by(session, counts)


def _crawls(
    console: "Console",
    counts: dict[str, dict[str, Any]],
    left: "list[LeftItem]",
    noticed: "dict[str, NoticedAt]",
) -> None:
    for name, found in counts.items():
        statuses = ", ".join(
            f"{number:,} {status}" for status, number in found["by_status"].items()
        )
        console.print(
            f"{strong(name)}: {how_many(found['items'], 'item')} in "
            f"{how_many(found['found'], 'file')}{_more_than_files(found)}"
            f"{statuses and f' ({statuses})'}; {found['added']:,} added, {_changed(found)}, "
            f"{found['deleted']:,} deleted, {_moved(found)}"
            f"{how_many(found['duplicates'], 'duplicate')}, "
            f"{how_many(found['near_duplicates'], 'near-duplicate')}"
        )
        if name in noticed:
            show_noticed(console, name, noticed[name])
        elif not found["complete"]:
            console.print(
                "  Some folders could not be listed, so nothing below them counts as deleted."
            )
    show_left(console, left)


def _changed(found: "Mapping[str, Any]") -> str:
    """Tell files that changed from those that are read again for another reason."""
    again = found["read_again"]
    why = f", {again:,} read again though unchanged" if again else ""
    return f"{found['changed'] - again:,} changed{why}"


def _moved(found: "Mapping[str, Any]") -> str:
    return f"{how_many(found['moved'], 'item')} moved, " if found["moved"] else ""


def _more_than_files(found: "Mapping[str, Any]") -> str:
    """Explain why there are more items than files, where there are."""
    several = found["items"] > found["found"]
    return ", as a mailbox or an archive holds several" if several else ""


def add_to(program: click.Group) -> None:
    """Register the command."""
    command(
        program,
        "crawl",
        examples=("cultivar crawl", "cultivar crawl sites mail"),
        then="Only what changed is read again. Unreadable files are listed with a reason, never "
        "dropped. After the first crawl: `cultivar opt-in`.",
    )(crawl)
