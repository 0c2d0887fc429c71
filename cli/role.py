"""Commands about people: roles, and who may train a classifier.

What a role allows is the core's.
"""

from collections.abc import Callable
from inspect import cleandoc
from typing import Any, TypeVar

import click

from cli.base.confirmation import confirmed
from cli.base.help import Sorted, classifier_argument, command, yes_option
from cli.base.session import Session
from cli.terminal.tables import show_table
from cultivar import operations
from cultivar.core.roles import PERMISSIONS, Role

F = TypeVar("F", bound=Callable[..., Any])


def role_argument(function: F) -> F:
    """Add the argument ROLE, one of the roles there are, with completion."""
    choice = click.Choice([str(each) for each in Role], case_sensitive=False)
    return click.argument("role_name", metavar="ROLE", type=choice)(function)


def _what_roles_allow() -> str:
    """Return what each role allows, one to a line, as help prints it."""
    lines = []
    for each in Role:
        deeds = [str(action) for action, allowed in PERMISSIONS.items() if each in allowed.roles]
        lines.append(f'"{each}": {", ".join(deeds)}.')
    return "\n\n".join(lines)


@click.group(cls=Sorted)
def role() -> None:
    """Grant, revoke and list roles."""


@click.argument("person")
@role_argument
def grant(session: Session, person: str, role_name: str) -> None:
    """Grant ROLE to PERSON. No role implies another; a person may hold several.

    The roles, and what each allows:
    """
    operations.tenant.grant_role(session.workspace, session.actor, person, role_name)
    _show(session, person)


@click.argument("person")
@role_argument
def revoke(session: Session, person: str, role_name: str) -> None:
    """Revoke ROLE from PERSON."""
    operations.tenant.revoke_role(session.workspace, session.actor, person, role_name)
    _show(session, person)


@click.argument("person", required=False)
@click.option("--all", "everybody", is_flag=True, help="List everybody who holds a role.")
def list_roles(session: Session, *, person: str | None, everybody: bool) -> None:
    """List the roles of PERSON, or your own, or everybody's."""
    if person is not None and everybody:
        raise click.UsageError("Name a person, or give --all.")
    if not everybody:
        _show(session, person or session.actor)
        return
    found = operations.tenant.everybodys_roles(session.workspace, session.actor)
    rows = [[name, ", ".join(held)] for name, held in found.items()]
    session.answer(
        {"people": found}, lambda console: show_table(console, ("Person", "Roles"), rows)
    )


def _show(session: Session, person: str) -> None:
    held = operations.tenant.roles_of(session.workspace, session.actor, person)
    session.answer(
        {"person": person, "roles": held},
        lambda console: console.print(f"{person}: {', '.join(held) or 'no role'}", markup=False),
    )


@click.argument("switch", metavar="on|off", type=click.Choice(("on", "off")))
@yes_option
def entitlement(session: Session, switch: str, yes: bool) -> None:
    """Switch the organisation's entitlement to trainable classifiers on or off. Asks once.

    While it is off, every call is refused with `not-entitled`, except this one. Nothing is deleted.
    """
    told = "Work goes on." if switch == "on" else "Every other command is then refused."
    confirmed(session, f"Switch the entitlement {switch}? {told}", yes)
    operations.tenant.set_entitlement(session.workspace, session.actor, switch == "on")
    session.answer(
        {"entitled": switch == "on"},
        lambda console: console.print(f"The entitlement is {switch}."),
        "cultivar status" if switch == "on" else "cultivar role entitlement on",
    )


@classifier_argument
@click.argument("person")
def share(session: Session, name: str, person: str) -> None:
    """Let PERSON train, test and review the classifier NAME; only its creator may.

    PERSON also needs a role that may train: compliance administrator or compliance data
    administrator.
    """
    operations.classifiers.grant_trainer(session.workspace, session.actor, name, person)
    session.answer(
        {"classifier": name, "person": person},
        lambda console: console.print(f"{person} may train {name}.", markup=False),
    )


def add_to(program: click.Group) -> None:
    """Register the commands."""
    program.add_command(role)
    grant.__doc__ = f"{cleandoc(grant.__doc__ or '')}\n\n{_what_roles_allow()}"
    command(
        role,
        "grant",
        examples=(
            'cultivar role grant sam "record management"',
            'cultivar role grant sam "compliance administrator"',
        ),
        then="`cultivar grant NAME PERSON` lets a person train one classifier.",
    )(grant)
    command(role, "revoke", examples=('cultivar role revoke sam "compliance administrator"',))(
        revoke
    )
    command(
        role,
        "list",
        examples=(
            "cultivar role list",
            "cultivar role list sam --json",
            "cultivar role list --all",
        ),
    )(list_roles)
    command(
        role,
        "entitlement",
        examples=("cultivar role entitlement on", "cultivar role entitlement off --yes"),
    )(entitlement)
    command(program, "grant", examples=("cultivar grant complaints sam",))(share)
