"""Who is meant by a name or an id: found once, where a call comes in, and made where it is new.

A person's name stays what outside callers pass; the id is what records keep.
"""

import secrets
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from cultivar.core.errors import NotPermitted
from cultivar.core.people.names import person_name
from cultivar.operations.lookups import unknown
from cultivar.settings import Settings, system_account
from cultivar.store.tables import BindingRow, PersonRow

ACCOUNT = "account"


def find_person(session: Session, name: str) -> PersonRow | None:
    """Return the person of that name or id; None where there is none."""
    wanted = or_(PersonRow.name == name, PersonRow.id == name)
    return session.scalars(select(PersonRow).where(wanted)).first()


def person_named(session: Session, name: str) -> PersonRow:
    """Return the person of that name or id.

    Raises:
        NotFound: code ``unknown-person``; the sentence offers near matches.
        NotPermitted: code ``person-erased``.
    """
    found = find_person(session, name)
    if found is None:
        known = select(PersonRow.name).where(PersonRow.erased_at.is_(None))
        raise unknown("person", name, session.scalars(known), {"person": name})
    require_not_erased(found)
    return found


def require_not_erased(person: PersonRow | None) -> None:
    """Do nothing unless the person was erased.

    Raises:
        NotPermitted: code ``person-erased``.
    """
    if person is not None and person.erased_at is not None:
        raise NotPermitted(
            "person-erased",
            f"Person {person.id} was erased on {person.erased_at:%Y-%m-%d}; nobody acts as them or "
            "is given anything in their place.",
            {"person": person.id},
        )


def ensure_person(session: Session, name: str, at: datetime) -> PersonRow:
    """Return the person of that name or id, made where the name is new, as a grant may name them.

    Raises:
        InvalidInput: codes ``empty-name``, ``bad-person-name``.
        NotPermitted: code ``person-erased``.
    """
    found = find_person(session, name)
    if found is None:
        found = PersonRow(
            id=_unused_id(session), name=person_name(name), former_names=[], added_at=at
        )
        session.add(found)
        # rows that name the person look the id up in the statement that writes them
        session.flush()
    require_not_erased(found)
    return found


def _unused_id(session: Session) -> str:
    while True:
        made = f"p-{secrets.token_hex(4)}"
        if session.get(PersonRow, made) is None:
            return made


def names_of_people(session: Session) -> dict[str, str]:
    """Return what each person's id shows as."""
    rows = session.execute(select(PersonRow.id, PersonRow.name))
    return {each.id: each.name for each in rows}


def id_of(session: Session, name: str) -> str:
    """Return the id behind a name that a record gave; the name itself where there is none."""
    found = find_person(session, name)
    return name if found is None else found.id


def bound_to(session: Session, account: str | None) -> str | None:
    """Return the person to whom an account of the system is bound, by name."""
    row = session.get(BindingRow, (ACCOUNT, account)) if account else None
    return row.person if row else None


def person_of_settings(session: Session, settings: Settings) -> str:
    """Return who acts where nobody is named: whoever is claimed, else whose account it is."""
    account = system_account()
    bound = bound_to(session, account) if settings.user == account else None
    return bound or settings.user
