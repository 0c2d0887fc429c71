"""Commands about people: roles, and who may train a classifier.

What a role allows is the core's.
"""

import click

from flows.cli.session import Session
from flows.cli.teaching import Sorted, classifier_argument, command


@click.group(cls=Sorted)
def role() -> None:
    """Grant, revoke and list roles."""


@click.argument("person")
@click.argument("role_name", metavar="ROLE")
def grant(session: Session, person: str, role_name: str) -> None:
    """Give PERSON the role ROLE."""
    from cultivar.operations.people import grant_role

    grant_role(session.workspace, session.actor, person, role_name)
    _show(session, person)


@click.argument("person")
@click.argument("role_name", metavar="ROLE")
def revoke(session: Session, person: str, role_name: str) -> None:
    """Take the role ROLE from PERSON."""
    from cultivar.operations.people import revoke_role

    revoke_role(session.workspace, session.actor, person, role_name)
    _show(session, person)


@click.argument("person", required=False)
def list_roles(session: Session, person: str | None) -> None:
    """List the roles of PERSON, or your own."""
    _show(session, person or session.actor)


def _show(session: Session, person: str) -> None:
    from cultivar.operations.people import roles_of

    held = roles_of(session.workspace, session.actor, person)
    session.answer(
        {"person": person, "roles": held},
        lambda console: console.print(f"{person}: {', '.join(held) or 'no role'}", markup=False),
    )


@classifier_argument
@click.argument("person")
def share(session: Session, name: str, person: str) -> None:
    """Let PERSON train, test and review the classifier NAME; only its creator may.

    PERSON also needs a role that may train: compliance administrator or compliance data
    administrator.
    """
    from cultivar.operations.classifiers import grant_trainer

    grant_trainer(session.workspace, session.actor, name, person)
    session.answer(
        {"classifier": name, "person": person},
        lambda console: console.print(f"{person} may train {name}.", markup=False),
    )


def add_to(program: click.Group) -> None:
    """Add the commands of this room."""
    program.add_command(role)
    command(
        role,
        "grant",
        examples=('cultivar role grant sam "compliance administrator"',),
        then="`cultivar grant NAME PERSON` lets a person train one classifier.",
    )(grant)
    command(role, "revoke", examples=('cultivar role revoke sam "compliance administrator"',))(
        revoke
    )
    command(role, "list", examples=("cultivar role list", "cultivar role list sam --json"))(
        list_roles
    )
    command(program, "grant", examples=("cultivar grant complaints sam",))(share)
