"""Commands of the web interface: the server, and keys to it.

Serving and the keys' rules are elsewhere.
"""

from typing import TYPE_CHECKING

import click

from cli.base.help import Sorted, command
from cli.base.session import Session, write_json
from cli.terminal.tables import show_table
from cultivar import operations
from cultivar.core.serialisation import as_json

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.operations.tenant.keys import Key


@click.option("--host", help="Address to listen on [default: from the settings].")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port; 0 takes a free one.")
def serve(session: Session, host: str | None, port: int | None) -> None:
    """Serve the console and the REST API until Ctrl-C.

    It listens on this machine alone unless told otherwise. The console has a sign-in; each request
    to the API sends a key. Trainings
    run on the workers of `cultivar up` where that runs, and in this process where not.
    """
    from processes import serve as web  # the web framework is slow to import

    settings = session.settings
    host, port = host or settings.web_host, settings.web_port if port is None else port
    if not web.is_loopback(host):
        session.tell("Keys and content travel unencrypted: put a server that speaks TLS in front.")
    web.serve(session.workspace, host, port, lambda address: _ready(session, address))
    session.tell("Stopped.")


def _ready(session: Session, address: str) -> None:
    if session.json:
        write_json({"url": address})
        return
    click.echo(f"Ready: {address}/console/ (the API's document is at {address}/openapi.json)")
    click.echo("`cultivar person invite PERSON` makes the link with which somebody first signs in.")
    click.echo("Ctrl-C stops.")


@click.group(cls=Sorted)
def key() -> None:
    """Make, list and revoke keys to the web interface."""


@click.argument("name")
@click.option("--person", help="The user that the key acts for [default: you].")
@click.option("--role", "roles", multiple=True, help="Act with this role only; may be repeated.")
@click.option("--days", default=90, show_default=True, help="How long it lasts.")
def create(
    session: Session, *, name: str, person: str | None, roles: tuple[str, ...], days: int
) -> None:
    """Create the key NAME and print it once.

    It acts as a person, with that person's roles or fewer. Only a global administrator makes keys
    for others.
    """
    made, text = operations.tenant.create_key(
        session.workspace, session.actor, name, person=person, roles=roles, days=days
    )
    session.answer(
        {"key": text} | as_json(made),
        lambda console: _show_made(console, made, text),
        "cultivar serve",
    )


def _show_made(console: "Console", made: "Key", text: str) -> None:
    console.print(text, markup=False)
    roles = ", ".join(made.roles) or "all roles held"
    console.print(
        f"It acts as {made.person} ({roles}) until {made.expires_at:%Y-%m-%d}. Keep it: it is not "
        "shown again.",
        markup=False,
    )


def list_keys(session: Session) -> None:
    """List your keys; everybody's, if you grant roles."""
    rows = operations.tenant.list_keys(session.workspace, session.actor)
    session.answer({"keys": rows}, lambda console: _table(console, rows))


def _table(console: "Console", rows: "list[Key]") -> None:
    if not rows:
        console.print("There is no key yet.")
        return
    cells = []
    for row in rows:
        roles = ", ".join(row.roles) or "all held"
        expires = f"{row.expires_at:%Y-%m-%d}"
        cells.append([row.id, row.name, row.person, roles, expires, row.state])
    show_table(console, ("Id", "Name", "Person", "Roles", "Expires", "State"), cells)


@click.argument("key_name", metavar="KEY")
def revoke(session: Session, key_name: str) -> None:
    """End the key with the id or name KEY, from its next request on."""
    ended = operations.tenant.revoke_key(session.workspace, session.actor, key_name)
    session.answer(
        ended,
        lambda console: console.print(f"{ended.name} ({ended.id}) is revoked.", markup=False),
    )


def add_to(program: click.Group) -> None:
    """Register the commands."""
    command(
        program,
        "serve",
        examples=("cultivar serve", "cultivar serve --port 9000"),
        then="`cultivar key create NAME` makes the key that each request sends.",
    )(serve)
    program.add_command(key)
    command(
        key,
        "create",
        examples=(
            "cultivar key create notebook",
            'cultivar key create reader --role "security administrator" --days 30',
        ),
        then="Send it as the header Ocp-Apim-Subscription-Key, or as a bearer token.",
    )(create)
    command(key, "list", examples=("cultivar key list", "cultivar key list --json"))(list_keys)
    command(key, "revoke", examples=("cultivar key revoke notebook",))(revoke)
