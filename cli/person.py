"""Commands about people: who they are, what proves it, and how one is forgotten.

What is kept of whom, and what a redaction leaves provable, is the core's.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.base.confirmation import confirmed, confirmed_overwriting
from cli.base.files import written_aside
from cli.base.help import Sorted, command, yes_option
from cli.base.session import Session, json_text, write_json
from cli.terminal.tables import show_table
from cultivar import operations
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.operations.tenant import Erasure, Person


@click.group(cls=Sorted)
def person() -> None:
    """Add, bind, rename and erase people, and export what is kept of one."""


address_option = click.option("--address", help="Where they are reached, such as by mail.")


@click.argument("name")
@address_option
def add(session: Session, name: str, address: str | None) -> None:
    """Add a person. Records keep their id; the name stands in one place and can be erased there."""
    made = operations.tenant.add_person(session.workspace, session.actor, name, address)
    session.answer(
        made,
        lambda console: console.print(f"{made.name} is {made.id}.", markup=False),
        f'cultivar role grant "{made.name}" ROLE',
    )


def list_people(session: Session) -> None:
    """List everybody, and say who you are here and what proves it."""
    found = operations.tenant.list_people(session.workspace, session.actor)
    you = session.claimant
    session.answer(
        {"people": found, "you": you},
        lambda console: _show(console, found, session.who()),
    )


def _show(console: "Console", found: "list[Person]", you: str) -> None:
    rows = [
        [each.id, each.name, each.address or "", ", ".join(each.accounts), ", ".join(each.roles)]
        for each in found
    ]
    show_table(console, ("Id", "Name", "Address", "Accounts", "Roles"), rows)
    console.print(you, markup=False)


@click.argument("person_name", metavar="PERSON")
@click.argument("account")
@click.option("--remove", is_flag=True, help="Take the account from them again.")
def bind(session: Session, person_name: str, account: str, remove: bool) -> None:
    """Bind the system's ACCOUNT to PERSON, who then acts under it without CULTIVAR_USER.

    An account is a name of the operating system, as `id -un` prints it. It has one person; a person
    may have several.
    """
    change = operations.tenant.unbind if remove else operations.tenant.bind
    change(session.workspace, session.actor, person_name, account)
    said = f"{account} is not {person_name} any more." if remove else f"{account} is {person_name}."
    session.answer(
        {"person": person_name, "account": account, "bound": not remove},
        lambda console: console.print(said, markup=False),
    )


@click.argument("person_name", metavar="PERSON")
@click.argument("name")
@address_option
def rename(session: Session, person_name: str, name: str, address: str | None) -> None:
    """Give PERSON the new NAME; everything shows it from then on."""
    made = operations.tenant.rename_person(
        session.workspace, session.actor, person_name, name, address
    )
    session.answer(made, lambda console: console.print(f"{made.id} is {made.name}.", markup=False))


@click.argument("person_name", metavar="PERSON")
@click.option("--heir", metavar="PERSON", help="Who owns their classifiers from then on.")
@yes_option
def erase(session: Session, person_name: str, heir: str | None, yes: bool) -> None:
    """Erase PERSON: their name and address go, what they did stays under an id.

    Their roles, grants, keys and accounts end. Nothing brings the name back.
    """
    asked = (session.workspace, session.actor, person_name, heir)
    planned = operations.tenant.plan_erasure(*asked)
    if not session.json:
        _tell(session.console, planned)
    confirmed(session, f"Erase {person_name} ({planned.id})?", yes)
    done = operations.tenant.erase_person(*asked)
    session.answer(
        done,
        lambda console: console.print(
            f"Erased. Records show erased person {done.id}.", markup=False
        ),
        "cultivar audit verify",
    )


def _tell(console: "Console", planned: "Erasure") -> None:
    if planned.classifiers:
        console.print(f"{planned.heir} gets {', '.join(planned.classifiers)}.", markup=False)
    console.print(f"{how_many(planned.keys, 'key')} of theirs will end.")
    if planned.rows_redacted:
        rows = how_many(planned.rows_redacted, "row")
        console.print(f"{rows} of the audit log from before people had ids will be redacted.")
    for place, texts in planned.mentions.items():
        console.print(
            f"Left as it is: {how_many(texts, 'text')} in {place} that may hold the name.",
            markup=False,
        )


@click.argument("person_name", metavar="PERSON")
@click.option(
    "--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="Write this file."
)
@yes_option
def export(session: Session, person_name: str, target: Path | None, yes: bool) -> None:
    """Write all that is kept about PERSON as JSON, to standard output or a file."""
    found = operations.tenant.export_person(session.workspace, session.actor, person_name)
    if target is None:
        write_json(found)
        return
    confirmed_overwriting(session, target, yes)
    with written_aside(target) as file:
        file.write(json_text(found, indent=2))
    session.answer(
        {"person": person_name, "file": str(target)},
        lambda console: console.print(f"Written to {target}.", markup=False),
    )


@click.argument("person_name", metavar="PERSON")
def invite(session: Session, person_name: str) -> None:
    """Print, once, the link with which PERSON chooses a password for the console.

    It works once and for a day; a newer one takes its place. Who has forgotten a password gets
    another link, and the old password works until a new one is chosen.
    """
    made = operations.tenant.invite(session.workspace, session.actor, person_name)
    settings = session.settings
    link = f"http://{settings.web_host}:{settings.web_port}/console/set-up/{made.token}"

    def show(console: "Console") -> None:
        console.print(link, markup=False, soft_wrap=True)
        console.print(
            f"For {made.person}, once, until {made.expires_at:%Y-%m-%d %H:%M} UTC. Where another "
            "address leads to the console, put that in its place.",
            markup=False,
        )

    session.answer({"person": made.person, "link": link, "expires_at": made.expires_at}, show)


@click.argument("person_name", metavar="PERSON")
def sign_out(session: Session, person_name: str) -> None:
    """End all sessions of PERSON in the console."""
    ended = operations.tenant.sign_out_everywhere(session.workspace, session.actor, person_name)
    session.answer(
        {"person": person_name, "sessions": ended},
        lambda console: console.print(f"{how_many(ended, 'session')} ended."),
    )


@click.argument("choice", type=click.Choice(("accepted", "refused")))
def claims(session: Session, choice: str) -> None:
    """State whether a command line may act as somebody to whom its account is not bound.

    CULTIVAR_USER says who acts; it proves nothing. Refused, it is taken only where the account of
    the system is bound to that person. Whoever can write to the home can still get round it.
    """
    refused = choice == "refused"
    operations.tenant.set_unbound_claims(session.workspace, session.actor, refused=refused)
    session.answer(
        {"unbound_claims": choice},
        lambda console: console.print(f"Unbound claims are {choice}."),
    )


def add_to(program: click.Group) -> None:
    """Register the commands."""
    program.add_command(person)
    command(
        person,
        "add",
        examples=('cultivar person add "Kim Jones" --address kim@example.org',),
        then="`cultivar person bind NAME ACCOUNT` says under which account they work.",
    )(add)
    command(person, "list", examples=("cultivar person list", "cultivar person list --json"))(
        list_people
    )
    command(
        person,
        "bind",
        examples=(
            'cultivar person bind "Kim Jones" kjones',
            'cultivar person bind --remove "Kim Jones" kjones',
        ),
    )(bind)
    command(person, "rename", examples=('cultivar person rename "Kim Jones" "Kim Smith"',))(rename)
    command(
        person,
        "erase",
        examples=('cultivar person erase "Kim Jones" --heir sam',),
        then="`cultivar audit verify` shows that the log is whole.",
    )(erase)
    command(person, "export", examples=('cultivar person export "Kim Jones" --to kim.json',))(
        export
    )
    command(
        person,
        "invite",
        examples=('cultivar person invite "Kim Jones"',),
        then="`cultivar serve` or `cultivar up` serves the console.",
    )(invite)
    command(person, "sign-out", examples=('cultivar person sign-out "Kim Jones"',))(sign_out)
    command(person, "claims", examples=("cultivar person claims refused",))(claims)
