"""The command that opts the tenant in.

The baseline behind it is the flow's.
"""

import shlex
from typing import TYPE_CHECKING

import click

from cli.base.flow_runs import run
from cli.base.help import command
from cli.base.session import Session
from cli.base.sources import add_place, require_folder
from cli.terminal.texts import strong
from cultivar import operations
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.operations.tenant.tenant import TenantState


@click.option(
    "--content",
    "folders",
    multiple=True,
    metavar="FOLDER",
    help="Add this folder or URL as a content location first; may be given again.",
)
def opt_in(session: Session, folders: tuple[str, ...]) -> None:
    """Opt the organisation in: crawl its content and take the baseline.

    Needed once, before the first classifier. Opting in again takes a new baseline.
    """
    urls = {folder: require_folder(folder) for folder in folders}  # what is refused sets nothing up
    session.set_up()
    known = {each.url for each in operations.content.locations(session.workspace)}
    for folder, url in urls.items():
        if url not in known:
            add_place(session, folder, "content")
    # What cannot begin is said at once, before an orchestrator is started.
    planned = operations.tenant.plan_opt_in(session.workspace, session.actor)
    content = [f"location:{each.name}" for each in planned]
    call = ("opt_in", {"actor": session.actor})
    run(session, "Opting in", call, subjects=["tenant:opt_in", *content])
    state = operations.tenant.tenant_state(session.workspace, session.actor)
    unread = operations.content.not_readable(session.workspace)
    kept = operations.content.locations(session.workspace, "content")
    empty = [each.name for each in kept if each.items_sha256 is None]
    session.answer(
        {"tenant": state, "not_readable": unread, "empty": empty},
        lambda console: _show(console, state, unread, empty),
        'cultivar create "NAME" --seeds FOLDER',
    )


def _show(
    console: "Console", state: "TenantState", unread: dict[str, int], empty: list[str]
) -> None:
    console.print(
        f"{state.name} is {strong(state.opt_in_status)}: the baseline covers "
        f"{how_many(state.baseline_documents, 'readable document')}."
    )
    for name, count in unread.items():
        console.print(
            f"{how_many(count, 'item')} of {name} could not be read: "
            f"`cultivar location show {shlex.quote(name)}` lists them with the reasons.",
            markup=False,
        )
    for name in empty:
        console.print(
            f"The location {name} holds no items, so it is left out. Where it was added by "
            f"mistake: `cultivar location remove {shlex.quote(name)}`.",
            markup=False,
        )


def add_to(program: click.Group) -> None:
    """Register the commands."""
    command(
        program,
        "opt-in",
        examples=("cultivar opt-in", "cultivar opt-in --content ./documents"),
        then="Collect 50 to 500 strong examples of one kind of document in a folder, then "
        "`cultivar create`.",
    )(opt_in)
